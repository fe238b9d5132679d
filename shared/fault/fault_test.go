package fault_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/fault"
)

// The table of errors in the contract: each code with its kind, which is its status, and its message.
func TestEveryCodeHasTheKindAndTitleOfTheContract(t *testing.T) {
	tests := map[fault.Kind]map[string]string{
		fault.Invalid: {
			"invalid_body": "Invalid request body", "unknown_field": "Invalid request body", "invalid_field": "Invalid request body",
			"invalid_parameter": "Invalid request parameter",
		},
		fault.Unauthenticated: {"unauthorized": "Invalid or missing session token"},
		fault.Forbidden: {
			"key_limit_reached": "Account key limit reached", "permission_denied": "Permission denied",
			"service_denied": "Permission denied", "scope_denied": "Permission denied", "ip_denied": "Permission denied",
			"grant_denied": "Permission denied", "tier_not_allowed": "Permission denied", "member_inactive": "Permission denied",
			"organization_denied": "Permission denied", "signup_closed": "Permission denied", "proxy_untrusted": "Permission denied",
		},
		fault.NotFound:         {"key_not_found": "API key not found", "not_found": "Not found"},
		fault.MethodNotAllowed: {"method_not_allowed": "Method not allowed"},
		fault.Conflict: {
			"name_taken": "Conflict", "name_immutable": "Conflict", "key_locked": "Conflict", "key_revoked": "Conflict",
			"key_expired": "Conflict", "idempotency_conflict": "Conflict",
		},
		fault.Stale:       {"version_mismatch": "The key has changed"},
		fault.TooLarge:    {"body_too_large": "Request body too large"},
		fault.Unsupported: {"unsupported_media_type": "Unsupported content type"},
		fault.Limited:     {"rate_limited": "Rate limit exceeded", "quota_exceeded": "Rate limit exceeded"},
		fault.Internal:    {"internal": "Internal error", "no_code_of_ours": "Internal error"},
		fault.Outaged:     {"unavailable": "Service unavailable"},
	}
	for kind, codes := range tests {
		for code, title := range codes {
			if got := fault.Code(code); got.Kind() != kind || got.Title() != title {
				t.Errorf("%s is %q, %q; want %q, %q", code, got.Kind(), got.Title(), kind, title)
			}
		}
	}
}

func TestAFaultIsFoundByItsCodeAndByItsKind(t *testing.T) {
	cause := errors.New("disk on fire")
	wrapped := fmt.Errorf("creating a key: %w", &fault.Error{Code: fault.NameTaken, Detail: "Choose another name.", Err: cause})
	for name, test := range map[string]struct {
		target error
		want   bool
	}{
		"its code": {fault.NameTaken, true}, "its kind": {fault.Conflict, true}, "its cause": {cause, true},
		"another code of its kind": {fault.KeyRevoked, false}, "another kind": {fault.NotFound, false}, "another error": {errors.New("x"), false},
	} {
		if got := errors.Is(wrapped, test.target); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
	if errors.Is(errors.New("conflict"), fault.Conflict) {
		t.Error("an error that is no fault passes for one by its text")
	}
}

func TestMakersFillInWhatTheySay(t *testing.T) {
	for name, test := range map[string]struct{ got, want *fault.Error }{
		"New":          {fault.New(fault.KeyRevoked, "It is %s.", "over"), &fault.Error{Code: fault.KeyRevoked, Detail: "It is over."}},
		"InvalidField": {fault.InvalidField("name", "name has %d.", 0), &fault.Error{Code: "invalid_field", Field: "name", Detail: "name has 0."}},
		"InvalidParam": {fault.InvalidParam("limit", "no %q.", "x"), &fault.Error{Code: "invalid_parameter", Field: "limit", Detail: `no "x".`}},
	} {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

// The log learns the cause; the caller is told when to come back, and nothing of what failed.
func TestAnOutageTellsTheCauseToTheLogAlone(t *testing.T) {
	cause := errors.New("dial tcp 10.0.0.7:8000: refused")
	outage := fault.Outage("spending", cause)
	if outage.Code != fault.Unavailable || outage.RetryAfter != time.Second || !errors.Is(outage, cause) {
		t.Errorf("Outage = %+v", outage)
	}
	if !strings.Contains(outage.Error(), "spending: dial tcp 10.0.0.7:8000: refused") {
		t.Errorf("the log reads %q, without the cause", outage)
	}
	if strings.Contains(outage.Detail, "10.0.0.7") || strings.Contains(outage.Detail, "spending") || outage.Detail == "" {
		t.Errorf("the caller reads %q", outage.Detail)
	}
}

// Whatever is not a fault is an internal error, which says nothing of itself to the caller.
func TestAnUnknownErrorSaysNothingToTheCaller(t *testing.T) {
	secret := errors.New("password=hunter2")
	got := fault.From(fmt.Errorf("connecting: %w", secret))
	if got.Code != fault.InternalError || got.Field != "" || strings.Contains(got.Detail, "hunter2") || !errors.Is(got, secret) {
		t.Errorf("From = %+v", got)
	}
	taken := fault.New(fault.NameTaken, "x")
	if got := fault.From(fmt.Errorf("outer: %w", taken)); got != taken {
		t.Errorf("From(wrapped) = %v, want the fault within", got)
	}
}

func TestErrorReadsAsALineOfTheLog(t *testing.T) {
	cause := errors.New("cause")
	for want, err := range map[string]error{
		"name_taken: Taken.":        &fault.Error{Code: fault.NameTaken, Detail: "Taken."},
		"name_taken: Taken.: cause": &fault.Error{Code: fault.NameTaken, Detail: "Taken.", Err: cause},
		"internal: cause":           &fault.Error{Code: fault.InternalError, Err: cause},
		"key_revoked":               fault.KeyRevoked,
		"conflict":                  fault.Conflict,
	} {
		if got := err.Error(); got != want {
			t.Errorf("Error() = %q, want %q", got, want)
		}
	}
}
