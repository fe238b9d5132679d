package broken

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// outcome is what a function answers: the fields of every kind of answer that there is.
type outcome struct {
	failure error

	StatusCode int    `json:"statusCode"`
	Body       string `json:"body"`

	PolicyDocument struct {
		Statement []struct {
			Effect   string
			Resource []string
		}
	} `json:"policyDocument"`
	Context         map[string]any `json:"context"`
	IsAuthorized    bool           `json:"isAuthorized"`
	ResolverContext map[string]any `json:"resolverContext"`
	APIKey          string         `json:"usageIdentifierKey"`
}

// allows reports whether an authorizer lets the request pass.
func (o outcome) allows() bool {
	for _, statement := range o.PolicyDocument.Statement {
		if statement.Effect == "Allow" && o.APIKey != "refused" {
			return true
		}
	}
	return o.IsAuthorized
}

// principal is who is let in, for what: all that the authorizer says of it but for how much is left.
func (o outcome) principal() map[string]any {
	who := map[string]any{}
	for _, name := range []string{"principal", "key_id", "organization", "owner", "issuer", "environment", "permissions", "roles", "operator"} {
		who[name] = o.Context[name]
		if o.ResolverContext != nil {
			who[name] = o.ResolverContext[name]
		}
	}
	return who
}

// failures are what Lambda's runtime fails with where it can't read an event, and an authorizer where it lets nobody in. API
// Gateway makes a 401 of the first authorizer's, and a 503 of all others.
var failures = regexp.MustCompile(`^(Unauthorized|keyward could not decide|reading the event: .*|the event is none of .*|json: .*|.*cannot unmarshal.*)$`)

// operatorsOnly are functions that no caller reaches: they tell an operator what is wrong.
var operatorsOnly = []string{"cleanup", "retier", "replay", "signingkeys"}

// check holds an outcome to what may become of a broken event; whole is what became of the event before it was broken.
func (o outcome) check(t *testing.T, event, function, path, what string, whole outcome) {
	t.Helper()
	switch {
	case slices.Contains(operatorsOnly, function):
		return // that it did not panic is all
	case o.failure != nil:
		if !failures.MatchString(o.failure.Error()) {
			t.Errorf("%s: fails with %q", event, o.failure)
		}
	case function == "authorizer":
		o.checkAuthorized(t, event, path, whole)
	case path == ".requestContext.authorizer.code" && what == "a text": // a refusal of tomorrow: httpapi's tests say what becomes of it
	case o.StatusCode >= http.StatusInternalServerError || o.StatusCode < http.StatusOK:
		t.Errorf("%s: status %d %s", event, o.StatusCode, o.Body)
	case o.StatusCode < http.StatusBadRequest && refused(whole) && !harmless(path):
		t.Errorf("%s: status %d, where the whole event is refused with %d: %s", event, o.StatusCode, whole.StatusCode, o.Body)
	case o.StatusCode < http.StatusBadRequest && decides(needed, path) && guarded(function):
		t.Errorf("%s: status %d %s", event, o.StatusCode, o.Body)
	}
}

func refused(o outcome) bool { return o.failure != nil || o.StatusCode >= http.StatusBadRequest }

// guarded reports whether a function stands behind the authorizer, and answers by what that says.
func guarded(function string) bool {
	return !slices.Contains([]string{"verify", "jwks", "catalog", "sample"}, function)
}

// needed is what a function needs to know of its caller, and decisive what an authorizer needs to let anybody in.
var (
	needed   = []string{".requestContext", ".requestContext.authorizer", ".requestContext.authorizer.code"}
	decisive = []string{
		".type", ".path", ".httpMethod", ".stageVariables", ".stageVariables.keyward_environment", ".stageVariables.keyward_service",
		".version", ".rawPath", ".requestContext.http", ".requestContext.http.method", ".authorizationToken", ".requestContext.apiId",
		".requestContext.routeKey",
	}
)

func decides(list []string, path string) bool { return slices.Contains(list, path) }

// harmless reports whether a part of an event may turn a refusal into an answer: what the request asks for, and not who asks.
func harmless(path string) bool {
	return !strings.HasPrefix(path, ".requestContext.authorizer")
}

// checkAuthorized holds an authorizer to the whole event's decision: whoever is let in is who would have been, and without what
// decides nobody is.
func (o outcome) checkAuthorized(t *testing.T, event, path string, whole outcome) {
	t.Helper()
	switch {
	case !o.allows():
	case !whole.allows() && strings.HasPrefix(path, ".multiValueHeaders.X-API-Key"): // the sample of two keys, with one of them
	case !whole.allows():
		t.Errorf("%s: allowed, where the whole event is refused: %+v", event, o)
	case decides(decisive, path) && whole.decidedBy(path):
		t.Errorf("%s: allowed: %+v", event, o)
	default:
		if diff := cmp.Diff(whole.principal(), o.principal()); diff != "" {
			t.Errorf("%s: lets somebody else in (-want +got)\n%s", event, diff)
		}
	}
}

// decidedBy reports whether an authorizer of that shape reads the field, and decides by it. An answer without a policy is an HTTP
// API's, and one with a resolver's context AppSync's; a member is let into the admin API, whatever they ask there.
func (o outcome) decidedBy(path string) bool {
	policy := len(o.PolicyDocument.Statement) > 0
	switch path {
	case ".requestContext.apiId", ".authorizationToken":
		return o.ResolverContext != nil
	case ".type":
		return policy
	case ".requestContext.routeKey":
		return policy
	case ".path", ".httpMethod":
		return o.Context["principal"] != "member"
	default:
		return true
	}
}
