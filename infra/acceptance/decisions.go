package acceptance

import (
	"net/http"
	"strings"
	"testing"
)

// verdicts are keys with two things wrong, and the one that decides: the first in the contract's order.
var verdicts = map[string]struct {
	made  fields
	spoil func(ann *caller, key key) // nil: nothing more is wrong with it
	asked fields
}{
	"wrong_environment, not key_revoked":    {fields{"environment": "staging"}, revokeIt, nil},
	"key_revoked, not key_inactive":         {nil, func(ann *caller, key key) { disableIt(ann, key); revokeIt(ann, key) }, nil},
	"key_inactive, not ip_denied":           {fields{"ip_deny": networks("203.0.113.9")}, disableIt, fields{"ip": "203.0.113.9"}},
	"ip_denied, not quota_exceeded":         {fields{"quota_per_month": 1, "ip_deny": networks("203.0.113.9")}, useIt, fields{"ip": "203.0.113.9"}},
	"quota_exceeded, not service_denied":    {fields{"quota_per_month": 1, "services": []string{"dns"}}, useIt, fields{"service": "cdn"}},
	"service_denied, not permission_denied": {fields{"services": []string{"dns"}, "roles": []string{"dns_manager"}}, nil, fields{"service": "cdn", "permission": "cdn:read"}},
	"permission_denied, not scope_denied":   {fields{"roles": []string{"dns_manager"}, "customers": []string{"acme"}}, nil, fields{"permission": "cdn:read", "customer": "globex"}},
}

func revokeIt(ann *caller, key key) { ann.do("DELETE", key.path(), nil).wantStatus(http.StatusOK) }

func disableIt(ann *caller, key key) {
	ann.do("POST", key.path()+"/disable", nil).wantStatus(http.StatusOK)
}

func useIt(ann *caller, key key) { ann.wantValid(key, fields{"ip": "192.0.2.1"}) }

func testDecisions(t *testing.T, target Target) {
	ann := newMember(t, target)
	for name, test := range verdicts {
		t.Run(name, func(t *testing.T) {
			ann := ann.in(t)
			key := ann.create(test.made)
			if test.spoil != nil {
				test.spoil(ann, key)
			}
			want, _, _ := strings.Cut(name, ",")
			if got := ann.verify(key, test.asked).data()["code"]; got != want {
				t.Errorf("code = %v, want %s", got, name)
			}
		})
	}
	t.Run("owner_inactive, not service_denied", func(t *testing.T) {
		ann := ann.in(t)
		bob := ann.colleague("admin")
		key := bob.create(fields{"inherit": true, "services": []string{"dns"}})
		ann.setMember(bob.name, fields{"status": "disabled"})
		ann.verify(key, fields{"service": "cdn"}).wantVerdict("owner_inactive", ownerGone)
	})
	t.Run("a wrong secret is told of nothing else", func(t *testing.T) {
		ann := ann.in(t)
		key := ann.inState("revoked")
		ann.verify(madeUp(key, "production")).wantUnknown("key_unknown", textUnknown)
	})
	t.Run("what only the spend can tell is a use", func(t *testing.T) { testSpentRefusals(ann.in(t)) })
}

// testSpentRefusals counts the refusals that are decided after the spend.
func testSpentRefusals(ann *caller) {
	key := ann.create(fields{"roles": []string{"dns_manager"}, "services": []string{"dns", "billing"}, "customers": []string{"acme"}})
	ann.verify(key, fields{"service": "cdn"}).wantVerdict("service_denied", noServiceText("cdn"))
	ann.verify(key, fields{"service": "billing", "method": "GET", "path": "/plans"}).wantVerdict("permission_denied", needsText("billing:read"))
	ann.verify(key, fields{"service": "dns", "method": "GET", "path": "/zones"}).wantVerdict("scope_denied", noneNamed)
	data := ann.do("GET", key.path(), nil).data()
	if used := data["usage"].(fields)["requests_today"]; used != 3.0 || data["last_used_at"] == nil {
		ann.t.Errorf("three refusals after the spend: usage = %v, last_used_at = %v", used, data["last_used_at"])
	}
}
