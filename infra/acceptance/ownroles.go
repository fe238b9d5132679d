package acceptance

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const noRole = "Your organization has no role of its own of that name. GET /v1/roles lists them; those of the catalog can't be changed."

// putRole makes an own role of those permissions, whether or not there is one.
func (c *caller) putRole(name string, permissions ...string) {
	c.t.Helper()
	if answer := c.do("PUT", "/v1/roles/"+name, fields{"permissions": permissions}); answer.status >= 300 {
		answer.errorf("the role can't be put")
	}
}

func testOwnRoles(t *testing.T, target Target) {
	t.Run("they are added, changed, listed and removed", func(t *testing.T) { testOwnRole(newMember(t, target)) })
	t.Run("a key with one holds it as it is on the next request", func(t *testing.T) {
		ann := newMember(t, target)
		ann.putRole("zones", "dns:read")
		key := ann.create(fields{"roles": []string{"zones"}})
		holder := ann.holder(key.secret)
		for range 2 {
			holder.sample("production").wantStatus(http.StatusOK)
			holder.send("POST", target.Sample("production")+"/zones", nil).wantError(http.StatusForbidden, "permission_denied")
			ann.putRole("zones", "dns:write")
			holder.sample("production").wantError(http.StatusForbidden, "permission_denied")
			holder.send("POST", target.Sample("production")+"/zones", nil).wantStatus(http.StatusCreated)
			ann.wantPermissions(key, "dns:write")
			ann.putRole("zones", "dns:read")
		}
	})
	t.Run("a member with one holds it as it is on the next request", func(t *testing.T) {
		ann := newMember(t, target)
		ann.putRole("support", "keys:read")
		bob := ann.colleague("support")
		bob.do("GET", "/v1/keys", nil).wantStatus(http.StatusOK)
		ann.putRole("support", "members:read")
		bob.do("GET", "/v1/keys", nil).wantError(http.StatusForbidden, "permission_denied")
		bob.do("GET", "/v1/members", nil).wantStatus(http.StatusOK)
	})
	t.Run("one in use stays, and its users are named", func(t *testing.T) { testRoleInUse(newMember(t, target)) })
	t.Run("one that can't be is refused", func(t *testing.T) { testBadRoles(newMember(t, target)) })
	t.Run("an organization's own are nobody else's", func(t *testing.T) {
		ann, bob := newMember(t, target), newMember(t, target)
		ann.putRole("support", "dns:read")
		bob.do("GET", "/v1/roles/support", nil).wantRefusal(http.StatusNotFound, "role_not_found", "Not found", noRole, "")
		bob.do("DELETE", "/v1/roles/support", nil).wantRefusal(http.StatusNotFound, "role_not_found", "Not found", noRole, "")
		bob.wantBadRule(fields{"roles": []string{"support"}}, "roles", `There is no role "support", neither in the catalog nor among your organization's own.`)
		if roles := bob.do("GET", "/v1/roles", nil).data()["roles"].([]any); len(roles) != 0 {
			t.Errorf("bob's roles are %v", roles)
		}
	})
}

// wantRole checks all of an answer about a role.
func (a *answer) wantRole(status int, message string, want fields) {
	a.t.Helper()
	a.wantStatus(status)
	if diff := cmp.Diff(fields{"status": "success", "message": message, "data": want}, a.body()); diff != "" {
		a.errorf("body (-want +got)\n%s", diff)
	}
}

