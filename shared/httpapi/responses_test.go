package httpapi

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
)

var responseSets = map[string][]GatewayResponse{"admin": AdminResponses(), "protected": ProtectedResponses()}

var variables = regexp.MustCompile(`\$[A-Za-z_.]*`)

// A context value that may hold what a caller wrote never enters a body: templates quote nothing.
func TestGatewayResponses_bodiesHoldNothingOfACaller(t *testing.T) {
	harmless := []string{"$context.requestId", "$context.authorizer." + ContextCode, "$context.authorizer." + ContextTitle, "$context.authorizer." + ContextError}
	for name, responses := range responseSets {
		for _, response := range responses {
			for _, variable := range variables.FindAllString(response.Body, -1) {
				if !slices.Contains(harmless, variable) {
					t.Errorf("%s %s: the body uses %s", name, response.Type, variable)
				}
			}
		}
	}
}

// What the authorizer puts into code, title and error stays inside the quotes of a body.
func TestGatewayResponses_valuesStayInsideTheirQuotes(t *testing.T) {
	for reason := range reasons {
		for _, name := range []string{ContextCode, ContextTitle, ContextError} {
			text, _ := verdictOf(t, reason).context[name].(string)
			if strings.ContainsAny(text, "\"\\$") || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' }) {
				t.Errorf("%s: %s = %q", reason, name, text)
			}
		}
	}
}

// Every template is one that API Gateway and the local gateway alike can fill in: a literal in single quotes, the
// request's id, or a value of the authorizer that the authorizer gives.
func TestGatewayResponses_headersAreKnown(t *testing.T) {
	given := verdictOf(t, apikey.RateLimited).context
	for name, responses := range responseSets {
		for _, response := range responses {
			for header, mapping := range response.Headers {
				value, fromAuthorizer := strings.CutPrefix(mapping, "context.authorizer.")
				literal := len(mapping) > 2 && mapping[0] == '\'' && mapping[len(mapping)-1] == '\''
				if !literal && mapping != "context.requestId" && (!fromAuthorizer || given[value] == nil) {
					t.Errorf("%s %s: the header %s is %s, which nobody can fill in", name, response.Type, header, mapping)
				}
			}
		}
	}
}

// Every gateway response has the envelope, the request's id and the three headers; each type is there once.
func TestGatewayResponses_haveTheEnvelope(t *testing.T) {
	for name, responses := range responseSets {
		seen := map[string]bool{}
		for _, response := range responses {
			if seen[response.Type] {
				t.Errorf("%s %s is there twice", name, response.Type)
			}
			seen[response.Type] = true
			assertEnvelope(t, name+" "+response.Type, response.Body)
			assertHeaders(t, name+" "+response.Type, response.Headers)
			if _, retries := response.Headers["Retry-After"]; retries != (response.Status == 429 || response.Status == 503) {
				t.Errorf("%s %s: status %d, Retry-After %t", name, response.Type, response.Status, retries)
			}
		}
	}
}

func assertEnvelope(t *testing.T, what, body string) {
	t.Helper()
	var envelope errorEnvelope
	if err := json.Unmarshal([]byte(body), &envelope); err != nil {
		t.Errorf("%s: the body is no JSON: %v", what, err)
	}
	if envelope.Status != "error" || envelope.Message == "" || envelope.Error == "" || envelope.Code == "" || envelope.RequestID != "$context.requestId" {
		t.Errorf("%s: the body lacks something: %s", what, body)
	}
}

func assertHeaders(t *testing.T, what string, headers map[string]string) {
	t.Helper()
	for _, header := range []string{"X-Request-Id", headerLimit, headerRemaining, headerReset} {
		if headers[header] == "" {
			t.Errorf("%s has no %s", what, header)
		}
	}
}

// What API Gateway answers without anybody's function can't know a principal.
func TestMocks_knowNobody(t *testing.T) {
	for name, mocks := range map[string][]Mock{"admin": AdminMocks(), "refusing": RefusingMocks(), "sample": SampleMocks()} {
		seen := map[string]bool{}
		for _, mock := range mocks {
			what := name + " " + mock.Method + " " + mock.Path
			if seen[what] {
				t.Errorf("%s is there twice", what)
			}
			seen[what] = true
			assertHeaders(t, what, mock.Response.Headers)
			for header, mapping := range mock.Response.Headers {
				if mapping != "context.requestId" && mapping[0] != '\'' {
					t.Errorf("%s: the header %s is %s", what, header, mapping)
				}
			}
			if strings.Contains(mock.Response.Body, "context.authorizer") {
				t.Errorf("%s: the body asks for a principal: %s", what, mock.Response.Body)
			}
			if mock.Path != "/healthz" || mock.Method == "ANY" {
				assertEnvelope(t, what, mock.Response.Body)
			}
		}
		if last := mocks[len(mocks)-1]; name == "sample" && (last.Path != "/{proxy+}" || last.Response.Status != 404) {
			t.Errorf("%s: the last is %s %d", name, last.Path, last.Response.Status)
		}
	}
}
