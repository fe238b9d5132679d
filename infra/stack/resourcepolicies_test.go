package stack_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNothingElseGivesRights looks at everything else in a template that can give somebody a right. Two resources have policies
// of their own: the customer's key, and the topic of alarms.
func TestNothingElseGivesRights(t *testing.T) {
	giving := []string{
		"AWS::IAM::", "AWS::DynamoDB::ResourcePolicy", "AWS::SecretsManager::ResourcePolicy", "AWS::Logs::ResourcePolicy", "AWS::S3::",
		"AWS::SQS::QueuePolicy", "AWS::Lambda::Url", "AWS::Lambda::LayerVersionPermission", "AWS::Lambda::Alias",
		"AWS::Lambda::Version", "AWS::Lambda::EventSourceMapping", "AWS::Events::", "AWS::Cognito::IdentityPool",
	}
	policies := []string{"Policy", "ResourcePolicy", "KeyPolicy", "PolicyDocument", "ResourcePolicyDocument"}
	for name, d := range deployments() {
		for stack, template := range map[string]template{"data": d.data, "service": d.service} {
			for id, resource := range template.Resources {
				if slices.ContainsFunc(giving, func(kind string) bool { return strings.HasPrefix(resource.Type, kind) }) &&
					(resource.Type != "AWS::IAM::Role" || stack != "service") {
					t.Errorf("%s: %s: %s is %s, which no test looks at", name, stack, id, resource.Type)
				}
				for _, property := range policies {
					looked := resource.Type == "AWS::KMS::Key" || resource.Type == "AWS::SNS::TopicPolicy"
					if resource.Properties[property] != nil && !looked {
						t.Errorf("%s: %s: %s has a policy of its own: %v", name, stack, id, resource.Properties[property])
					}
				}
			}
		}
	}
}

// TestTheCustomersKeyIsGovernedByTheAccount is what the policy of the customer's key says: whoever the account's own IAM lets,
// and nobody else. Secrets Manager is named only beside that.
func TestTheCustomersKeyIsGovernedByTheAccount(t *testing.T) {
	d := optional()
	_, key := d.data.only(t, "AWS::KMS::Key")
	root := `"Principal":{"AWS":"arn:${AWS::Partition}:iam::${AWS::AccountId}:root"},"Resource":"*"}`
	through := `"Condition":{"StringEquals":{"kms:ViaService":"secretsmanager.${AWS::Region}.amazonaws.com"}},"Effect":"Allow",`
	want := []string{
		`{"Action":"kms:*","Effect":"Allow",` + root,
		`{"Action":["kms:Decrypt","kms:Encrypt","kms:ReEncrypt*","kms:GenerateDataKey*"],` + through + root,
		`{"Action":["kms:CreateGrant","kms:DescribeKey"],` + through + root,
	}
	if diff := cmp.Diff(want, d.statements(at(key.Properties, "KeyPolicy"))); diff != "" {
		t.Errorf("(-want +template):\n%s", diff)
	}
}

// TestOnlyCloudWatchOfTheAccountTellsOfAlarms is what the policy of the alarms' topic says.
func TestOnlyCloudWatchOfTheAccountTellsOfAlarms(t *testing.T) {
	d := optional()
	topic, _ := d.service.only(t, "AWS::SNS::Topic")
	_, policy := d.service.only(t, "AWS::SNS::TopicPolicy")
	want := []string{
		`{"Action":"sns:Publish","Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny","Principal":"*","Resource":"${` + topic + `}","Sid":"AllowPublishThroughSSLOnly"}`,
		`{"Action":"sns:Publish","Condition":{"StringEquals":{"aws:SourceAccount":"${AWS::AccountId}"}},"Effect":"Allow",` +
			`"Principal":{"Service":"cloudwatch.amazonaws.com"},"Resource":"${` + topic + `}","Sid":"1"}`,
	}
	if diff := cmp.Diff(want, d.statements(policy.Properties["PolicyDocument"])); diff != "" {
		t.Errorf("(-want +template):\n%s", diff)
	}
	if topics := usual().service.ids("AWS::SNS::TopicPolicy"); topics != nil {
		t.Errorf("nobody is told of alarms, and yet there is %v", topics)
	}
}

// statements are those of a policy, as JSON.
func (d deployment) statements(policy any) []string {
	var statements []string
	for _, statement := range list(at(policy, "Statement")) {
		statements = append(statements, string(must(json.Marshal(d.resolved(statement)))))
	}
	return statements
}
