package acceptance

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// regenerate gives the key a new secret; the key that it returns has that.
func (c *caller) regenerate(old key, how any) key {
	c.t.Helper()
	answer := c.do("POST", old.path()+"/regenerate", how)
	answer.wantStatus(http.StatusOK)
	data := answer.data()
	return key{id: data["key_id"].(string), secret: data["api_key"].(string), name: data["name"].(string), data: data}
}

// wantSame compares what a key was with what it is.
func wantSame(t testing.TB, want, got fields) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the key is another (-want +got)\n%s", diff)
	}
}

// wantWorks checks on the next request whether secrets of a key work.
func (c *caller) wantWorks(want bool, keys ...key) {
	c.t.Helper()
	for i, key := range keys {
		status, code := http.StatusOK, "allowed"
		if !want {
			status, code = http.StatusUnauthorized, "key_unknown"
		}
		c.holder(key.secret).sample("production").wantStatus(status)
		if got := c.verify(key).data()["code"]; got != code {
			c.t.Errorf("secret %d: verify says %v, want %s", i, got, code)
		}
	}
}

func testRegenerate(t *testing.T, target Target) {
	t.Run("the old secret dies at once, and all else stays", func(t *testing.T) { testRegenerated(newMember(t, target)) })
	t.Run("with a grace both work", func(t *testing.T) { testGrace(newMember(t, target)) })
	t.Run("a second one within the grace kills the oldest", func(t *testing.T) { testGraceTwice(newMember(t, target)) })
	t.Run("a grace ends by itself", func(t *testing.T) { testGraceEnds(newMember(t, target)) })
	t.Run("a grace never goes past the key's expiry", func(t *testing.T) { testGraceExpiry(newMember(t, target)) })
	t.Run("disabling the key stops both of its secrets", func(t *testing.T) { testGraceDisabled(newMember(t, target)) })
	t.Run("a compromised secret gets none, and ends one that lasts", func(t *testing.T) { testCompromised(newMember(t, target)) })
	t.Run("an inactive key stays inactive", func(t *testing.T) { testRegenerateInactive(newMember(t, target)) })
	t.Run("a grace that is none is refused", func(t *testing.T) { testBadGraces(newMember(t, target)) })
	t.Run("with a new expiry, if asked for", func(t *testing.T) { testRegenerateLonger(newMember(t, target)) })
	t.Run("If-Match", func(t *testing.T) { testRegenerateMatched(newMember(t, target)) })
	t.Run("a create that is replayed afterwards shows no secret", func(t *testing.T) {
		once := newMember(t, target).and("Idempotency-Key", newName("idempotency"))
		key := once.created(once.do("POST", "/v1/keys", fields{"name": "once"}))
		once.regenerate(key, fields{"grace_period_seconds": 60})
		replay := once.do("POST", "/v1/keys", fields{"name": "once"})
		replay.wantError(http.StatusConflict, "idempotency_conflict")
		if strings.Contains(replay.text, key.secret) {
			t.Error("the replay shows the secret")
		}
	})
}

func testGraceExpiry(ann *caller) {
	key := ann.create(fields{"expires_in_days": 1})
	again := ann.regenerate(key, fields{"grace_period_seconds": 7 * 24 * 3600})
	if again.data["previous_secret_expires_at"] != key.data["expires_at"] {
		ann.t.Errorf("previous_secret_expires_at = %v, expires_at = %v", again.data["previous_secret_expires_at"], key.data["expires_at"])
	}
}

func testRegenerateInactive(ann *caller) {
	key := ann.inState("inactive")
	again := ann.regenerate(key, nil)
	ann.verify(again).wantVerdict("key_inactive", "The key is disabled. Enable it to use it again.")
	ann.do("POST", key.path()+"/enable", nil).wantStatus(http.StatusOK)
	ann.wantWorks(true, again)
}

