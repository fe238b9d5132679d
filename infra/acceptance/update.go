package acceptance

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const keyRevoked = "The key is revoked, for good. Create a new one."

// updates are changes of a key, each with what it makes of the fields.
var updates = map[string]struct{ made, change, want fields }{
	"a name":                   {nil, fields{"name": " Renamed "}, fields{"name": "Renamed"}},
	"a description":            {nil, fields{"description": "Why"}, fields{"description": "Why"}},
	"metadata whole":           {fields{"metadata": fields{"a": "1", "b": "2"}}, fields{"metadata": fields{"c": "3"}}, fields{"metadata": fields{"c": "3"}}},
	"no metadata":              {fields{"metadata": fields{"a": "1"}}, fields{"metadata": fields{}}, fields{"metadata": fields{}}},
	"a tier":                   {nil, fields{"tier": "pro"}, fields{"tier": "pro", "tier_inherited": false, "rate_limit": 1000.0}},
	"back to the account's":    {fields{"tier": "pro"}, fields{"tier": nil}, fields{"tier": "basic", "tier_inherited": true, "rate_limit": 100.0}},
	"a limit of its own":       {nil, fields{"rate_limit": 7}, fields{"rate_limit": 7.0}},
	"back to the tier's limit": {fields{"rate_limit": 7}, fields{"rate_limit": nil}, fields{"rate_limit": 100.0}},
	"never expires":            {nil, fields{"expires_at": nil}, fields{"expires_at": nil, "warnings": []any{neverExpires}}},
	"an expiry":                {fields{"expires_in": "never"}, fields{"expires_at": "2035-01-02T03:04:05Z"}, fields{"expires_at": "2035-01-02T03:04:05Z", "warnings": []any{}}},
	"inactive":                 {nil, fields{"active": false}, fields{"active": false, "status": "inactive"}},
	"several at once":          {nil, fields{"name": "Both", "tier": "free"}, fields{"name": "Both", "tier": "free", "tier_inherited": false, "rate_limit": 10.0}},
	"other roles":              {nil, fields{"roles": []string{"dns_manager"}}, fields{"roles": []any{"dns_manager"}}},
	"permissions":              {nil, fields{"roles": []string{}, "permissions": []string{"dns:read"}}, fields{"roles": []any{}, "permissions": []any{"dns:read"}}},
	"the owner's":              {nil, fields{"inherit": true}, fields{"inherit": true, "roles": []any{}}},
	"some services":            {nil, fields{"services": []string{"dns", "cdn"}}, fields{"services": []any{"dns", "cdn"}}},
	"all services":             {fields{"services": []string{"dns"}}, fields{"services": "all"}, fields{"services": "all"}},
	"customers and accounts":   {nil, fields{"customers": []string{"c1"}, "accounts": []string{"a1"}}, fields{"customers": []any{"c1"}, "accounts": []any{"a1"}}},
	"quotas":                   {nil, fields{"quota_per_day": 5, "quota_per_month": 50}, fields{"quota_per_day": 5.0, "quota_per_month": 50.0}},
	"no quotas":                {fields{"quota_per_day": 5}, fields{"quota_per_day": nil}, fields{"quota_per_day": nil}},
	"IP lists":                 {nil, fields{"ip_deny": networks("192.0.2.1")}, fields{"ip_deny": []any{fields{"cidr": "192.0.2.1/32", "enabled": true, "note": ""}}}},
	"no IP lists":              {fields{"ip_deny": networks("192.0.2.1")}, fields{"ip_deny": []fields{}}, fields{"ip_deny": []any{}}},
}

func testUpdate(t *testing.T, target Target) {
	for name, test := range updates {
		t.Run(name, func(t *testing.T) { testUpdated(newMember(t, target), test.made, test.change, test.want) })
	}
	t.Run("an empty change is no change", func(t *testing.T) {
		ann := newMember(t, target)
		key := ann.create()
		for _, change := range []fields{{}, {"name": key.name}, {"active": true}} {
			if got := ann.do("PATCH", key.path(), change).data(); got["version"] != 1.0 || got["updated_at"] != key.data["updated_at"] {
				t.Errorf("%v changed version or updated_at: %v", change, got)
			}
		}
	})
	t.Run("a revoked key can't be changed", func(t *testing.T) {
		ann := newMember(t, target)
		key := ann.create()
		ann.do("DELETE", key.path(), nil).wantStatus(http.StatusOK)
		for _, change := range []fields{{"name": "other"}, {"active": true}, {}} {
			ann.do("PATCH", key.path(), change).wantRefusal(http.StatusConflict, "key_revoked", "Conflict", keyRevoked, "")
		}
	})
	t.Run("no change touches the secret, and each holds on the next request", func(t *testing.T) { testChangesHold(newMember(t, target)) })
}

