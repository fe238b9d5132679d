package acceptance

import (
	"fmt"
	"net/http"
)

// testWhoManages signs in as members of an organization with a role each.
func testWhoManages(ann *caller) {
	admin := ann.colleague("global_admin")
	key := admin.create()
	admin.do("PATCH", key.path(), fields{"description": "x"}).wantStatus(http.StatusOK)
	for _, role := range []string{"global_viewer", "read_only_admin", "cloud_account_viewer"} {
		viewer := ann.colleague(role)
		viewer.do("GET", "/v1/keys", nil).wantStatus(http.StatusOK)
		viewer.do("GET", key.path(), nil).wantStatus(http.StatusOK)
		for _, call := range []string{"POST /v1/keys", "PATCH " + key.path(), "DELETE " + key.path(), "POST " + key.path() + "/regenerate", "POST " + key.path() + "/disable"} {
			viewer.call(call, nil).wantForbidden("permission_denied", "This request needs keys:write, which none of your roles has. Ask an Admin of the organization.")
		}
	}
	dns := ann.colleague("dns_manager")
	dns.do("GET", "/v1/keys", nil).wantForbidden("permission_denied", "This request needs keys:read, which none of your roles has. Ask an Admin of the organization.")
	admin.do("DELETE", key.path(), nil).wantStatus(http.StatusOK)
}

// list is a list of strings as JSON reads it.
func list(strings any) []any {
	all := []any{}
	for _, text := range strings.([]string) {
		all = append(all, text)
	}
	return all
}

func numbered(prefix string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprint(prefix, i)
	}
	return all
}

// wantBadRule checks that neither a create nor a PATCH takes these fields.
func (c *caller) wantBadRule(bad fields, field, text string) {
	c.t.Helper()
	c.do("POST", "/v1/keys", merge(fields{"name": newName("bad")}, bad)).wantInvalid("invalid_field", field, text)
	key := c.create(fields{"roles": []string{"dns_manager"}})
	c.do("PATCH", key.path(), bad).wantInvalid("invalid_field", field, text)
	if got := c.do("GET", key.path(), nil).data()["version"]; got != 1.0 {
		c.t.Errorf("a refused PATCH changed the key: version = %v", got)
	}
}
