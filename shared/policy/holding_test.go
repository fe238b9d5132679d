package policy_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// A key that comes to nothing is worth a warning.
func TestAHoldingReachesWhatAServiceInItsScopeAsksFor(t *testing.T) {
	catalog := shipped(t)
	tests := map[string]struct {
		roles, permissions, services []string
		want                         bool
	}{
		"a role and its service":                    {[]string{"dns_manager"}, nil, []string{"dns"}, true},
		"a role and another service":                {[]string{"dns_manager"}, nil, []string{"cdn", "billing"}, false},
		"a role everywhere":                         {[]string{"dns_manager"}, nil, nil, true},
		"a permission and its service":              {nil, []string{"cache:purge"}, []string{"cdn"}, true},
		"a permission that the service asks not":    {nil, []string{"billing:read"}, []string{"cdn"}, false},
		"everything, in any service":                {[]string{"admin"}, nil, []string{"ai"}, true},
		"viewing, where there is nothing to view":   {[]string{"read_only_admin"}, nil, []string{"ai"}, false},
		"keyward, which has no routes here":         {nil, []string{"keys:verify"}, []string{"keyward"}, true},
		"keyward, by another service's permission":  {nil, []string{"dns:read"}, []string{"keyward"}, false},
		"an own role":                               {[]string{"ours"}, nil, []string{"insights"}, true},
		"nothing":                                   {nil, nil, nil, false},
		"a role that is gone":                       {[]string{"gone"}, nil, nil, false},
		"a service that is gone":                    {[]string{"admin"}, nil, []string{"gone"}, false},
		"a permission that no service asks for yet": {nil, []string{"nothing:asked"}, nil, false},
	}
	standing := org.Standing{Roles: org.Roles{List: []org.Role{{Name: "ours", Permissions: []string{"insights:read"}}}}}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			holding := catalog.HoldingOf(&apikey.Record{
				Roles: test.roles, Permissions: test.permissions, Scope: apikey.Scope{Services: test.services},
			}, standing)
			if got := holding.ReachesAny(); got != test.want {
				t.Errorf("reaches any = %t, want %t", got, test.want)
			}
		})
	}
	if (policy.Holding{}).ReachesAny() {
		t.Error("nothing reaches something")
	}
}

// Nobody gives more than they have: what covers another holding allows all that it allows, in every place.
func TestWhatCoversAnotherHoldingHasAllOfIt(t *testing.T) {
	catalog := shipped(t)
	permissions := rapid.SliceOfN(rapid.SampledFrom([]string{"dns:read", "dns:write", "dns:*", "*:read", "*:*", "cdn:read"}), 0, 3)
	roles := rapid.SliceOfN(rapid.SampledFrom([]string{"dns_manager", "read_only_admin", "gone"}), 0, 2)
	list := rapid.OneOf(rapid.Just[[]string](nil), rapid.SliceOfN(rapid.SampledFrom([]string{"dns", "cdn"}), 1, 2))
	draw := rapid.Custom(func(t *rapid.T) *apikey.Record {
		return &apikey.Record{
			Roles: roles.Draw(t, "roles"), Permissions: permissions.Draw(t, "permissions"),
			Environment: rapid.SampledFrom([]apikey.Environment{"", apikey.Production, apikey.Staging}).Draw(t, "environment"),
			Scope:       apikey.Scope{Services: list.Draw(t, "services"), Customers: list.Draw(t, "customers"), Accounts: list.Draw(t, "accounts")},
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		mine, theirs := draw.Draw(t, "mine"), draw.Draw(t, "theirs")
		have, given := catalog.HoldingOf(mine, org.Standing{}), catalog.HoldingOf(theirs, org.Standing{})
		lack, covered := have.Covers(given)
		if covered != (lack == policy.Lack{}) {
			t.Fatalf("covered = %t, lacking %+v", covered, lack)
		}
		if !covered {
			return
		}
		if mine.Environment != "" && mine.Environment != theirs.Environment {
			t.Fatalf("%+v covers %+v in another environment", mine, theirs)
		}
		for _, needed := range []policy.Permission{"dns:read", "dns:write", "cdn:read", "keys:write"} {
			for _, service := range []string{"dns", "cdn", "ai"} {
				for _, id := range []string{"dns", "cdn", "other"} {
					request := policy.Request{Service: catalog.Service(service), Permission: needed, Customer: id, Account: id}
					if allows(catalog, theirs, request) && !allows(catalog, mine, request) {
						t.Fatalf("%+v may give %+v, which may do more: %+v", mine, theirs, request)
					}
				}
			}
		}
	})
}

// allows reports whether a key with the holding of r may do what is asked.
func allows(catalog *policy.Catalog, r *apikey.Record, request policy.Request) bool {
	key := record(func(key *apikey.Record) { key.Roles, key.Permissions, key.Scope = r.Roles, r.Permissions, r.Scope })
	return catalog.DecideUncounted(asking, key, org.Standing{}, request).Allowed()
}
