package stack_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/httpapi"
)

// TestTableOutlivesMistakes is the promise that neither a removed stack nor a bad write loses keys.
func TestTableOutlivesMistakes(t *testing.T) {
	_, table := usual().data.only(t, "AWS::DynamoDB::Table")
	if table.DeletionPolicy != "Retain" || table.UpdateReplacePolicy != "Retain" {
		t.Errorf("deletion policy %s, update policy %s", table.DeletionPolicy, table.UpdateReplacePolicy)
	}
	attribute := func(name string) any { return map[string]any{"AttributeName": name, "AttributeType": "S"} }
	key := func(hash, sort string) any {
		return []any{
			map[string]any{"AttributeName": hash, "KeyType": "HASH"},
			map[string]any{"AttributeName": sort, "KeyType": "RANGE"},
		}
	}
	want := map[string]any{
		"AttributeDefinitions":             []any{attribute("pk"), attribute("sk"), attribute("due_pk"), attribute("due_sk")},
		"KeySchema":                        key("pk", "sk"),
		"BillingMode":                      "PAY_PER_REQUEST",
		"DeletionProtectionEnabled":        true,
		"PointInTimeRecoverySpecification": map[string]any{"PointInTimeRecoveryEnabled": true},
		"TimeToLiveSpecification":          map[string]any{"AttributeName": "ttl", "Enabled": true},
		"GlobalSecondaryIndexes": []any{map[string]any{
			"IndexName":  "due",
			"KeySchema":  key("due_pk", "due_sk"),
			"Projection": map[string]any{"ProjectionType": "KEYS_ONLY"},
		}},
	}
	if diff := cmp.Diff(want, table.Properties); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTheCustomersKeyEncryptsTableAndSecrets holds with kms=true; without it there is no key of ours to pay for.
func TestTheCustomersKeyEncryptsTableAndSecrets(t *testing.T) {
	if keys := usual().data.ids("AWS::KMS::Key"); keys != nil {
		t.Errorf("without kms there are keys: %v", keys)
	}
	d := optional()
	id, key := d.data.only(t, "AWS::KMS::Key")
	if key.DeletionPolicy != "Retain" || key.Properties["EnableKeyRotation"] != true {
		t.Errorf("key: %s, %v", key.DeletionPolicy, key.Properties["EnableKeyRotation"])
	}
	_, table := d.data.only(t, "AWS::DynamoDB::Table")
	encryption := map[string]any{
		"SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": map[string]any{"Fn::GetAtt": []any{id, "Arn"}},
	}
	if diff := cmp.Diff(encryption, table.Properties["SSESpecification"]); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	for _, secret := range d.data.ids("AWS::SecretsManager::Secret") {
		if by := d.data.Resources[secret].Properties["KmsKeyId"]; d.text(by) != "${"+id+".Arn}" {
			t.Errorf("%s is encrypted by %v", secret, by)
		}
	}
}

// TestAPreparedKeyEncryptsNothingYet is what lets a deployment change to a key without refusing anybody: functions may use it
// before there is anything to use it for, and after.
func TestAPreparedKeyEncryptsNothingYet(t *testing.T) {
	d := synthesize(map[string]string{"stackName": "other", "firstAdmin": "ada@example.com", "kms": "prepared"})
	key, _ := d.data.only(t, "AWS::KMS::Key")
	if _, table := d.data.only(t, "AWS::DynamoDB::Table"); table.Properties["SSESpecification"] != nil {
		t.Errorf("the table is encrypted: %v", table.Properties["SSESpecification"])
	}
	for _, secret := range d.data.ids("AWS::SecretsManager::Secret") {
		if by := d.data.Resources[secret].Properties["KmsKeyId"]; by != nil {
			t.Errorf("%s is encrypted by %v", secret, by)
		}
	}
	for _, row := range httpapi.Functions {
		granted := strings.Join(d.granted(t, d.function(t, "other", row.Name)), "\n")
		if may := strings.Contains(granted, "kms:Decrypt on ${"+key+".Arn}"); may != (len(row.Table) > 0) {
			t.Errorf("%s may use the key: %t", row.Name, may)
		}
	}
}

// TestPeppersStartAsARingOfOne is the form that shared/keyring reads.
func TestPeppersStartAsARingOfOne(t *testing.T) {
	_, peppers := usual().data.peppers(t)
	want := map[string]any{
		"SecretStringTemplate": `{"current":"k1"}`, "GenerateStringKey": "k1",
		"PasswordLength": 64.0, "ExcludePunctuation": true,
	}
	if diff := cmp.Diff(want, peppers.Properties["GenerateSecretString"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if peppers.DeletionPolicy != "Retain" {
		t.Errorf("deletion policy %s: without its peppers no key is worth anything", peppers.DeletionPolicy)
	}
}

// TestNobodyAddsThemselvesToTheUserPool holds because the first Admin is known by a verified e-mail alone.
func TestNobodyAddsThemselvesToTheUserPool(t *testing.T) {
	_, pool := usual().data.only(t, "AWS::Cognito::UserPool")
	if at(pool.Properties, "AdminCreateUserConfig", "AllowAdminCreateUserOnly") != true {
		t.Error("self sign-up is on")
	}
	if pool.Properties["MfaConfiguration"] != "ON" || pool.Properties["DeletionProtection"] != "ACTIVE" || pool.DeletionPolicy != "Retain" {
		t.Errorf("pool: %v, deletion policy %s", pool.Properties, pool.DeletionPolicy)
	}
	_, client := usual().data.only(t, "AWS::Cognito::UserPoolClient")
	if client.Properties["GenerateSecret"] != false {
		t.Error("the console, in a browser, is given a secret that it can't keep")
	}
	if diff := cmp.Diff([]any{"code"}, client.Properties["AllowedOAuthFlows"]); diff != "" {
		t.Errorf("flows (-want +got):\n%s", diff)
	}
	if pools := optional().data.ids("AWS::Cognito::UserPool"); pools != nil {
		t.Errorf("an issuer is given, and yet there is %v", pools)
	}
}

// TestOutputsSayWhereEverythingIs reads what cdk deploy prints.
func TestOutputsSayWhereEverythingIs(t *testing.T) {
	d := usual()
	admin, _ := d.service.named(t, "AWS::ApiGateway::RestApi", "Name", "keyward-admin")
	sample, _ := d.service.named(t, "AWS::ApiGateway::RestApi", "Name", "keyward-sample")
	pool, _ := d.data.only(t, "AWS::Cognito::UserPool")
	client, _ := d.data.only(t, "AWS::Cognito::UserPoolClient")
	table, _ := d.data.only(t, "AWS::DynamoDB::Table")
	domain, _ := d.data.only(t, "AWS::Cognito::UserPoolDomain")
	at := func(api, stage string) string {
		return "https://${" + api + "}.execute-api.${AWS::Region}.${AWS::URLSuffix}/" + stage + "/"
	}
	want := map[string]string{
		"SampleUrlProduction":  at(sample, "production"),
		"SampleUrlStaging":     at(sample, "staging"),
		"SampleUrlDevelopment": at(sample, "development"),
		"SampleUrlTest":        at(sample, "test"),
		"Issuer":               "${" + pool + ".ProviderURL}",
		"ClientId":             "${" + client + "}",
		"UserPoolId":           "${" + pool + "}",
		"LoginUrl":             "https://${" + domain + "}.auth.${AWS::Region}.amazoncognito.com",
		"TableName":            "${" + table + "}",
	}
	got := map[string]string{}
	for _, outputs := range []map[string]output{d.data.Outputs, d.service.Outputs} {
		for name, output := range outputs {
			if output.Export.Name == nil && name != "AdminApiUrl" {
				got[name] = d.text(output.Value)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	stages := usual().api(t, "keyward-admin").service.ids("AWS::ApiGateway::Stage")
	if url := d.text(d.service.Outputs["AdminApiUrl"].Value); url != at(admin, "${"+stages[0]+"}") {
		t.Errorf("AdminApiUrl is %s", url)
	}
}
