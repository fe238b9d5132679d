package policy_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

func TestAPermissionAllowsWhatItNames(t *testing.T) {
	tests := map[string]struct {
		has, needed policy.Permission
		want        bool
	}{
		"itself":                           {"dns:read", "dns:read", true},
		"another action":                   {"dns:read", "dns:write", false},
		"another resource":                 {"dns:read", "billing:read", false},
		"any action":                       {"dns:*", "dns:purge", true},
		"any action of another resource":   {"dns:*", "billing:read", false},
		"any resource":                     {"*:read", "billing:read", true},
		"any resource, another action":     {"*:read", "billing:write", false},
		"anything":                         {"*:*", "billing:write", true},
		"write is not read":                {"dns:write", "dns:read", false},
		"a prefix is not a resource":       {"dns:read", "dns-internal:read", false},
		"a longer resource":                {"dns-internal:read", "dns:read", false},
		"a prefix is not an action":        {"dns:read", "dns:readall", false},
		"one is not all":                   {"dns:read", "dns:*", false},
		"one resource is not all":          {"dns:read", "*:read", false},
		"all of an action is all of it":    {"dns:*", "dns:*", true},
		"a star without an action":         {"*", "dns:read", false},
		"letters are compared as they are": {"DNS:read", "dns:read", false},
		"nothing":                          {"", "dns:read", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.has.Allows(test.needed); got != test.want {
				t.Errorf("%q allows %q = %t, want %t", test.has, test.needed, got, test.want)
			}
		})
	}
}

func TestAPermissionIsResourceColonAction(t *testing.T) {
	for text, want := range map[string]bool{
		"dns:read": true, "*:*": true, "dns:*": true, "*:read": true, "a-b_c:d1": true, strings.Repeat("a", 64) + ":b": true,
		"": false, "dns": false, ":": false, "dns:": false, ":read": false, "dns:read:all": false, "Dns:read": false, "dns :read": false,
		"d*:read": false, "**:read": false, "dns/zones:read": false, "dné:read": false, strings.Repeat("a", 65) + ":b": false,
	} {
		if got, ok := policy.ParsePermission(text); ok != want || got != policy.Permission(text) {
			t.Errorf("ParsePermission(%q) = %q, %t; want %t", text, got, ok, want)
		}
	}
}

func TestPermissionsAreThoseOfRolesAndSingleOnesEachOnce(t *testing.T) {
	catalog, err := policy.Load(edited(t, func(c object) {
		c["roles"] = append(c["roles"].([]any),
			object{"id": "reader", "title": "Reader", "description": "Reads.", "permissions": []any{"dns:read", "billing:read"}},
			object{"id": "writer", "title": "Writer", "description": "Writes.", "permissions": []any{"dns:write", "dns:read"}})
	}))
	if err != nil {
		t.Fatal(err)
	}
	got := held(catalog, []string{"reader", "gone", "writer"}, []string{"dns:write", "ai:use"}).Permissions()
	if diff := cmp.Diff([]policy.Permission{"dns:read", "billing:read", "dns:write", "ai:use"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, test := range []struct {
		roles, single []string
		needed        policy.Permission
		want          bool
	}{
		{[]string{"reader"}, nil, "dns:read", true},
		{[]string{"reader"}, nil, "dns:write", false},
		{[]string{"reader"}, []string{"dns:write"}, "dns:write", true},
		{nil, []string{"dns:write"}, "dns:read", false},
		{[]string{"gone"}, nil, "dns:read", false},
		{nil, nil, "dns:read", false},
	} {
		if got := held(catalog, test.roles, test.single).Grants(test.needed); got != test.want {
			t.Errorf("%v and %v grant %s = %t, want %t", test.roles, test.single, test.needed, got, test.want)
		}
	}
}

// Whatever a key holds, it is granted exactly what one of its permissions allows.
func TestGrantsAgreesWithPermissions(t *testing.T) {
	catalog := shipped(t)
	own := org.Roles{List: []org.Role{{Name: "ours", Permissions: []string{"dns:write", "*:read"}}, {Name: "admin", Permissions: []string{"ai:use"}}}}
	part := rapid.SampledFrom([]string{"dns", "billing", "read", "write", "*"})
	permission := rapid.Custom(func(t *rapid.T) string { return part.Draw(t, "resource") + ":" + part.Draw(t, "action") })
	rapid.Check(t, func(t *rapid.T) {
		holding := catalog.HoldingOf(&apikey.Record{
			Permissions: rapid.SliceOfN(permission, 0, 4).Draw(t, "single"),
			Roles:       rapid.SliceOfN(rapid.SampledFrom([]string{"gone", "ours", "dns_manager", "read_only_admin"}), 0, 2).Draw(t, "roles"),
		}, org.Standing{Roles: own})
		needed, want := policy.Permission(permission.Draw(t, "needed")), false
		for _, held := range holding.Permissions() {
			want = want || held.Allows(needed)
		}
		if got := holding.Grants(needed); got != want {
			t.Fatalf("%v and %v grant %s = %t, want %t", holding.Roles, holding.Single, needed, got, want)
		}
	})
}

// held is what a key with those roles and permissions holds.
func held(catalog *policy.Catalog, roles, single []string) policy.Holding {
	return catalog.HoldingOf(&apikey.Record{Roles: roles, Permissions: single}, org.Standing{})
}

// What nothing in the catalog has, nobody can be given: a misspelt permission would be one that never holds.
func TestAPermissionIsKnownWhereTheCatalogHasItOrItIncludesOne(t *testing.T) {
	catalog := shipped(t)
	for permission, want := range map[policy.Permission]bool{
		"dns:read": true, "dns:*": true, "*:read": true, "*:*": true, "cache:purge": true, "keys:verify": true,
		"dns:raed": false, "nds:*": false, "*:raed": false, "dns": false, "": false, "*": false, "operator:*": false, "DNS:read": false,
	} {
		if got := catalog.KnownPermission(permission); got != want {
			t.Errorf("%q is known = %t, want %t", permission, got, want)
		}
	}
}
