package acceptance

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func testPermissions(t *testing.T, target Target) {
	t.Run("a permission alone gives that and nothing else", func(t *testing.T) { testSinglePermissions(newMember(t, target)) })
	t.Run("write does not imply read", func(t *testing.T) {
		ann := newMember(t, target)
		holder := ann.holder(ann.create(fields{"permissions": []string{"dns:write"}}).secret)
		holder.send("POST", target.Sample("production")+"/zones", nil).wantStatus(http.StatusCreated)
		holder.sample("production").wantForbidden("permission_denied", exit403)
		holder.forward("GET", "production/dns/zones").wantForbidden("permission_denied", needsText("dns:read"))
	})
	t.Run("roles and permissions add up, and are shown", func(t *testing.T) { testBoth(newMember(t, target)) })
	t.Run("neither copies the creator's", func(t *testing.T) { testCopies(newMember(t, target)) })
	t.Run("none at all is a key that may do nothing, with a warning", func(t *testing.T) {
		ann := newMember(t, target)
		key := ann.create(fields{"roles": []string{}, "permissions": []string{}})
		if diff := cmp.Diff([]any{reachesNothing}, key.data["warnings"]); diff != "" {
			t.Errorf("warnings (-want +got)\n%s", diff)
		}
		ann.holder(key.secret).sample("production").wantForbidden("permission_denied", exit403)
		ann.wantPermissions(key)
	})
	t.Run("patterns", func(t *testing.T) {
		ann := newMember(t, target)
		key := ann.create(fields{"permissions": []string{"*:read", "dns:*"}})
		for permission, want := range map[string]bool{"billing:read": true, "billing:write": false, "dns:write": true, "dns:read": true, "keys:write": false, "keys:read": true} {
			ann.wantGrants(key, permission, want)
		}
	})
	t.Run("a change of the permissions holds on the next request, and leaves the roles", func(t *testing.T) { testPermissionsChange(newMember(t, target)) })
	t.Run("a permission that there is not is refused", func(t *testing.T) { testBadPermissions(newMember(t, target)) })
}

func testPermissionsChange(ann *caller) {
	key := ann.create(fields{"roles": []string{"cache_purger"}, "permissions": []string{"dns:read"}})
	ann.holder(key.secret).sample("production").wantStatus(http.StatusOK)
	ann.do("PATCH", key.path(), fields{"permissions": []string{}}).wantStatus(http.StatusOK)
	ann.holder(key.secret).sample("production").wantForbidden("permission_denied", exit403)
	ann.wantPermissions(key, "cache:purge")
	ann.do("PATCH", key.path(), fields{"permissions": []string{"dns:read"}}).wantStatus(http.StatusOK)
	ann.holder(key.secret).sample("production").wantStatus(http.StatusOK)
}

func testBoth(ann *caller) {
	key := ann.create(fields{"roles": []string{"dns_manager"}, "permissions": []string{"insights:read", "dns:read"}})
	for _, permission := range []string{"dns:read", "dns:write", "insights:read"} {
		ann.wantGrants(key, permission, true)
	}
	ann.wantGrants(key, "billing:read", false)
	ann.wantPermissions(key, "dns:*", "insights:read", "dns:read")
	if diff := cmp.Diff([]any{"insights:read", "dns:read"}, ann.entry(key)["permissions"]); diff != "" {
		ann.t.Errorf("the list shows other permissions (-want +got)\n%s", diff)
	}
}

const reachesNothing = "No role or permission of the key reaches any service in its scope. Every request with it will be refused."

// testSinglePermissions goes through the permissions that Platform names.
func testSinglePermissions(ann *caller) {
	for permission, route := range map[string][3]string{
		"licenses:manage": {"licenses", "POST", "/licenses"},
		"customers:read":  {"customers", "GET", "/customers/acme"},
		"telemetry:write": {"telemetry", "POST", "/events"},
	} {
		holder := ann.holder(ann.create(fields{"permissions": []string{permission}}).secret)
		holder.forward(route[1], "production/"+route[0]+route[2]).wantStatus(http.StatusNoContent)
		for other, needed := range map[string]string{"licenses/licenses": "licenses:read", "customers/customers": "customers:read", "telemetry/events": "telemetry:read"} {
			if needed == permission {
				continue
			}
			holder.forward("GET", "production/"+other).wantForbidden("permission_denied", needsText(needed))
		}
	}
}

