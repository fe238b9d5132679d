package acceptance

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
)

// forward asks as Envoy does: the original path at the end of the URL, the method its own.
func (c *caller) forward(method, tail string) *answer {
	c.t.Helper()
	answer := c.do(method, "/v1/authorize/"+tail, nil)
	answer.hasKeywardCode()
	return answer
}

// hasKeywardCode checks what every answer of forward-auth has: the code, in a header and in the body alike.
func (a *answer) hasKeywardCode() {
	a.t.Helper()
	want := "allowed"
	if a.status != http.StatusNoContent {
		want, _ = a.body()["code"].(string)
	}
	a.wantHeader("X-Keyward-Code", want)
}

func testForward(t *testing.T, target Target) {
	ann := newMember(t, target)
	key, staging := ann.create(fields{"tier": "pro"}), ann.create(fields{"environment": "staging"})
	disabled, revoked := ann.create(), ann.create()
	ann.do("PATCH", disabled.path(), fields{"active": false}).wantStatus(http.StatusOK)
	ann.do("DELETE", revoked.path(), nil).wantStatus(http.StatusOK)

	t.Run("an allow is 204 and says who it is", func(t *testing.T) {
		ann := ann.in(t)
		for _, method := range []string{"GET", "POST"} {
			answer := ann.holder(key.secret).forward(method, "production/dns/zones")
			answer.wantStatus(http.StatusNoContent)
			if answer.text != "" {
				t.Errorf("a 204 with a body: %q", answer.text)
			}
			answer.wantHeader("X-Keyward-Key-Id", key.id)
			answer.wantHeader("X-Keyward-Owner", ann.name)
			answer.wantHeader("X-Keyward-Environment", "production")
			answer.wantHeader("X-Keyward-Permissions", "*:*")
			answer.wantHeader("X-RateLimit-Limit", "1000")
			if answer.header.Get("X-Keyward-Organization") == "" {
				t.Error("there is no X-Keyward-Organization")
			}
		}
		ann.holder(staging.secret).forward("GET", "staging/dns/zones").wantStatus(http.StatusNoContent)
	})
	t.Run("the query belongs to no path", func(t *testing.T) {
		ann.in(t).holder(key.secret).forward("GET", "production/dns/zones?a=b").wantStatus(http.StatusNoContent)
	})
	title401, title403 := "Invalid or missing API key", "Permission denied"
	for name, test := range map[string]struct {
		as                 *caller
		method, tail       string
		status             int
		code, title, error string
	}{
		"no key":              {nobody(t, target), "GET", "production/dns/zones", 401, "credential_missing", title401, "There is no key. Send it in Authorization: Bearer or in X-API-Key."},
		"malformed":           {ann.holder("nonsense"), "GET", "production/dns/zones", 401, "credential_malformed", title401, textMalformed},
		"a session":           {ann, "GET", "production/dns/zones", 401, "credential_malformed", title401, textMalformed},
		"two keys":            {ann.holder(key.secret).and("Authorization", "Bearer "+staging.secret), "GET", "production/dns/zones", 401, "credential_malformed", title401, textMalformed},
		"unknown":             {ann.holder(madeUp(key, "production").secret), "GET", "production/dns/zones", 401, "key_unknown", title401, textUnknown},
		"another environment": {ann.holder(staging.secret), "GET", "production/dns/zones", 401, "wrong_environment", title401, textEnvironment},
		"disabled":            {ann.holder(disabled.secret), "GET", "production/dns/zones", 401, "key_inactive", title401, "The key is disabled. Enable it to use it again."},
		"revoked":             {ann.holder(revoked.secret), "GET", "production/dns/zones", 401, "key_revoked", title401, keyRevoked},
		"no such route":       {ann.holder(key.secret), "GET", "production/dns/nothing", 403, "permission_denied", title403, noSuchRoute},
		"no such method":      {ann.holder(key.secret), "PATCH", "production/dns/zones", 403, "permission_denied", title403, noSuchRoute},
		"an encoded slash":    {ann.holder(key.secret), "GET", "production/dns/zones%2Fx", 403, "permission_denied", title403, noSuchRoute},
		"an empty segment":    {ann.holder(key.secret), "GET", "production/dns//zones", 403, "permission_denied", title403, noSuchRoute},
		"unknown service":     {ann.holder(key.secret), "GET", "production/nothing/zones", 404, "not_found", "Not found", noSuchService},
		"unknown environment": {ann.holder(key.secret), "GET", "live/dns/zones", 404, "not_found", "Not found", noSuchService},
		"keyward itself":      {ann.holder(key.secret), "GET", "production/keyward/v1/keys", 404, "not_found", "Not found", noSuchService},
		"who may say nothing": {ann.holder(key.secret).and("X-Forwarded-Method", "GET").and("X-Forwarded-Uri", "/zones"), "GET", "production/dns", 403, "proxy_untrusted", title403, untrusted},
	} {
		t.Run(name, func(t *testing.T) {
			as := test.as.in(t)
			asked, denied := as.forward(test.method, test.tail), as.forward(test.method, test.tail+"?deny=403")
			if asked.status == http.StatusNoContent && asked.anotherPath() {
				return
			}
			asked.wantRefusal(test.status, test.code, test.title, test.error, "")
			denied.wantRefusal(min(test.status, http.StatusForbidden), test.code, test.title, test.error, "")
			if test.status == http.StatusNotFound {
				denied.wantHeader("X-Keyward-Status", "404")
			} else {
				denied.wantHeader("X-Keyward-Status", "")
			}
		})
	}
	t.Run("what an untrusted proxy asks spends nothing", func(t *testing.T) {
		ann := ann.in(t)
		fresh := ann.create()
		ann.holder(fresh.secret).and("X-Forwarded-Method", "GET").and("X-Forwarded-Uri", "/zones").forward("GET", "production/dns").wantStatus(http.StatusForbidden)
		if data := ann.do("GET", fresh.path(), nil).data(); data["last_used_at"] != nil || data["usage"].(fields)["requests_today"] != 0.0 {
			t.Errorf("last_used_at = %v, usage = %v", data["last_used_at"], data["usage"])
		}
	})
	t.Run("out of its limit is 429, and 403 for nginx", func(t *testing.T) { testForwardLimited(t, ann.in(t)) })
}

const (
	noSuchService = "There is no such environment and service. The path is /v1/authorize/{environment}/{service}, both as in the catalog."
	untrusted     = "Requests from this address may not say what they forward. Add the proxy to KEYWARD_TRUSTED_PROXIES, or append the path to the URL."
)

func testForwardLimited(t *testing.T, ann *caller) {
	inOneMinute(t, func() ([]*answer, error) {
		key := ann.create(fields{"rate_limit": 1})
		holder := ann.holder(key.secret)
		all := []*answer{
			holder.forward("GET", "production/dns/zones"),
			holder.forward("GET", "production/dns/zones"),
			holder.forward("GET", "production/dns/zones?deny=403"),
		}
		if !sameWindow(all) {
			return all, nil
		}
		for i, status := range []int{http.StatusNoContent, http.StatusTooManyRequests, http.StatusForbidden} {
			if all[i].status != status {
				return all, fmt.Errorf("answer %d: status %d, want %d", i, all[i].status, status)
			}
		}
		for _, refused := range all[1:] {
			refused.wantLimited(1)
		}
		all[1].wantHeader("X-Keyward-Status", "")
		all[2].wantHeader("X-Keyward-Status", strconv.Itoa(http.StatusTooManyRequests))
		return all, nil
	})
}
