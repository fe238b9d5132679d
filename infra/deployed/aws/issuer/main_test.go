package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
)

func TestMain(m *testing.M) {
	defer jsii.Close()
	m.Run()
}

// template is the stack's, as text.
func template(t *testing.T, at string) string {
	t.Helper()
	app := awscdk.NewApp(nil)
	if err := build(app, "kw-accept-oidc", `{"keys":[]}`, at); err != nil {
		t.Fatal(err)
	}
	stack := app.Node().FindChild(jsii.String("kw-accept-oidc")).(awscdk.Stack)
	text, err := json.Marshal(assertions.Template_FromStack(stack, nil).ToJSON())
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), `\"`, "'")
}

// On AWS the issuer is the API's own address; on an emulator it is where that is reached.
func TestIssuer_isWhereTheDocumentsAre(t *testing.T) {
	const own = `{"Ref":"AWS::URLSuffix"},"/oidc','jwks_uri':'https://",{"Ref":"`
	if text := template(t, ""); !strings.Contains(text, own) {
		t.Errorf("the template has no %s: %s", own, text)
	}
	const elsewhere = `"/oidc','jwks_uri':'http://127.0.0.1:1/_aws/execute-api/",{"Ref":"`
	if text := template(t, "http://127.0.0.1:1/_aws/execute-api/{api}/oidc"); !strings.Contains(text, elsewhere) {
		t.Errorf("the template has no %s: %s", elsewhere, text)
	}
}

func TestIssuer_takesNoKeysThatATemplateWouldRead(t *testing.T) {
	if err := build(awscdk.NewApp(nil), "kw-accept-oidc", `{"keys":["$input"]}`, ""); err == nil {
		t.Error("a variable was taken")
	}
}
