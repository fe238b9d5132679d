package acceptance

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const operatorsOnly = "max_tier and key_limit are changed by the deployment's operators alone. Ask one of them."

func testAccount(t *testing.T, target Target) {
	t.Run("everybody in it sees it", func(t *testing.T) { testAccountSeen(newMember(t, target)) })
	t.Run("its settings are changed one by one", func(t *testing.T) { testAccountPatched(newMember(t, target)) })
	t.Run("its tier is that of the keys that follow it, on their next request", func(t *testing.T) { testFollowing(newMember(t, target)) })
	t.Run("it can lock its keys and their names", func(t *testing.T) { testAccountLocks(newMember(t, target)) })
	t.Run("what can't be is refused", func(t *testing.T) { testBadAccount(newMember(t, target)) })
	t.Run("members without account:write can't change it", func(t *testing.T) {
		ann := newMember(t, target)
		bob := ann.colleague("read_only_admin")
		bob.do("GET", "/v1/account", nil).wantStatus(http.StatusOK)
		bob.do("PATCH", "/v1/account", fields{"name": "bob's"}).wantError(http.StatusForbidden, "permission_denied")
		holder := ann.holder(ann.create(fields{"permissions": []string{"account:write"}}).secret)
		holder.do("PATCH", "/v1/account", fields{"name": "by a key"}).wantStatus(http.StatusOK)
	})
	t.Run("only operators move its bounds", func(t *testing.T) { testBounds(newMember(t, target)) })
}

// testAccountSeen looks at a new account by its Admin and by a key that may do nothing.
func testAccountSeen(ann *caller) {
	powerless := ann.holder(ann.create(fields{"roles": []string{}}).secret)
	seen := ann.do("GET", "/v1/account", nil)
	data := seen.data()
	want := fields{
		"organization_id": data["organization_id"], "name": "Personal", "tier": "basic", "max_tier": "enterprise", "key_limit": data["key_limit"],
		"live_keys": 1.0, "locked_keys": false, "immutable_names": false,
		"organizations": []any{fields{"organization_id": data["organization_id"], "name": "Personal", "status": "active"}},
	}
	if diff := cmp.Diff(fields{"status": "success", "message": "Account retrieved successfully", "data": want}, seen.body()); diff != "" {
		seen.errorf("body (-want +got)\n%s", diff)
	}
	delete(want, "organizations")
	if diff := cmp.Diff(want, powerless.do("GET", "/v1/account", nil).data()); diff != "" {
		ann.t.Errorf("what a key sees (-want +got)\n%s", diff)
	}
}

func testAccountPatched(ann *caller) {
	want := ann.do("GET", "/v1/account", nil).data()
	for _, change := range []fields{
		{"name": "Zürich AG"}, {"locked_keys": true}, {"immutable_names": true}, {"locked_keys": false, "immutable_names": false}, {"tier": "pro"}, {},
	} {
		want = merge(want, change)
		answer := ann.do("PATCH", "/v1/account", change)
		answer.wantStatus(http.StatusOK)
		answered := merge(want)
		delete(answered, "organizations")
		if diff := cmp.Diff(fields{"status": "success", "message": "Account updated successfully", "data": answered}, answer.body()); diff != "" {
			answer.errorf("body (-want +got)\n%s", diff)
		}
		got := ann.do("GET", "/v1/account", nil).data()
		delete(got, "organizations")
		if diff := cmp.Diff(answered, got); diff != "" {
			ann.t.Errorf("GET afterwards (-want +got)\n%s", diff)
		}
	}
}

func testFollowing(ann *caller) {
	follows, explicit, own := ann.create(), ann.create(fields{"tier": "basic"}), ann.create(fields{"rate_limit": 42})
	limits := func(want ...int) {
		ann.t.Helper()
		for i, key := range []key{follows, explicit, own} {
			if got := ann.holder(key.secret).sample("production").number("X-RateLimit-Limit"); got != want[i] {
				ann.t.Errorf("key %d has %d requests a minute, want %d", i, got, want[i])
			}
		}
	}
	limits(100, 100, 42)
	for tier, limit := range map[string]int{"pro": 1000, "enterprise": 10000, "basic": 100} {
		ann.do("PATCH", "/v1/account", fields{"tier": tier}).wantStatus(http.StatusOK)
		limits(limit, 100, 42)
		if data := ann.do("GET", follows.path(), nil).data(); data["tier"] != tier || data["tier_inherited"] != true {
			ann.t.Errorf("tier = %v, tier_inherited = %v, want %s", data["tier"], data["tier_inherited"], tier)
		}
		if data := ann.do("GET", own.path(), nil).data(); data["tier"] != tier || data["rate_limit"] != 42.0 {
			ann.t.Errorf("a limit of its own: tier = %v, rate_limit = %v, want %s and 42", data["tier"], data["rate_limit"], tier)
		}
	}
}