func testCopies(ann *caller) {
	ann.do("PUT", "/v1/roles/keeper", fields{"permissions": []string{"keys:read", "keys:write", "dns:read"}}).wantStatus(http.StatusCreated)
	bob := ann.colleague("keeper", "insights_analyst")
	made := bob.create()
	if diff := cmp.Diff([]any{"keeper", "insights_analyst"}, made.data["roles"]); diff != "" {
		ann.t.Errorf("a member's key has other roles (-want +got)\n%s", diff)
	}
	ann.wantPermissions(made, "keys:read", "keys:write", "dns:read", "insights:read")
	single := bob.create(fields{"roles": []string{"keeper"}, "permissions": []string{"insights:read"}})
	copied := ann.holder(single.secret).create()
	got := fields{"roles": copied.data["roles"], "permissions": copied.data["permissions"]}
	if diff := cmp.Diff(fields{"roles": []any{"keeper"}, "permissions": []any{"insights:read"}}, got); diff != "" {
		ann.t.Errorf("a key's key has other rules (-want +got)\n%s", diff)
	}
}

func testBadPermissions(ann *caller) {
	const form = "permissions must be of the form resource:action, such as dns:read, not "
	for permission, text := range map[string]string{
		"dns:fly":     `There is no permission "dns:fly" in the catalog.`,
		"nothing:*":   `There is no permission "nothing:*" in the catalog.`,
		"operator:*":  `There is no permission "operator:*" in the catalog.`,
		"dns":         form + `"dns".`,
		"":            form + `"".`,
		"dns:read:on": form + `"dns:read:on".`,
	} {
		ann.wantBadRule(fields{"permissions": []string{permission}}, "permissions", text)
	}
	ann.wantBadRule(fields{"permissions": numbered("dns:", 51)}, "permissions", "permissions must have at most 50 entries, not 51.")
	ann.wantBadRule(fields{"permissions": []string{"dns:read", "dns:read"}}, "permissions", `permissions has "dns:read" twice.`)
}

// wantGrants asks about one permission of a key.
func (c *caller) wantGrants(key key, permission string, want bool) {
	c.t.Helper()
	answer := c.verify(key, fields{"permission": permission})
	if !want {
		answer.wantVerdict("permission_denied", needsText(permission))
	} else if answer.data()["valid"] != true {
		answer.errorf("the key lacks %s", permission)
	}
}

// wantPermissions checks all that verify says a key may do.
func (c *caller) wantPermissions(key key, want ...string) {
	c.t.Helper()
	if diff := cmp.Diff(list(append([]string{}, want...)), c.verify(key).data()["permissions"]); diff != "" {
		c.t.Errorf("permissions (-want +got)\n%s", diff)
	}
}

// entry is the key as the list shows it.
func (c *caller) entry(key key) fields {
	c.t.Helper()
	found := c.do("GET", "/v1/keys?q="+key.id, nil).data()["keys"].([]any)
	if len(found) != 1 {
		c.t.Fatalf("the list has %d keys with the id %s", len(found), key.id)
	}
	return found[0].(fields)
}

// colleague is somebody new whom c has made a member of c's organization with those roles, and who has joined it. They
// name it with every request.
func (c *caller) colleague(roles ...string) *caller {
	c.t.Helper()
	bob := newMember(c.t, c.target)
	c.do("PUT", "/v1/members/"+bob.name, fields{"roles": roles}).wantStatus(http.StatusCreated)
	bob = bob.and("X-Organization", c.organization())
	bob.do("GET", "/v1/account", nil).wantStatus(http.StatusOK)
	return bob
}

// organization is the id of the organization that c acts in.
func (c *caller) organization() string {
	c.t.Helper()
	return c.do("GET", "/v1/account", nil).data()["organization_id"].(string)
}
