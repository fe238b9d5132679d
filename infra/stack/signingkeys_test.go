package stack_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/httpapi"
)

// TestTheSigningKeysAreNobodysButTheFunctions is the promise that no deployment ever sees, fills or empties the secret.
func TestTheSigningKeysAreNobodysButTheFunctions(t *testing.T) {
	for name, d := range map[string]deployment{"usual": usual(), "optional": optional()} {
		_, secret := d.data.signingKeys(t)
		for _, property := range []string{"GenerateSecretString", "SecretString"} {
			if value := secret.Properties[property]; value != nil {
				t.Errorf("%s: %s is %v", name, property, value)
			}
		}
		if secret.DeletionPolicy != "Retain" || secret.UpdateReplacePolicy != "Retain" {
			t.Errorf("%s: deletion policy %s, update policy %s", name, secret.DeletionPolicy, secret.UpdateReplacePolicy)
		}
	}
}

// TestADeploymentMakesTheFirstSigningKey is what CloudFormation asks of signingkeys, and who waits for it.
func TestADeploymentMakesTheFirstSigningKey(t *testing.T) {
	for algorithm, d := range map[string]deployment{"EdDSA": usual(), "ES256": optional()} {
		id, made := d.service.only(t, "Custom::SigningKeys")
		secret, _ := d.data.signingKeys(t)
		table, _ := d.data.only(t, "AWS::DynamoDB::Table")
		got := map[string]string{}
		for property, value := range made.Properties {
			got[property] = d.text(value)
		}
		function := d.functionID(t, "signingkeys")
		want := map[string]string{
			"ServiceToken": "${" + function + ".Arn}", "ServiceTimeout": "60",
			"Algorithm": algorithm, "Secret": "${" + secret + ".Id}", "Table": "${" + table + "}",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", algorithm, diff)
		}
		for _, row := range httpapi.Functions {
			if waits := slices.Contains(d.service.Resources[d.functionID(t, row.Name)].DependsOn, id); waits != row.Signing {
				t.Errorf("%s waits for the signing keys: %t, its row says %t", row.Name, waits, row.Signing)
			}
		}
	}
}

// functionID is the logical id of the function of that name.
func (d deployment) functionID(t *testing.T, name string) string {
	t.Helper()
	for _, id := range d.service.ids("AWS::Lambda::Function") {
		function, _ := d.service.Resources[id].Properties["FunctionName"].(string)
		if function == "keyward-"+name || function == "other-"+name {
			return id
		}
	}
	t.Fatalf("no function %s", name)
	return ""
}