func testOwnRole(ann *caller) {
	const path = "/v1/roles/support"
	role := fields{
		"id": "support", "title": "Support", "description": "Looks at customers.", "permissions": []any{"customers:read", "dns:*"},
		"accounts_required": false, "own": true,
	}
	body := fields{"title": "Support", "description": "Looks at customers.", "permissions": []string{"customers:read", "dns:*"}}
	ann.do("GET", path, nil).wantRefusal(http.StatusNotFound, "role_not_found", "Not found", noRole, "")
	ann.do("PUT", path, body).wantRole(http.StatusCreated, "Role updated successfully", role)
	ann.do("PUT", path, body).wantRole(http.StatusOK, "Role updated successfully", role)
	ann.do("GET", path, nil).wantRole(http.StatusOK, "Role retrieved successfully", role)
	ann.putRole("a-first", "dns:read")
	first := fields{"id": "a-first", "title": "a-first", "description": "", "permissions": []any{"dns:read"}, "accounts_required": false, "own": true}
	ann.do("GET", "/v1/roles", nil).wantRole(http.StatusOK, "Roles retrieved successfully", fields{"roles": []any{first, role}})
	plain := merge(role, fields{"title": "support", "description": "", "permissions": []any{"dns:read"}})
	ann.do("PUT", path, fields{"permissions": []string{"dns:read"}}).wantRole(http.StatusOK, "Role updated successfully", plain)
	ann.do("DELETE", path, nil).wantRole(http.StatusOK, "Role removed successfully", plain)
	ann.do("DELETE", path, nil).wantRefusal(http.StatusNotFound, "role_not_found", "Not found", noRole, "")
	ann.do("GET", "/v1/roles", nil).wantRole(http.StatusOK, "Roles retrieved successfully", fields{"roles": []any{first}})
}

func testRoleInUse(ann *caller) {
	ann.putRole("support", "dns:read")
	key := ann.create(fields{"roles": []string{"support"}})
	bob := ann.colleague("support")
	remove := func() *answer { return ann.do("DELETE", "/v1/roles/support", nil) }
	inUse := func(by string) string {
		return fmt.Sprintf("The role support is in use by %s. Take it away from them first.", by)
	}
	named := fmt.Sprintf("key %s (%s)", key.id, key.name)
	remove().wantRefusal(http.StatusConflict, "role_in_use", "Conflict", inUse("member "+bob.name+", "+named), "")
	ann.do("PUT", memberPath(bob.name), fields{"roles": []string{}}).wantStatus(http.StatusOK)
	ann.do("POST", key.path()+"/disable", nil).wantStatus(http.StatusOK)
	remove().wantRefusal(http.StatusConflict, "role_in_use", "Conflict", inUse(named), "")
	other := ann.create(fields{"roles": []string{"support"}}) // a refused removal has changed nothing
	ann.holder(other.secret).sample("production").wantStatus(http.StatusOK)
	ann.do("DELETE", other.path(), nil).wantStatus(http.StatusOK)
	ann.do("PATCH", key.path(), fields{"roles": []string{"dns_manager"}}).wantStatus(http.StatusOK)
	remove().wantStatus(http.StatusOK)
	ann.do("PATCH", key.path(), fields{"roles": []string{"support"}}).wantError(http.StatusBadRequest, "invalid_field")
}

func testBadRoles(ann *caller) {
	for body, want := range map[string][3]string{
		`{"permissions":["dns:fly"]}`:             {"invalid_field", "permissions", `permissions has "dns:fly", which the catalog does not know. GET /v1/catalog lists them.`},
		`{"permissions":["dns"]}`:                 {"invalid_field", "permissions", `permissions must be resource:action, such as dns:write, not "dns".`},
		`{"permissions":["dns:read","dns:read"]}`: {"invalid_field", "permissions", `permissions has "dns:read" twice.`},
		`{"permissions":[]}`:                      {"invalid_field", "permissions", "permissions must be 1 to 50, not 0."},
		`{}`:                                      {"invalid_field", "permissions", "permissions must be 1 to 50, not 0."},
		`{"permissions":"dns:read"}`:              {"invalid_field", "permissions", "permissions must be a list."},
		`{"permission":["dns:read"]}`:             {"unknown_field", "permission", noField("permission", "title, description, permissions")},
	} {
		ann.do("PUT", "/v1/roles/support", body).wantInvalid(want[0], want[1], want[2])
	}
	for name, text := range map[string]string{
		"admin":                "admin is a role of the catalog, which can't be changed. Choose another name.",
		"cloud_account_viewer": "cloud_account_viewer is a role of the catalog, which can't be changed. Choose another name.",
		"our%20role":           "name must be 1 to 64 of A-Z, a-z, 0-9, _, ., : and -.",
	} {
		ann.do("PUT", "/v1/roles/"+name, fields{"permissions": []string{"dns:read"}}).
			wantRefusal(http.StatusBadRequest, "invalid_parameter", "Invalid request parameter", text, "name")
		ann.do("DELETE", "/v1/roles/"+name, nil).wantError(http.StatusNotFound, "role_not_found")
	}
}
