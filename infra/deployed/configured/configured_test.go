package configured

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/infra/acceptance"
	"github.com/keyward/keyward/infra/emulator"
	"github.com/keyward/keyward/infra/emulator/emulatortest"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/session/devoidc"
)

const certificate = "arn:aws:acm:us-east-1:" + emulator.Account + ":certificate/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"

// The README's commands prepare an account, deploy, change a deployment and remove it; a mistake is told with what to do.
func TestMake_deploysWhatWasChosenAndRemovesIt(t *testing.T) {
	provider, issuer := emulatortest.Identities(t)
	o := newOperator(t)
	values := "issuer=" + issuer + " audience=" + devoidc.Audience + " signup=personal operators=" + emulatortest.Operator + " forbiddenExit=false environment=stage"

	o.refuses(t, values+" alarmMail=ops@example.com", `there is no context value "alarmMail": did you mean alarmEmail?`)
	o.refuses(t, values+" catalog="+o.catalog(t, "organization: { tier: basic,", "organization: { tier: base,"), "catalog.yaml breaks these rules: catalog: line ")
	o.refuses(t, values, "run `make bootstrap` once")
	o.must(t, "bootstrap", values, "")

	chosen := values + " kms=true throttleRate=200 throttleBurst=400 tableMaxWrites=5000 domainName=keys.example.com certificateArn=" + certificate + " catalog=" + o.catalog(t, "title: Billing Read", "title: Bills")
	outputs := o.deploy(t, chosen)
	if url := outputs["keyward"]["AdminDomainUrl"]; url != "https://keys.example.com/" {
		t.Errorf("AdminDomainUrl is %q", url)
	}
	target := emulatortest.Target(o.Emulator, outputs["keyward"], provider)
	assertAnswer(t, target, "alice", "/v1/catalog", http.StatusOK, `"title":"Bills"`)
	assertAnswer(t, target, "alice", "/healthz", http.StatusOK, `"ok"`)

	target = emulatortest.Target(o.Emulator, o.deploy(t, values+" kms=true refuseAll=true")["keyward"], provider)
	assertAnswer(t, target, "alice", "/v1/keys", http.StatusServiceUnavailable, "")
	assertAnswer(t, target, emulatortest.Operator, "/v1/catalog", http.StatusOK, `"title":"Billing Read"`)
	assertAnswer(t, target, "", "/v1/authorize/production/dns/zones", http.StatusServiceUnavailable, `"code":"unavailable"`)
	assertAnswer(t, target, "", "/healthz", http.StatusServiceUnavailable, `"refusing"`)

	if said := o.must(t, "destroy", values, "--force"); !strings.Contains(said, "What must not be lost stays") {
		t.Errorf("make destroy does not say what stays:\n%s", said)
	}
	o.keepsItsTable(t, outputs["keyward-data"]["TableName"])
	if response := get(t, target, "", "/healthz"); response.StatusCode == http.StatusOK {
		t.Error("the API still answers after make destroy")
	}
}

// refuses deploys where that must fail with a text.
func (o *operator) refuses(t *testing.T, context, want string) {
	t.Helper()
	written, err := o.make(t, "deploy", context, "--require-approval never")
	if err == nil || !strings.Contains(written, want) {
		t.Fatalf("make deploy CONTEXT=%q: %v, want %q in:\n%s", context, err, want, tail(written))
	}
}

func (o *operator) keepsItsTable(t *testing.T, name string) {
	t.Helper()
	if _, err := dynamo.NewClient(o.Config()).DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &name}); err != nil {
		t.Errorf("after make destroy: %v", err)
	}
}

// assertAnswer asks for a path as a member, or as nobody where the name is empty.
func assertAnswer(t *testing.T, target acceptance.Target, member, path string, status int, want string) {
	t.Helper()
	response := get(t, target, member, path)
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != status || !strings.Contains(string(body), want) {
		t.Errorf("GET %s as %q: %d %s, want %d and %q", path, member, response.StatusCode, body, status, want)
	}
}

func get(t *testing.T, target acceptance.Target, member, path string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if member != "" {
		request.Header.Set("Authorization", "Bearer "+target.Token(t, member))
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response
}
