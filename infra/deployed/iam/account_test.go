package iam

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/deployed/signed"
	"github.com/keyward/keyward/infra/emulator"
)

// account is the AWS account that keyward is deployed to, seen by its root.
type account struct{ *emulator.Emulator }

// configuration is how a function is configured, as far as it matters here.
type configuration struct {
	Role          string // its ARN
	LoggingConfig struct{ LogGroup string }
	Environment   struct{ Variables map[string]string }
}

func (a account) configuration(t testing.TB, function string) configuration {
	t.Helper()
	var c configuration
	decode(t, a.ask(t, signed.Request{Service: "lambda", Method: http.MethodGet, Path: functionPath(function, "configuration")}), &c)
	return c
}

// restart ends the processes of a function: the next request starts one.
func (a account) restart(t testing.TB, function string) {
	t.Helper()
	if err := signed.Restart(t.Context(), a.Config(), function); err != nil {
		t.Fatal(err)
	}
}

// configure sets a variable in a function's environment.
func (a account) configure(t testing.TB, function, variable, value string) {
	t.Helper()
	environment := a.configuration(t, function).Environment
	environment.Variables[variable] = value
	body, err := json.Marshal(map[string]any{"Environment": environment})
	if err != nil {
		t.Fatal(err)
	}
	a.ask(t, signed.Request{Service: "lambda", Method: http.MethodPut, Path: functionPath(function, "configuration"), Body: string(body)})
}

// invoke calls a function as an operator, or the schedule, does.
func (a account) invoke(t testing.TB, function, event string) outcome {
	about := "invoke " + function + " " + event
	answer, err := signed.Call(t.Context(), a.Config(), signed.Request{Service: "lambda", Path: functionPath(function, "invocations"), Body: event})
	switch {
	case err != nil:
		return outcome{about: about, text: err.Error()}
	case answer.Status != http.StatusOK:
		return outcome{about, answer.Status, answer.Text}
	case answer.Header.Get("X-Amz-Function-Error") != "" || failures.MatchString(answer.Text):
		return outcome{about, http.StatusServiceUnavailable, answer.Text} // nobody but who invokes it sees it: any error will do
	default:
		return outcome{about, http.StatusOK, answer.Text}
	}
}

// failures is how a function tells of what it could not do of a batch.
var failures = regexp.MustCompile(`"failed": *[1-9]`)

func functionPath(function, what string) string {
	return "/2015-03-31/functions/" + function + "/" + what
}

// policy is what the one inline policy of a role says.
func (a account) policy(t testing.TB, role string) document {
	t.Helper()
	var got struct {
		Document string `xml:"GetRolePolicyResult>PolicyDocument"`
	}
	if err := xml.Unmarshal([]byte(a.iam(t, "GetRolePolicy", role, "")), &got); err != nil {
		t.Fatal(err)
	}
	text, err := url.QueryUnescape(got.Document)
	if err != nil {
		t.Fatal(err)
	}
	var policy document
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return policy
}

// grant makes policy the one inline policy of a role.
func (a account) grant(t testing.TB, role string, policy document) {
	t.Helper()
	text, err := json.Marshal(policy)
	if err != nil {
		t.Fatal(err)
	}
	a.iam(t, "PutRolePolicy", role, string(text))
}

// policyName is the name that infra/stack gives the inline policy of a function's role.
const policyName = "row"

func (a account) iam(t testing.TB, action, role, policy string) string {
	t.Helper()
	form := url.Values{"Action": {action}, "Version": {"2010-05-08"}, "RoleName": {role}, "PolicyName": {policyName}}
	if policy != "" {
		form.Set("PolicyDocument", policy)
	}
	return a.ask(t, signed.Request{Service: "iam", MediaType: signed.Form, Body: form.Encode()})
}

// logged is what a log group has taken in since then.
func (a account) logged(t testing.TB, group string, since time.Time) string {
	t.Helper()
	var got struct{ Events []struct{ Message string } }
	body := fmt.Sprintf(`{"logGroupName": %q, "startTime": %d}`, group, since.UnixMilli())
	decode(t, a.ask(t, signed.Request{Service: "logs", MediaType: signed.JSON, Target: "Logs_20140328.FilterLogEvents", Body: body}), &got)
	var lines strings.Builder
	for _, event := range got.Events {
		lines.WriteString(strings.TrimSpace(event.Message) + "\n")
	}
	return lines.String()
}

// decode reads an answer of JSON.
func decode(t testing.TB, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// ask sends a request that has to succeed.
func (a account) ask(t testing.TB, request signed.Request) string {
	t.Helper()
	answer, err := signed.Must(t.Context(), a.Config(), request)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Text
}
