package iam

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/keyward/keyward/infra/emulator"
)

// account is the AWS account that keyward is deployed to, seen by its root. Its few requests are signed by hand: a client of
// IAM and one of Lambda would be two modules for four calls.
type account struct{ *emulator.Emulator }

// configuration is how a function is configured, as far as it matters here.
type configuration struct {
	Role          string // its ARN
	Timeout       int
	LoggingConfig struct{ LogGroup string }
	Environment   struct{ Variables map[string]string }
}

func (a account) configuration(t testing.TB, function string) configuration {
	t.Helper()
	var c configuration
	a.decode(t, a.send(t, "lambda", "GET", functionPath(function, "configuration"), nil, nil), &c)
	return c
}

// restart ends the processes of a function: the next request starts one.
func (a account) restart(t testing.TB, function string) {
	t.Helper()
	body := fmt.Sprintf(`{"Timeout": %d}`, a.configuration(t, function).Timeout) // set anew: processes end, all stays as it is
	a.send(t, "lambda", "PUT", functionPath(function, "configuration"), nil, []byte(body))
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
	a.send(t, "lambda", "PUT", functionPath(function, "configuration"), nil, body)
}

// invoke calls a function as an operator, or the schedule, does.
func (a account) invoke(t testing.TB, function, event string) outcome {
	about := "invoke " + function + " " + event
	response, status, err := a.try(t, "lambda", "POST", functionPath(function, "invocations"), nil, []byte(event))
	switch {
	case err != nil:
		return outcome{about: about, text: err.Error()}
	case status != http.StatusOK:
		return outcome{about, status, response.text}
	case response.Get("X-Amz-Function-Error") != "" || failures.MatchString(response.text):
		return outcome{about, http.StatusServiceUnavailable, response.text} // nobody but who invokes it sees it: any error will do
	default:
		return outcome{about, http.StatusOK, response.text}
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
	headers := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	return a.send(t, "iam", "POST", "/", headers, []byte(form.Encode())).text
}

// logged is what a log group has taken in since then.
func (a account) logged(t testing.TB, group string, since time.Time) string {
	t.Helper()
	var got struct{ Events []struct{ Message string } }
	headers := map[string]string{"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Logs_20140328.FilterLogEvents"}
	body := fmt.Sprintf(`{"logGroupName": %q, "startTime": %d}`, group, since.UnixMilli())
	a.decode(t, a.send(t, "logs", "POST", "/", headers, []byte(body)), &got)
	var lines strings.Builder
	for _, event := range got.Events {
		lines.WriteString(strings.TrimSpace(event.Message) + "\n")
	}
	return lines.String()
}

// said is an answer of AWS that was read to its end.
type said struct {
	http.Header
	text string
}

func (a account) decode(t testing.TB, from said, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(from.text), into); err != nil {
		t.Fatalf("%s: %v", from.text, err)
	}
}

// send sends a signed request, which has to succeed.
func (a account) send(t testing.TB, service, method, path string, headers map[string]string, body []byte) said {
	t.Helper()
	response, status, err := a.try(t, service, method, path, headers, body)
	if err != nil || status >= 300 {
		t.Fatalf("%s %s %s: %d %s %v", service, method, path, status, response.text, err)
	}
	return response
}

// try sends a signed request. It fails no test, so that goroutines may use it.
func (a account) try(t testing.TB, service, method, path string, headers map[string]string, body []byte) (said, int, error) {
	request, err := http.NewRequestWithContext(t.Context(), method, a.URL+path, bytes.NewReader(body))
	if err != nil {
		return said{}, 0, err
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	root, err := a.Config().Credentials.Retrieve(t.Context())
	if err != nil {
		return said{}, 0, err
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(t.Context(), root, request, hex.EncodeToString(sum[:]), service, emulator.Region, time.Now()); err != nil {
		return said{}, 0, err
	}
	response, err := client.Do(request)
	if err != nil {
		return said{}, 0, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return said{response.Header, string(text)}, response.StatusCode, err
}

// client waits for no answer longer than the slowest function may take.
var client = &http.Client{Timeout: 40 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 32}}
