package acceptance

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shippedRoles are the roles of the shipped catalog, with what each gives.
var shippedRoles = map[string][]string{
	"admin":                {"*:*"},
	"read_only_admin":      {"*:read"},
	"billing_manager":      {"billing:*"},
	"cache_purger":         {"cache:purge"},
	"dns_manager":          {"dns:*"},
	"security_manager":     {"security:*"},
	"traffic_manager":      {"traffic:*"},
	"insights_analyst":     {"insights:read"},
	"global_admin":         {"*:*"},
	"global_viewer":        {"*:read"},
	"cloud_account_viewer": {"*:read"},
}

func testRoles(t *testing.T, target Target) {
	t.Run("each shipped role reaches what it should and nothing else", func(t *testing.T) {
		routes := newCatalog(newMember(t, target))
		for role, gives := range shippedRoles {
			asked := routes
			if target.Slow && role != "admin" {
				asked = onePerPermission(routes)
			}
			t.Run(role, func(t *testing.T) { testReach(newMember(t, target), role, gives, asked) })
		}
	})
	t.Run("the sample API admits by the same roles", func(t *testing.T) {
		ann := newMember(t, target)
		for role, gives := range shippedRoles {
			holder := ann.in(t).withRole(role)
			holder.wantAllowed(holder.sample("production"), anyGives(gives, "dns:read"), http.StatusOK)
			holder.wantAllowed(holder.send("POST", target.Sample("production")+"/zones", nil), anyGives(gives, "dns:write"), http.StatusCreated)
		}
	})
	t.Run("of several roles each counts", func(t *testing.T) {
		holder := newMember(t, target).withRole("insights_analyst", "cache_purger")
		holder.forward("GET", "production/insights/metrics").wantStatus(http.StatusNoContent)
		holder.forward("POST", "production/cdn/purge").wantStatus(http.StatusNoContent)
		holder.forward("GET", "production/cdn/distributions").wantForbidden("permission_denied", needsText("cdn:read"))
	})
	t.Run("a change of the roles holds on the next request", func(t *testing.T) { testRolesChange(newMember(t, target)) })
	t.Run("Global Admin manages keys and viewers do not", func(t *testing.T) { testWhoManages(newMember(t, target)) })
	t.Run("a role that there is not is refused", func(t *testing.T) {
		newMember(t, target).wantBadRule(fields{"roles": []string{"dns_manager", "dns_boss"}}, "roles",
			`There is no role "dns_boss", neither in the catalog nor among your organization's own.`)
	})
	t.Run("at most 20 roles, each once", func(t *testing.T) {
		ann := newMember(t, target)
		ann.wantBadRule(fields{"roles": numbered("r", 21)}, "roles", "roles must have at most 20 entries, not 21.")
		ann.wantBadRule(fields{"roles": []string{"admin", "admin"}}, "roles", `roles has "admin" twice.`)
		ann.wantBadRule(fields{"roles": []string{"a b"}}, "roles", `roles must have ids of 1 to 64 of A-Z, a-z, 0-9, _, ., : and -, not "a b".`)
		ann.wantBadRule(fields{"roles": "admin"}, "roles", "roles must be a list.")
	})
}

// catalogRoute is a route as GET /v1/catalog shows it.
type catalogRoute struct{ service, method, path, permission string }

// newCatalog are all routes that a key can be asked about; keyward's own are asked for by their permissions.
func newCatalog(ann *caller) []catalogRoute {
	ann.t.Helper()
	var routes []catalogRoute
	for _, entry := range ann.do("GET", "/v1/catalog", nil).data()["services"].([]any) {
		service := entry.(fields)
		for _, entry := range service["routes"].([]any) {
			route := entry.(fields)
			found := catalogRoute{service["id"].(string), route["method"].(string), concrete(route["path"].(string)), route["permission"].(string)}
			if found.service == "keyward" {
				found.method, found.path = "", ""
			}
			routes = append(routes, found)
		}
	}
	if len(routes) < 60 {
		ann.t.Fatalf("the catalog shows %d routes: the test would show little", len(routes))
	}
	return routes
}

// onePerPermission are the first of the routes that need the same permission: what a role reaches goes by permissions alone.
func onePerPermission(routes []catalogRoute) []catalogRoute {
	var first []catalogRoute
	for _, route := range routes {
		if !slices.ContainsFunc(first, func(other catalogRoute) bool { return other.permission == route.permission }) {
			first = append(first, route)
		}
	}
	return first
}

// concrete is a path of a pattern.
func concrete(pattern string) string {
	return strings.NewReplacer("{", "the-", "}", "").Replace(pattern)
}

func testReach(ann *caller, role string, gives []string, routes []catalogRoute) {
	key := ann.create(fields{"roles": []string{role}, "accounts": "all", "tier": "enterprise"})
	for _, route := range routes {
		asked := fields{"service": route.service, "method": route.method, "path": route.path}
		if route.path == "" {
			asked = fields{"service": route.service, "permission": route.permission}
		}
		data, allowed := ann.verify(key, asked).data(), anyGives(gives, route.permission)
		if data["valid"] != allowed {
			ann.t.Errorf("%s: valid = %v, want %v", route, data["valid"], allowed)
		}
		if !allowed && (data["code"] != "permission_denied" || data["error"] != needsText(route.permission)) {
			ann.t.Errorf("%s: code = %v, error = %v", route, data["code"], data["error"])
		}
	}
}

// anyGives reports whether one of the patterns includes a permission.
func anyGives(patterns []string, permission string) bool {
	resource, action, _ := strings.Cut(permission, ":")
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		of, may, _ := strings.Cut(pattern, ":")
		return (of == "*" || of == resource) && (may == "*" || may == action)
	})
}

// withRole is the holder of a new key with those roles, for all accounts.
func (c *caller) withRole(roles ...string) *caller {
	c.t.Helper()
	return c.holder(c.create(fields{"roles": roles, "accounts": "all"}).secret)
}

// exit403 is what API Gateway says by itself of a key that may not do what it asks.
const exit403 = "The key is genuine, but may not do this from here. Check its permissions, services and scopes, and its IP allow and deny lists."

// wantAllowed checks an answer of the sample API: the status, or the gateway's one 403.
func (c *caller) wantAllowed(answer *answer, allowed bool, status int) {
	c.t.Helper()
	if !allowed {
		answer.wantForbidden("permission_denied", exit403)
		return
	}
	answer.wantStatus(status)
}

func testRolesChange(ann *caller) {
	key := ann.create(fields{"roles": []string{"dns_manager"}})
	holder := ann.holder(key.secret)
	change := func(change fields) {
		ann.t.Helper()
		data := ann.do("PATCH", key.path(), change).data()
		if diff := cmp.Diff(list(change["roles"]), data["roles"]); diff != "" {
			ann.t.Errorf("roles (-want +got)\n%s", diff)
		}
	}
	for range 3 {
		holder.sample("production").wantStatus(http.StatusOK)
		change(fields{"roles": []string{"billing_manager"}})
		holder.sample("production").wantForbidden("permission_denied", exit403)
		holder.forward("GET", "production/billing/plans").wantStatus(http.StatusNoContent)
		change(fields{"roles": []string{"billing_manager", "dns_manager"}})
	}
}