func testUpdated(ann *caller, made, change, wanted fields) {
	key := ann.create(made)
	answer := ann.do("PATCH", key.path(), change)
	answer.wantStatus(http.StatusOK)
	if got := answer.body()["message"]; got != "API key updated successfully" {
		ann.t.Errorf("message = %q", got)
	}
	data := answer.data()
	if updated := answer.wantTime("updated_at", data["updated_at"]); updated.Before(answer.wantTime("created_at", data["created_at"])) {
		ann.t.Errorf("updated_at = %s", updated)
	}
	want := merge(key.data, fields{"updated_at": data["updated_at"], "version": data["version"]}, wanted)
	delete(want, "api_key")
	if diff := cmp.Diff(want, data); diff != "" {
		ann.t.Errorf("data (-want +got):\n%s", diff)
	}
	if data["version"].(float64) <= 1 {
		ann.t.Errorf("version = %v after a change", data["version"])
	}
	delete(want, "warnings")
	got := ann.do("GET", key.path(), nil).data()
	delete(got, "usage")
	if diff := cmp.Diff(want, got); diff != "" {
		ann.t.Errorf("GET afterwards (-want +got):\n%s", diff)
	}
}

// A change holds on the very next request.
func testChangesHold(ann *caller) {
	key := ann.create(fields{"tier": "pro"})
	holder := ann.holder(key.secret)
	change := func(change fields) { ann.do("PATCH", key.path(), change).wantStatus(http.StatusOK) }
	for range 3 {
		change(fields{"active": false})
		holder.sample("production").wantStatus(http.StatusUnauthorized)
		ann.verify(key).wantVerdict("key_inactive", "The key is disabled. Enable it to use it again.")
		change(fields{"active": true})
		holder.sample("production").wantStatus(http.StatusOK)
	}
	for _, limit := range []int{500, 20, 900} {
		change(fields{"rate_limit": limit})
		if got := holder.sample("production").number("X-RateLimit-Limit"); got != limit {
			ann.t.Errorf("X-RateLimit-Limit = %d right after it became %d", got, limit)
		}
	}
	change(fields{"name": "another", "description": "x", "metadata": fields{"a": "b"}, "expires_in_days": 1})
	holder.sample("production").wantStatus(http.StatusOK)
}

// If-Match lets a change happen only to the version that the caller saw.
func testVersions(t *testing.T, target Target) {
	ann := newMember(t, target)
	key := ann.create()
	first := ann.do("GET", key.path(), nil).header.Get("ETag")
	matched := ann.and("If-Match", first).do("PATCH", key.path(), fields{"name": "second"})
	matched.wantStatus(http.StatusOK)
	second := matched.header.Get("ETag")
	if second == first || second != ann.do("GET", key.path(), nil).header.Get("ETag") {
		t.Errorf("ETag = %s after a change of %s", second, first)
	}
	for method, body := range map[string]any{"PATCH": fields{"name": "third"}, "DELETE": nil} {
		ann.and("If-Match", first).do(method, key.path(), body).wantRefusal(http.StatusPreconditionFailed, "version_mismatch", "The key has changed",
			"The key's version is "+second[1:len(second)-1]+" now. Read the key again and repeat the change if it still makes sense.", "")
	}
	for name, bad := range map[string]string{"no quotes": "2", "weak": `W/"2"`, "a word": `"two"`, "a list": `"1", "2"`} {
		t.Run(name, func(t *testing.T) {
			ann.in(t).and("If-Match", bad).do("PATCH", key.path(), fields{"name": "third"}).wantRefusal(http.StatusBadRequest, "invalid_parameter",
				"Invalid request parameter", `If-Match must be an ETag that this key gave, such as "3".`, "If-Match")
		})
	}
	ann.and("If-Match", "*").do("PATCH", key.path(), fields{"name": "third"}).wantStatus(http.StatusOK)
	ann.and("If-Match", second).do("DELETE", key.path(), nil).wantStatus(http.StatusPreconditionFailed)
	third := ann.do("GET", key.path(), nil).header.Get("ETag")
	ann.and("If-Match", third).do("DELETE", key.path(), nil).wantStatus(http.StatusOK)
}
