package acceptance

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	keyLocked     = "The key is locked: it can't be edited. It can be disabled, enabled, regenerated and revoked."
	nameImmutable = "The names of keys can't be changed here. Create a new key under the other name."
)

// wantLocked checks that no PATCH changes the key, whatever it says, and that the rest works.
func (c *caller) wantLocked(locked key) {
	c.t.Helper()
	for _, change := range []fields{{}, {"name": "other"}, {"description": "other"}, {"roles": []string{"dns_manager"}}, {"active": false}, {"name": locked.name}, {"tier": "gold"}} {
		c.do("PATCH", locked.path(), change).wantRefusal(http.StatusConflict, "key_locked", "Conflict", keyLocked, "")
	}
	c.do("POST", locked.path()+"/disable", nil).wantStatus(http.StatusOK)
	c.do("POST", locked.path()+"/enable", nil).wantStatus(http.StatusOK)
	c.wantWorks(true, c.regenerate(locked, nil))
	c.wantWorks(false, locked)
}

func testLocked(t *testing.T, target Target) {
	t.Run("a key made locked can't be edited, but stopped and renewed", func(t *testing.T) {
		ann := newMember(t, target)
		locked := ann.create(fields{"locked": true})
		if locked.data["locked"] != true || ann.entry(locked)["locked"] != true {
			t.Error("the key is not shown as locked")
		}
		ann.wantLocked(locked)
		ann.do("DELETE", locked.path(), nil).wantStatus(http.StatusOK)
		ann.do("PATCH", locked.path(), fields{}).wantRefusal(http.StatusConflict, "key_revoked", "Conflict", keyRevoked, "")
	})
	t.Run("an organization locks all of its keys, and none of another's", func(t *testing.T) {
		ann, bob := newMember(t, target), newMember(t, target)
		key, other := ann.create(), bob.create()
		ann.do("PATCH", "/v1/account", fields{"locked_keys": true}).wantStatus(http.StatusOK)
		ann.wantLocked(key)
		ann.wantLocked(ann.create())
		bob.do("PATCH", other.path(), fields{"description": "x"}).wantStatus(http.StatusOK)
		ann.do("PATCH", "/v1/account", fields{"locked_keys": false}).wantStatus(http.StatusOK)
		ann.do("PATCH", key.path(), fields{"description": "x"}).wantStatus(http.StatusOK)
	})
	t.Run("an organization makes names immutable", func(t *testing.T) {
		ann := newMember(t, target)
		key := ann.create()
		ann.do("PATCH", "/v1/account", fields{"immutable_names": true}).wantStatus(http.StatusOK)
		ann.do("PATCH", key.path(), fields{"name": "other", "description": "x"}).wantRefusal(http.StatusConflict, "name_immutable", "Conflict", nameImmutable, "name")
		if got := ann.do("GET", key.path(), nil).data(); got["name"] != key.name || got["description"] != "" {
			t.Errorf("a refused change: name = %v, description = %v", got["name"], got["description"])
		}
		ann.do("PATCH", key.path(), fields{"name": key.name, "description": "x"}).wantStatus(http.StatusOK)
		ann.create(fields{"name": "any at birth"})
		ann.do("PATCH", "/v1/account", fields{"immutable_names": false}).wantStatus(http.StatusOK)
		ann.do("PATCH", key.path(), fields{"name": "other"}).wantStatus(http.StatusOK)
	})
}

func testSuccessor(t *testing.T, target Target) {
	const text = "successor must be the key_id of another key of your organization that is not revoked, or null for none, not "
	ann := newMember(t, target)
	key, next := ann.create(), ann.create()
	t.Run("a key names the one that takes its place", func(t *testing.T) {
		ann := ann.in(t)
		born := ann.create(fields{"successor": next.id})
		changed := ann.do("PATCH", key.path(), fields{"successor": next.id}).data()
		shown := ann.do("GET", key.path(), nil).data()
		if diff := cmp.Diff([]any{next.id, next.id, next.id}, []any{born.data["successor"], changed["successor"], shown["successor"]}); diff != "" {
			t.Errorf("successors (-want +got)\n%s", diff)
		}
		if got := ann.do("PATCH", key.path(), fields{"successor": nil}).data()["successor"]; got != nil {
			t.Errorf("successor = %v after null", got)
		}
	})
	t.Run("one that is not there is refused", func(t *testing.T) {
		ann := ann.in(t)
		revoked, foreign := ann.inState("revoked"), newMember(t, target).create()
		for _, bad := range []string{"key_00000000", "nonsense", "", key.id, revoked.id, foreign.id} {
			ann.do("PATCH", key.path(), fields{"successor": bad}).wantInvalid("invalid_field", "successor", text+`"`+bad+`".`)
		}
		ann.do("POST", "/v1/keys", fields{"name": "x", "successor": foreign.id}).wantInvalid("invalid_field", "successor", text+`"`+foreign.id+`".`)
	})
}

