package httpapi

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/ratelimit"
)

const (
	methodARN = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3/live/GET/v1/keys/key_00000000"
	exitKey   = "value-of-the-stage-api-key"
)

var office = netip.MustParseAddr("203.0.113.9")

func shippedCatalog(t testing.TB) *policy.Catalog {
	t.Helper()
	catalog, err := policy.Load(policy.Shipped)
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

// decided is a decision about a key, for that reason.
func decided(t testing.TB, reason apikey.Reason) policy.Decision {
	record := &apikey.Record{
		ID: "00000000", Organization: "org_1", Owner: `a "strange" ` + "\n" + `owner`, Environment: apikey.Production,
		Roles: []string{"admin"}, Limits: ratelimit.Limits{PerMinute: 100, PerDay: 5000},
	}
	return policy.Decision{
		Reason: reason, Record: record, Holding: shippedCatalog(t).HoldingOf(record, org.Standing{}), Lack: policy.Lack{Kind: policy.LacksPermission, ID: "dns:write"}, Full: ratelimit.At(ratelimit.Minute, noon),
		At: noon,
	}
}

var reasons = map[apikey.Reason]int{
	apikey.Allowed: 200, apikey.CredentialMissing: 401, apikey.CredentialMalformed: 401, apikey.WrongEnvironment: 401,
	apikey.KeyUnknown: 401, apikey.KeyRevoked: 401, apikey.KeyExpired: 401, apikey.KeyInactive: 401, apikey.OwnerInactive: 401,
	apikey.IPDenied: 403, apikey.ServiceDenied: 403, apikey.PermissionDenied: 403, apikey.ScopeDenied: 403,
	apikey.RateLimited: 429, apikey.QuotaExceeded: 429, apikey.Unavailable: 503,
}

// Each status leaves through its own exit of a REST API. Without the forbidden exit a 403 is a Deny: nothing fails open.
func TestPolicy_exits(t *testing.T) {
	for reason, status := range reasons {
		if got := statusOf(reason); got != status {
			t.Errorf("%s: status %d, want %d", reason, got, status)
		}
		for _, exit := range []string{"", exitKey} {
			t.Run(string(reason)+" "+exit, func(t *testing.T) {
				answer, err := verdictOf(t, reason).policy(methodARN, exit)
				switch status {
				case http.StatusUnauthorized:
					assertUnauthorized(t, err)
				case http.StatusServiceUnavailable:
					if err == nil || err.Error() == "Unauthorized" {
						t.Errorf("error = %v: it must not be that of a 401", err)
					}
				default:
					if err != nil {
						t.Fatal(err)
					}
					effect, key := wantedExit(status, exit)
					statement := answer.PolicyDocument.Statement[0]
					if statement.Effect != effect || answer.UsageIdentifierKey != key {
						t.Errorf("effect = %s, usageIdentifierKey = %q, want %s, %q", statement.Effect, answer.UsageIdentifierKey, effect, key)
					}
				}
			})
		}
	}
}

func verdictOf(t *testing.T, reason apikey.Reason) verdict {
	if reason == apikey.Unavailable {
		return undecided()
	}
	return keyVerdict(decided(t, reason), office, noon)
}

func wantedExit(status int, exit string) (effect, key string) {
	switch {
	case status == http.StatusOK:
		return "Allow", exit
	case status == http.StatusForbidden && exit != "":
		return "Allow", noSuchAPIKey
	default:
		return "Deny", ""
	}
}

// AWS tells a 401 by the error's text alone: exactly Unauthorized, wrapped by nothing.
func assertUnauthorized(t *testing.T, err error) {
	t.Helper()
	if err == nil || err.Error() != "Unauthorized" || errors.Unwrap(err) != nil {
		t.Errorf("error = %#v, want exactly Unauthorized, unwrapped", err)
	}
}

// The key that a refusal names can't be an API Gateway API key: those have 20 characters at least.
func TestPolicy_noAPIKeyIsTheRefused(t *testing.T) {
	if len(noSuchAPIKey) >= 20 || noSuchAPIKey == "" {
		t.Errorf("%q could be an API key", noSuchAPIKey)
	}
}

// One Resource of a bounded length covers the stage, whatever path was asked for.
func TestPolicy_resourceIsTheStage(t *testing.T) {
	for arn, want := range map[string]string{
		methodARN: "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3/live/*",
		"arn:aws:execute-api:r:1:a/production/GET/" + strings.Repeat("long/", 500): "arn:aws:execute-api:r:1:a/production/*",
		"arn:aws:execute-api:r:1:a/production/GET/":                                "arn:aws:execute-api:r:1:a/production/*",
		"arn:aws:execute-api:r:1:a/production/$connect":                            "arn:aws:execute-api:r:1:a/production/*",
	} {
		answer, err := verdictOf(t, apikey.Allowed).policy(arn, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := answer.PolicyDocument.Statement[0].Resource; len(got) != 1 || got[0] != want {
			t.Errorf("Resource = %q, want %q", got, want)
		}
	}
}

// The values of a context are strings: API Gateway takes no lists or objects, and hands everything on as text.
func TestPolicy_contextIsStrings(t *testing.T) {
	for reason := range reasons {
		for name, value := range verdictOf(t, reason).context {
			if _, ok := value.(string); !ok {
				t.Errorf("%s: %s is a %T", reason, name, value)
			}
		}
	}
}

// What a 429 says through the gateway's templates: its code, its texts, its headers.
func TestPolicy_limitedContext(t *testing.T) {
	got := verdictOf(t, apikey.RateLimited).context
	want := map[string]any{
		"code": "rate_limited", "title": "Rate limit exceeded",
		"error": "You have exceeded your rate limit of 100 requests per minute. Please wait 30 seconds before retrying.",
		"limit": "100", "remaining": "100", "reset": "1770724860", "retry_after": "30",
		"ratelimit_policy": `"minute";q=100;w=60, "day";q=5000;w=86400`, "ratelimit": `"minute";r=100;t=30, "day";r=5000;t=43170`,
		"principal": "key", "key_id": "key_00000000", "organization": "org_1", "owner": "a \"strange\" \nowner",
		"environment": "production", "permissions": "*:*",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
