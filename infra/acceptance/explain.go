package acceptance

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// allChecks are the checks of a decision, in the contract's order.
var allChecks = []string{
	"credential_missing", "credential_malformed", "wrong_environment", "key_unknown", "key_revoked", "key_expired", "key_inactive", "ip_denied",
	"rate_limited", "quota_exceeded", "owner_inactive", "service_denied", "permission_denied", "scope_denied",
}

// explain asks about a key by its id: no secret is shown.
func (c *caller) explain(key key, asked fields) *answer {
	c.t.Helper()
	answer := c.do("POST", key.path()+"/explain", asked)
	answer.wantStatus(http.StatusOK)
	return answer
}

// explainSecret asks about a key by its secret.
func (c *caller) explainSecret(key key, asked fields) *answer {
	c.t.Helper()
	return c.verify(key, fields{"explain": true}, asked)
}

// results are the checks of an explanation, each with its result. Every one must have a reason.
func (a *answer) results() (checks []string, results map[string]string) {
	a.t.Helper()
	results = map[string]string{}
	for _, entry := range a.data()["checks"].([]any) {
		check := entry.(fields)
		name := check["check"].(string)
		checks = append(checks, name)
		results[name] = check["result"].(string)
		if reason, _ := check["reason"].(string); !strings.HasSuffix(reason, ".") {
			a.errorf("%s has the reason %q", name, check["reason"])
		}
	}
	return checks, results
}

// wantFailed checks that these checks failed, and no other; the first of them decides.
func (a *answer) wantFailed(want ...string) {
	a.t.Helper()
	checks, results := a.results()
	var failed []string
	for _, check := range checks {
		if results[check] == "failed" {
			failed = append(failed, check)
		}
	}
	if diff := cmp.Diff(want, failed); diff != "" {
		a.errorf("failed checks (-want +got)\n%s", diff)
	}
	data := a.data()
	if valid, code := len(want) == 0, append(want, "allowed")[0]; data["valid"] != valid || data["code"] != code {
		a.errorf("valid = %v, code = %v, want %v, %s", data["valid"], data["code"], valid, code)
	}
}

func testExplain(t *testing.T, target Target) {
	t.Run("every check is listed in the contract's order", func(t *testing.T) { testExplainOrder(newMember(t, target)) })
	t.Run("each reason is found", func(t *testing.T) { testExplainReasons(t, newMember(t, target)) })
	t.Run("a minute that is full is found", func(t *testing.T) { testExplainMinute(t, newMember(t, target)) })
	t.Run("all that fails is shown", func(t *testing.T) { testExplainAll(newMember(t, target)) })
	t.Run("nothing is spent or changed", func(t *testing.T) {
		ann := newMember(t, target)
		key := ann.create(fields{"rate_limit": 2, "quota_per_day": 2})
		for range 5 {
			ann.explainSecret(key, fields{"ip": "203.0.113.9"}).wantFailed()
			ann.explain(key, fields{"service": "dns"}).wantFailed()
		}
		ann.wantUnused(key)
	})
	t.Run("needs keys:read", func(t *testing.T) { testExplainNeeds(newMember(t, target)) })
	t.Run("a wrong secret and a foreign key are told by that single check alike", func(t *testing.T) { testExplainStrangers(newMember(t, target)) })
	t.Run("counts against the caller", func(t *testing.T) { testExplainCounts(t, newMember(t, target)) })
	t.Run("what is asked is checked", func(t *testing.T) {
		ann := newMember(t, target)
		key := ann.create()
		ann.do("POST", key.path()+"/explain", fields{"service": "nothing"}).wantInvalid("invalid_field", "service", `service "nothing" is not one of the catalog.`)
		ann.do("POST", key.path()+"/explain", fields{"api_key": key.secret}).wantInvalid("unknown_field", "api_key",
			noField("api_key", "environment, service, method, path, permission, customer, account, ip"))
	})
}