func testAccountLocks(ann *caller) {
	key := ann.create()
	ann.do("PATCH", "/v1/account", fields{"immutable_names": true}).wantStatus(http.StatusOK)
	ann.do("PATCH", key.path(), fields{"name": newName("other")}).wantRefusal(http.StatusConflict, "name_immutable", "Conflict",
		"The names of keys can't be changed here. Create a new key under the other name.", "name")
	ann.do("PATCH", key.path(), fields{"description": "x"}).wantStatus(http.StatusOK)
	ann.do("PATCH", "/v1/account", fields{"locked_keys": true}).wantStatus(http.StatusOK)
	ann.do("PATCH", key.path(), fields{"description": "y"}).wantRefusal(http.StatusConflict, "key_locked", "Conflict",
		"The key is locked: it can't be edited. It can be disabled, enabled, regenerated and revoked.", "")
	ann.do("POST", key.path()+"/disable", nil).wantStatus(http.StatusOK)
	ann.do("PATCH", "/v1/account", fields{"locked_keys": false, "immutable_names": false}).wantStatus(http.StatusOK)
	ann.do("PATCH", key.path(), fields{"name": newName("other")}).wantStatus(http.StatusOK)
}

func testBadAccount(ann *caller) {
	const tiers = "tier must be one of free, basic, pro, enterprise, not "
	for body, want := range map[string][3]string{
		`{"tier":"gold"}`:         {"invalid_field", "tier", tiers + `"gold".`},
		`{"tier":null}`:           {"invalid_field", "tier", tiers + `"".`},
		`{"name":""}`:             {"invalid_field", "name", "name must have 1 to 100 characters, none of them a control character."},
		`{"locked_keys":null}`:    {"invalid_field", "locked_keys", "locked_keys must be true or false."},
		`{"immutable_names":1}`:   {"invalid_field", "immutable_names", "immutable_names must be true or false."},
		`{"live_keys":0}`:         {"unknown_field", "live_keys", noField("live_keys", "name, tier, locked_keys, immutable_names, max_tier, key_limit")},
		`{"organization_id":"x"}`: {"unknown_field", "organization_id", noField("organization_id", "name, tier, locked_keys, immutable_names, max_tier, key_limit")},
	} {
		ann.do("PATCH", "/v1/account", body).wantInvalid(want[0], want[1], want[2])
	}
}

// operator is the deployment's operator, at work in c's organization.
func (c *caller) operator() *caller {
	c.t.Helper()
	return c.with("Authorization", "Bearer "+c.target.Token(c.t, c.target.Operator)).and("X-Organization", c.organization())
}

func testBounds(ann *caller) {
	for _, body := range []fields{{"max_tier": "pro"}, {"key_limit": 7}, {"name": "x", "key_limit": nil}} {
		ann.do("PATCH", "/v1/account", body).wantRefusal(http.StatusForbidden, "permission_denied", "Permission denied", operatorsOnly, "")
	}
	operator := ann.operator()
	changed := operator.do("PATCH", "/v1/account", fields{"max_tier": "basic", "key_limit": 7})
	changed.wantStatus(http.StatusOK)
	if data := changed.data(); data["max_tier"] != "basic" || data["key_limit"] != 7.0 {
		changed.errorf("the bounds are others")
	}
	ann.do("PATCH", "/v1/account", fields{"tier": "pro"}).wantRefusal(http.StatusForbidden, "tier_not_allowed", "Permission denied",
		"The tier pro is above basic, the highest that your organization may use. Ask for a higher one.", "")
	key := ann.create()
	ann.do("PATCH", key.path(), fields{"rate_limit": 101}).wantError(http.StatusForbidden, "tier_not_allowed")
	ann.do("PATCH", key.path(), fields{"tier": "pro"}).wantError(http.StatusForbidden, "tier_not_allowed")
	operator.do("PATCH", key.path(), fields{"rate_limit": 30000}).wantStatus(http.StatusOK)
	if got := ann.holder(key.secret).sample("production").number("X-RateLimit-Limit"); got != 30000 {
		ann.t.Errorf("X-RateLimit-Limit = %d after an operator set 30000", got)
	}
	operator.do("PATCH", key.path(), fields{"rate_limit": 30001}).wantError(http.StatusForbidden, "tier_not_allowed")
	operator.and("X-Organization", "org_0000000000000000").do("GET", "/v1/account", nil).
		wantRefusal(http.StatusForbidden, "organization_denied", "Permission denied", notYours, "")
}
