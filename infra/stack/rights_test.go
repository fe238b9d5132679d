package stack_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/httpapi"
)

// TestEveryRoleIsOneOfThese knows each role of both stacks: who may be it, what it may do where it is no function's, and that
// there are no others. A function's is compared with its row elsewhere.
func TestEveryRoleIsOneOfThese(t *testing.T) {
	for name, d := range deployments() {
		want := map[string]role{"SchedulerRole": {
			Trusts: `{"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"${AWS::AccountId}"}},"Effect":"Allow","Principal":{"Service":"scheduler.amazonaws.com"}}`,
			May:    []string{"lambda:InvokeFunction on ${" + d.functionID(t, "cleanup") + ".Arn}"},
		}}
		if name == "usual" { // the optional one leaves the account's logging role alone
			want["LoggingRole"] = role{
				Trusts:  `{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"}}`,
				Managed: []string{"arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"},
			}
		}
		for _, row := range httpapi.Functions {
			function := d.service.Resources[d.functionID(t, row.Name)]
			want[at(function.Properties, "Role", "Fn::GetAtt", 0).(string)] = role{
				Trusts: `{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"}}`,
				May:    d.granted(t, function),
			}
		}
		got := map[string]role{}
		for _, id := range d.service.ids("AWS::IAM::Role") {
			got[id] = d.role(t, id)
		}
		named := map[string]role{}
		for id, role := range got { // the two that are no function's have an id with CDK's hash at its end
			for _, known := range []string{"SchedulerRole", "LoggingRole"} {
				if strings.HasPrefix(id, known) {
					id = known
				}
			}
			named[id] = role
		}
		if diff := cmp.Diff(want, named); diff != "" || len(named) != len(got) {
			t.Errorf("%s (-want +template):\n%s", name, diff)
		}
	}
}

// role is a role as a template has it.
type role struct {
	Trusts       string // the one statement of its trust policy
	May, Managed []string
}

func (d deployment) role(t *testing.T, id string) role {
	t.Helper()
	properties := d.service.Resources[id].Properties
	for property := range properties {
		if !slices.Contains([]string{"AssumeRolePolicyDocument", "Policies", "ManagedPolicyArns"}, property) {
			t.Errorf("%s has %s, which no test looks at", id, property)
		}
	}
	r := role{May: d.allowed(d.service.Resources[id])}
	r.Trusts = strings.Join(d.statements(properties["AssumeRolePolicyDocument"]), " ")
	for _, managed := range list(properties["ManagedPolicyArns"]) {
		r.Managed = append(r.Managed, d.text(managed))
	}
	return r
}

// resolved is a value whose references are written as text does.
func (d deployment) resolved(value any) any {
	fields, ok := value.(map[string]any)
	if !ok {
		return value
	}
	if fields["Ref"] != nil || fields["Fn::GetAtt"] != nil || fields["Fn::Join"] != nil {
		return d.text(value)
	}
	resolved := map[string]any{}
	for name, field := range fields {
		resolved[name] = d.resolved(field)
	}
	return resolved
}

// TestAFunctionIsCalledByItsOwnAPIsOnly compares every permission to call a function with the table of routes, both ways: an
// API may call the functions of its routes, its authorizer may call the function authorizer, and nobody else anything.
// Cleanup is called through the scheduler's role, retier by an operator's, signingkeys by CloudFormation as who deploys.
func TestAFunctionIsCalledByItsOwnAPIsOnly(t *testing.T) {
	for name, d := range deployments() {
		var want []string
		for suffix, routes := range map[string][]httpapi.Route{"-admin": httpapi.Routes, "-sample": httpapi.SampleRoutes} {
			api, _ := d.service.named(t, "AWS::ApiGateway::RestApi", "Name", d.prefix(t)+suffix)
			arn := "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${" + api + "}/"
			for _, route := range routes {
				want = append(want, "apigateway.amazonaws.com as "+arn+"*/*/* calls "+route.Function)
			}
			for _, id := range d.service.ids("AWS::ApiGateway::Authorizer") {
				if at(d.service.Resources[id].Properties, "RestApiId", "Ref") == api {
					want = append(want, "apigateway.amazonaws.com as "+arn+"authorizers/${"+id+"} calls authorizer")
				}
			}
		}
		slices.Sort(want)
		if diff := cmp.Diff(slices.Compact(want), d.permissions(t)); diff != "" {
			t.Errorf("%s (-table +template):\n%s", name, diff)
		}
	}
}

// permissions are all AWS::Lambda::Permission, a line each.
func (d deployment) permissions(t *testing.T) []string {
	t.Helper()
	names := map[string]string{}
	for _, row := range httpapi.Functions {
		names["${"+d.functionID(t, row.Name)+".Arn}"] = row.Name
	}
	var lines []string
	for _, id := range d.service.ids("AWS::Lambda::Permission") {
		permission := maps.Clone(d.service.Resources[id].Properties)
		if permission["Action"] != "lambda:InvokeFunction" || len(permission) != 4 {
			t.Errorf("%s: %v", id, permission)
		}
		lines = append(lines, d.text(permission["Principal"])+" as "+d.text(permission["SourceArn"])+" calls "+names[d.text(permission["FunctionName"])])
	}
	slices.Sort(lines)
	return lines
}

// TestAStatementSaysNothingThatIsNotCompared keeps NotAction, NotResource, a condition or a principal from hiding in a
// function's policy.
func TestAStatementSaysNothingThatIsNotCompared(t *testing.T) {
	for name, d := range deployments() {
		for _, id := range d.service.ids("AWS::IAM::Role") {
			for _, policy := range list(d.service.Resources[id].Properties["Policies"]) {
				for _, statement := range list(at(policy, "PolicyDocument", "Statement")) {
					if hidden := hiddenIn(statement); hidden != nil {
						t.Errorf("%s: %s: a statement has %v", name, id, hidden)
					}
				}
			}
		}
	}
}

// hiddenIn are the parts of a statement that the line about it does not tell.
func hiddenIn(statement any) []string {
	var hidden []string
	for part, value := range statement.(map[string]any) {
		through, within := at(value, "StringEquals", "kms:ViaService"), at(value, "ForAllValues:StringEquals", "dynamodb:LeadingKeys")
		switch {
		case slices.Contains([]string{"Sid", "Effect", "Action", "Resource"}, part):
		case part == "Condition" && through != nil && len(value.(map[string]any)) == 1 && len(at(value, "StringEquals").(map[string]any)) == 1:
		case part == "Condition" && within != nil && len(value.(map[string]any)) == 1 && len(at(value, "ForAllValues:StringEquals").(map[string]any)) == 1:
		default:
			hidden = append(hidden, part)
		}
	}
	return hidden
}

func deployments() map[string]deployment {
	return map[string]deployment{"usual": usual(), "optional": optional()}
}

// prefix is what the deployment's names begin with.
func (d deployment) prefix(t *testing.T) string {
	t.Helper()
	name := d.service.Resources[d.functionID(t, "create")].Properties["FunctionName"].(string)
	return strings.TrimSuffix(name, "-create")
}