func testExplainAll(ann *caller) {
	key := ann.create(fields{"roles": []string{"dns_manager"}, "services": []string{"cdn"}, "customers": []string{"acme"}, "ip_deny": networks("203.0.113.0/24")})
	ann.do("POST", key.path()+"/disable", nil).wantStatus(http.StatusOK)
	asked := fields{"service": "billing", "method": "GET", "path": "/invoices", "ip": "203.0.113.9"}
	ann.explainSecret(key, asked).wantFailed("key_inactive", "ip_denied", "service_denied", "permission_denied", "scope_denied")
	ann.explain(key, asked).wantFailed("key_inactive", "ip_denied", "service_denied", "permission_denied", "scope_denied")
}

func testExplainMinute(t *testing.T, ann *caller) {
	inOneMinute(t, func() ([]*answer, error) {
		key := ann.create(fields{"rate_limit": 1})
		all := []*answer{ann.holder(key.secret).sample("production"), ann.explainSecret(key, fields{})}
		if sameWindow(all) {
			all[1].wantFailed("rate_limited")
		}
		return all, nil
	})
}

func testExplainOrder(ann *caller) {
	key := ann.create()
	checks, results := ann.explainSecret(key, fields{"service": "dns", "method": "GET", "path": "/zones", "ip": "203.0.113.9"}).results()
	if diff := cmp.Diff(allChecks, checks); diff != "" {
		ann.t.Errorf("verify's checks (-want +got)\n%s", diff)
	}
	for check, want := range map[string]string{"key_unknown": "passed", "service_denied": "passed", "quota_exceeded": "skipped", "owner_inactive": "skipped", "scope_denied": "skipped"} {
		if results[check] != want {
			ann.t.Errorf("%s: %s, want %s", check, results[check], want)
		}
	}
	answer := ann.explain(key, fields{})
	if got := answer.data()["name"]; got != key.name {
		ann.t.Errorf("name = %v", got)
	}
	if checks, _ = answer.results(); !slices.Equal(allChecks[2:], checks) {
		ann.t.Errorf("explain's checks: %v", checks)
	}
	answer.wantFailed()
	ann.do("POST", key.path()+"/explain", nil).wantStatus(http.StatusOK) // a body may be left out
}

// testExplainReasons asks for each reason that a key, as it is, can be refused for.
func testExplainReasons(t *testing.T, ann *caller) {
	route := fields{"service": "billing", "method": "GET", "path": "/invoices"}
	for reason, test := range map[string]struct{ made, asked fields }{
		"wrong_environment": {fields{}, fields{"environment": "staging"}},
		"ip_denied":         {fields{"ip_allow": networks("192.0.2.0/24")}, fields{"ip": "203.0.113.9"}},
		"service_denied":    {fields{"services": []string{"dns"}}, route},
		"permission_denied": {fields{"roles": []string{"dns_manager"}}, route},
		"scope_denied":      {fields{"customers": []string{"acme"}}, route},
	} {
		t.Run(reason, func(t *testing.T) {
			ann := ann.in(t)
			key := ann.create(test.made)
			ann.explainSecret(key, test.asked).wantFailed(reason)
			ann.explain(key, test.asked).wantFailed(reason)
		})
	}
	for reason, act := range map[string]func(ann *caller, key key){
		"key_inactive": func(ann *caller, key key) { ann.do("POST", key.path()+"/disable", nil).wantStatus(http.StatusOK) },
		"key_revoked":  func(ann *caller, key key) { ann.do("DELETE", key.path(), nil).wantStatus(http.StatusOK) },
		"quota_exceeded": func(ann *caller, key key) {
			ann.do("PATCH", key.path(), fields{"quota_per_month": 1}).wantStatus(http.StatusOK)
			ann.holder(key.secret).sample("production").wantStatus(http.StatusOK)
		},
	} {
		t.Run(reason, func(t *testing.T) {
			ann := ann.in(t)
			key := ann.create()
			act(ann, key)
			ann.explainSecret(key, fields{}).wantFailed(reason)
			ann.explain(key, fields{}).wantFailed(reason)
		})
	}
}