func testCompromised(ann *caller) {
	first := ann.create()
	second := ann.regenerate(first, fields{"grace_period_seconds": 3600})
	third := ann.regenerate(second, fields{"compromised": true})
	ann.wantWorks(false, first, second)
	ann.wantWorks(true, third)
	ann.do("POST", third.path()+"/regenerate", fields{"compromised": true, "grace_period_seconds": 1}).wantInvalid("invalid_field", "grace_period_seconds",
		"grace_period_seconds must be 0 where the secret is compromised: it dies at once.")
}

func testGraceDisabled(ann *caller) {
	first := ann.create()
	second := ann.regenerate(first, fields{"grace_period_seconds": 3600})
	ann.do("POST", second.path()+"/disable", nil).wantStatus(http.StatusOK)
	for _, secret := range []key{first, second} {
		ann.verify(secret).wantVerdict("key_inactive", "The key is disabled. Enable it to use it again.")
	}
}

func testGraceTwice(ann *caller) {
	first := ann.create()
	second := ann.regenerate(first, fields{"grace_period_seconds": 3600})
	third := ann.regenerate(second, fields{"grace_period_seconds": 3600})
	ann.wantWorks(false, first)
	ann.wantWorks(true, second, third)
	fourth := ann.regenerate(third, nil)
	ann.wantWorks(false, first, second, third)
	ann.wantWorks(true, fourth)
}

func testGrace(ann *caller) {
	first := ann.create()
	second := ann.regenerate(first, fields{"grace_period_seconds": 3600})
	ann.wantWorks(true, first, second)
	ann.wantGrace(second, time.Now().Add(time.Hour))
	if used := ann.do("GET", first.path(), nil).data()["usage"].(fields)["requests_today"]; used != 4.0 {
		ann.t.Errorf("four requests by two secrets of one key: usage = %v", used)
	}
}

func testRegenerated(ann *caller) {
	first := ann.create(fields{
		"rate_limit": 50, "quota_per_day": 500, "roles": []string{"dns_manager"}, "permissions": []string{"keys:read"}, "services": []string{"dns"},
		"ip_deny": networks("203.0.113.9"), "metadata": fields{"team": "edge"}, "description": "x",
	})
	ann.holder(first.secret).sample("production").wantStatus(http.StatusOK)
	before := ann.do("GET", first.path(), nil).data()
	second := ann.regenerate(first, nil)
	ann.holder(first.secret).sample("production").wantUnauthorized()
	ann.verify(first).wantUnknown("key_unknown", textUnknown)
	if second.secret == first.secret || second.id != first.id || second.id != "key_"+second.secret[8:16] || second.data["previous_secret_expires_at"] != nil {
		ann.t.Errorf("key_id = %s, was %s; previous_secret_expires_at = %v", second.id, first.id, second.data["previous_secret_expires_at"])
	}
	after := ann.do("GET", first.path(), nil).data()
	mask := "vg_live_" + second.secret[8:12] + "..." + second.secret[36:]
	wantSame(ann.t, merge(before, fields{"key_prefix": mask, "version": after["version"], "updated_at": after["updated_at"]}), after)
	ann.holder(second.secret).sample("production").wantStatus(http.StatusOK)
	if used := ann.do("GET", first.path(), nil).data()["usage"].(fields)["requests_today"]; used != 2.0 {
		ann.t.Errorf("usage = %v after a request before and one after", used)
	}
	answered := merge(second.data)
	for _, name := range []string{"api_key", "previous_secret_expires_at", "warnings"} {
		delete(answered, name)
	}
	delete(after, "usage")
	wantSame(ann.t, after, answered)
}

func testRegenerateMatched(ann *caller) {
	key := ann.create()
	etag := ann.do("GET", key.path(), nil).header.Get("ETag")
	ann.do("PATCH", key.path(), fields{"description": "moved"}).wantStatus(http.StatusOK)
	ann.and("If-Match", etag).do("POST", key.path()+"/regenerate", nil).wantError(http.StatusPreconditionFailed, "version_mismatch")
	ann.wantWorks(true, key)
	etag = ann.do("GET", key.path(), nil).header.Get("ETag")
	ann.and("If-Match", etag).do("POST", key.path()+"/regenerate", nil).wantStatus(http.StatusOK)
	ann.wantWorks(false, key)
}
