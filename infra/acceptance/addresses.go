package acceptance

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// testAddresses looks at the addresses that requests come from: the one that the gateway saw, and those that trusted
// proxies forward.
func testAddresses(t *testing.T, target Target) {
	ann := newMember(t, target)
	own := ownAddress(ann)
	t.Run("the gateway's own sight decides, whatever is forwarded", func(t *testing.T) {
		ann := ann.in(t)
		denied, allowed := ann.create(fields{"ip_deny": networks(own)}), ann.create(fields{"ip_allow": networks(own)})
		for _, claim := range []string{"203.0.113.9", own, own + ", 203.0.113.9"} {
			testClaim(ann, denied, allowed, own, claim)
		}
	})
	t.Run("keyward's own API looks too", func(t *testing.T) {
		ann := ann.in(t)
		denied := ann.create(fields{"ip_deny": networks(own)})
		ann.holder(denied.secret).do("GET", "/v1/keys", nil).wantForbidden("ip_denied", noAddressText(own))
	})
	t.Run("a denied request spends nothing", func(t *testing.T) { testDeniedSpendsNothing(t, ann.in(t)) })
	t.Run("a change of the lists holds on the next request", func(t *testing.T) {
		ann := ann.in(t)
		key := ann.create(fields{"tier": "pro"})
		for range 3 {
			ann.holder(key.secret).sample("production").wantStatus(http.StatusOK)
			ann.do("PATCH", key.path(), fields{"ip_deny": networks(own)}).wantStatus(http.StatusOK)
			ann.holder(key.secret).sample("production").wantStatus(http.StatusForbidden)
			ann.do("PATCH", key.path(), fields{"ip_allow": networks(own)}).wantStatus(http.StatusOK) // allow wins
			ann.holder(key.secret).sample("production").wantStatus(http.StatusOK)
			ann.do("PATCH", key.path(), fields{"ip_allow": networks("203.0.113.9")}).wantStatus(http.StatusOK)
			ann.holder(key.secret).sample("production").wantStatus(http.StatusForbidden)
			ann.do("PATCH", key.path(), fields{"ip_allow": []any{}, "ip_deny": off(own)}).wantStatus(http.StatusOK)
		}
	})
	t.Run("a trusted proxy says where a request came from", func(t *testing.T) { testForwardedAddresses(t, target) })
}

// testClaim claims another address than its own, for a key that denies this one and for one that allows it alone.
func testClaim(ann *caller, denied, allowed key, own, claim string) {
	refused := ann.holder(denied.secret).and("X-Forwarded-For", claim)
	if answer := refused.sample("production"); answer.status == http.StatusOK && answer.believed(ann, denied, claim) {
		return
	} else {
		answer.wantForbidden("permission_denied", exit403)
	}
	refused.forward("GET", "production/dns/zones").wantForbidden("ip_denied", noAddressText(own))
	ann.holder(allowed.secret).and("X-Forwarded-For", claim).sample("production").wantStatus(http.StatusOK)
	ann.holder(allowed.secret).and("Forwarded", "for="+claim).and("X-Real-Ip", claim).sample("production").wantStatus(http.StatusOK)
}

// ownAddress is the one that the target sees this machine at.
func ownAddress(ann *caller) string {
	ann.t.Helper()
	key := ann.create()
	ann.holder(key.secret).sample("production").wantStatus(http.StatusOK)
	return ann.do("GET", key.path(), nil).data()["last_used_ip"].(string)
}

// A denied address takes nothing from the minute, from a quota or from the usage, and is no last use.
func testDeniedSpendsNothing(t *testing.T, ann *caller) {
	inOneMinute(t, func() ([]*answer, error) {
		key := ann.create(fields{"rate_limit": 5, "quota_per_day": 5, "ip_allow": networks("203.0.113.0/24")})
		refused, denied := fields{"ip": "192.0.2.1"}, 0
		all := []*answer{}
		for range 8 { // more than the limit: none counts
			answer := ann.verify(key, refused)
			all = append(all, answer)
			if answer.data()["code"] == "ip_denied" && answer.number("X-RateLimit-Remaining") == 5 {
				denied++
			}
		}
		ann.holder(key.secret).sample("production").wantStatus(http.StatusForbidden)
		ann.wantUnused(key)
		used := ann.verify(key, fields{"ip": "203.0.113.9"})
		if got := used.number("X-RateLimit-Remaining"); denied != 8 || got != 4 {
			return append(all, used), errors.New("denied requests took from the limit: " + used.header.Get("RateLimit"))
		}
		return append(all, used), nil
	})
}

func testForwardedAddresses(t *testing.T, target Target) {
	if target.TrustingURL == "" {
		return // as Target says
	}
	target.URL = target.TrustingURL
	ann := newMember(t, target)
	key := ann.create(fields{"ip_allow": networks("203.0.113.0/24", "2001:db8::/32"), "tier": "pro"})
	got := map[string]int{}
	want := map[string]int{
		"203.0.113.9": 204, "192.0.2.1": 403, "2001:db8::7": 204, "2001:db9::7": 403, "::ffff:203.0.113.9": 204,
		"203.0.113.9, 192.0.2.1": 403, "192.0.2.1, 203.0.113.9": 204, "203.0.113.9, 127.0.0.1": 204, "unknown": 403,
	}
	for forwarded := range want {
		got[forwarded] = ann.holder(key.secret).and("X-Forwarded-For", forwarded).forward("GET", "production/dns/zones").status
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statuses by X-Forwarded-For (-want +got)\n%s", diff)
	}
	ann.holder(key.secret).and("X-Forwarded-For", "192.0.2.1").forward("GET", "production/dns/zones").wantForbidden("ip_denied", noAddressText("192.0.2.1"))
}
