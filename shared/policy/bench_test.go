package policy_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// eightRoles are all of VergeCloud's but those that give everything, the one that is needed last.
var eightRoles = []string{
	"billing_manager", "cache_purger", "security_manager", "traffic_manager", "insights_analyst", "own_reader", "own_writer", "dns_manager",
}

// ownRoles are an organization's own.
var ownRoles = org.Roles{List: []org.Role{
	{Name: "own_reader", Permissions: []string{"customers:read", "licenses:read"}},
	{Name: "own_writer", Permissions: []string{"customers:write", "licenses:manage"}},
}}

// withRoutes is the shipped catalog, where the service dns has so many routes, three of four with captures.
func withRoutes(t testing.TB, n int) *policy.Catalog {
	t.Helper()
	catalog, err := policy.Load(edited(t, func(c object) {
		var routes []any
		for i := range n {
			path := fmt.Sprintf([]string{"/kind%d", "/kind%d/{id}", "/kind%d/{id}/parts", "/kind%d/{id}/parts/{part}"}[i%4], i/4)
			routes = append(routes, object{"method": "GET", "path": path, "permission": "dns:read"})
		}
		item(c, "services", 0)["routes"] = routes
		item(c, "services", 0)["customer"] = object{"in": "query", "name": "customer_id"}
	}))
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

// everythingOn is a decision with all that there is to look at: eight roles, two of them the organization's own, a scope
// of services and customers, and one of 50 routes, and twenty
// parameters beside the customer's.
func everythingOn(t testing.TB) (*policy.Catalog, apikey.Outcome, org.Standing, policy.Request) {
	catalog := withRoutes(t, 50)
	outcome := apikey.Outcome{Spent: true, Record: record(func(r *apikey.Record) {
		r.Roles, r.Permissions = eightRoles, nil
		r.Scope = apikey.Scope{Services: []string{"cdn", "billing", "dns"}, Customers: []string{"c1", "c2", "c3"}}
		r.RulesID, r.Networks = "RULES7RULES7", apikey.Networks{Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}
	})}
	query := policy.Values{"customer_id": {"c3"}}
	for n := range 20 {
		query[fmt.Sprint("parameter_", n)] = []string{"value"}
	}
	request := policy.Request{
		Service: catalog.Service("dns"), Method: "GET", Path: "/kind11/z1/parts/p1",
		Query: query,
	}
	return catalog, outcome, org.Standing{Roles: ownRoles}, request
}

// BenchmarkDecide measures a decision by what it comes to: an allow costs most, since it looks up a route and permissions.
func BenchmarkDecide(b *testing.B) {
	catalog, spent, standing, request := everythingOn(b)
	for name, outcome := range map[string]apikey.Outcome{
		"allowed, 8 roles, 50 routes": spent,
		"rate limited":                {Record: record(full)},
		"unknown":                     {},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, explained := catalog.Decide(asking, outcome, standing, request); !explained {
					b.Fatal("the outcome was not explained")
				}
			}
		})
	}
}

// BenchmarkRoute measures finding a route among ever more of them.
func BenchmarkRoute(b *testing.B) {
	for _, n := range []int{10, 50, 1000} {
		service := withRoutes(b, n).Service("dns")
		b.Run(fmt.Sprint(n, " routes"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, found := service.Permission("GET", "/kind1/z1/parts/p1"); !found {
					b.Fatal("no route")
				}
			}
		})
	}
}

// BenchmarkGrants measures looking for the permission that the last of eight roles gives.
func BenchmarkGrants(b *testing.B) {
	holding := shipped(b).HoldingOf(&apikey.Record{Roles: eightRoles}, org.Standing{Roles: ownRoles})
	b.ReportAllocs()
	for b.Loop() {
		if !holding.Grants("dns:read") {
			b.Fatal("dns:read is not granted")
		}
	}
}

// BenchmarkLoad measures what the catalog costs at a start.
func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := policy.Load(policy.Shipped); err != nil {
			b.Fatal(err)
		}
	}
}