func testWarnings(t *testing.T, target Target) {
	ann := newMember(t, target)
	for name, test := range map[string]struct {
		made fields
		want []any
	}{
		"a sensible key":               {fields{"roles": []string{"dns_manager"}, "services": []string{"dns"}}, []any{}},
		"never expires":                {fields{"expires_in": "never"}, []any{neverExpires}},
		"reaches no service in scope":  {fields{"roles": []string{"dns_manager"}, "services": []string{"billing"}}, []any{reachesNothing}},
		"may do nothing":               {fields{"permissions": []string{}}, []any{reachesNothing}},
		"reaches keyward alone":        {fields{"permissions": []string{"keys:read"}}, []any{}},
		"may manage keys, but not go":  {fields{"permissions": []string{"keys:read"}, "services": []string{"dns"}}, []any{reachesNothing}},
		"never expires and is useless": {fields{"expires_at": nil, "permissions": []string{}}, []any{neverExpires, reachesNothing}},
	} {
		t.Run(name, func(t *testing.T) {
			ann := ann.in(t)
			key := ann.create(test.made)
			changed := ann.do("PATCH", key.path(), fields{"description": "x"}).data()
			if diff := cmp.Diff([][]any{test.want, test.want}, [][]any{key.data["warnings"].([]any), changed["warnings"].([]any)}); diff != "" {
				t.Errorf("warnings of a create and of a PATCH (-want +got)\n%s", diff)
			}
		})
	}
}

// testContradictions sends what says two things at once.
func testContradictions(t *testing.T, target Target) {
	ann := newMember(t, target)
	contradiction := func(own string) string {
		return "inherit and " + own + " contradict each other: a key that inherits has its owner's permissions and none of its own. Send one of them."
	}
	t.Run("inherit and roles", func(t *testing.T) {
		ann.in(t).wantBadRule(fields{"inherit": true, "roles": []string{"dns_manager"}}, "inherit", contradiction("roles"))
	})
	t.Run("inherit and permissions", func(t *testing.T) {
		ann.in(t).wantBadRule(fields{"inherit": true, "permissions": []string{"dns:read"}}, "inherit", contradiction("permissions"))
	})
	t.Run("roles for a key that inherits", func(t *testing.T) {
		ann := ann.in(t)
		key := ann.create(fields{"inherit": true})
		ann.do("PATCH", key.path(), fields{"roles": []string{"dns_manager"}}).wantInvalid("invalid_field", "roles",
			"The key inherits its owner's permissions. Send inherit: false too, to give it roles of its own.")
		ann.do("PATCH", key.path(), fields{"inherit": false, "roles": []string{"dns_manager"}}).wantStatus(http.StatusOK)
		ann.wantPermissions(key, "dns:*")
	})
	t.Run("a bad field beside good ones changes nothing", func(t *testing.T) {
		ann := ann.in(t)
		key := ann.create()
		etag := ann.do("GET", key.path(), nil).header.Get("ETag")
		for _, bad := range []fields{{"tier": "gold"}, {"ip_allow": networks("nonsense")}, {"roles": []string{"boss"}}, {"services": []string{}}, {"expires_in_days": 0}, {"successor": "x"}, {"quota_per_day": 0}} {
			ann.do("PATCH", key.path(), merge(fields{"name": newName("half"), "description": "half", "active": false}, bad)).wantStatus(http.StatusBadRequest)
		}
		ann.do("GET", key.path(), nil).wantHeader("ETag", etag)
	})
}
