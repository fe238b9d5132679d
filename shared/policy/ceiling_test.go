package policy_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// heldDown is what a key holds that inherits from an owner with those roles, under that ceiling.
func heldDown(t testing.TB, roles, ceiling []string) policy.Holding {
	record := &apikey.Record{Inherits: "owner", Permissions: ceiling, Environment: apikey.Production}
	return shipped(t).HoldingOf(record, org.Standing{Owner: &org.Member{Status: org.MemberActive, Roles: roles}})
}

// What an inheriting key's ceiling does not let through, no role of its owner gives it, whatever the owner is given later.
func TestAnInheritingKeyNeverRisesAboveItsCeiling(t *testing.T) {
	for name, test := range map[string]struct {
		roles, ceiling []string
		want           []policy.Permission
	}{
		"none":                  {[]string{"dns_manager"}, nil, []policy.Permission{"dns:*"}},
		"wider than the role":   {[]string{"dns_manager"}, []string{"*:*"}, []policy.Permission{"dns:*"}},
		"narrower":              {[]string{"admin"}, []string{"dns:read", "keys:write"}, []policy.Permission{"dns:read", "keys:write"}},
		"crossing":              {[]string{"dns_manager"}, []string{"*:read"}, []policy.Permission{"dns:read"}},
		"apart":                 {[]string{"dns_manager"}, []string{"billing:*"}, nil},
		"of somebody with none": {[]string{"admin"}, policy.Ceiling(nil), []policy.Permission{"-:-"}},
	} {
		if got := heldDown(t, test.roles, test.ceiling).Permissions(); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// What a holding lists is what it grants, with a ceiling too.
func TestAHoldingUnderACeilingGrantsWhatItLists(t *testing.T) {
	part := rapid.SampledFrom([]string{"dns", "billing", "read", "write", "*"})
	permission := rapid.Custom(func(t *rapid.T) string { return part.Draw(t, "resource") + ":" + part.Draw(t, "action") })
	rapid.Check(t, func(r *rapid.T) {
		roles := rapid.SliceOfN(rapid.SampledFrom([]string{"admin", "dns_manager", "read_only_admin", "billing_manager"}), 0, 2).Draw(r, "roles")
		holding := heldDown(t, roles, rapid.SliceOfN(permission, 0, 3).Draw(r, "ceiling"))
		needed, want := policy.Permission(permission.Draw(r, "needed")), false
		for _, held := range holding.Permissions() {
			want = want || held.Allows(needed)
		}
		if got := holding.Grants(needed); got != want {
			r.Fatalf("%v under %v grants %s = %t, want %t", roles, holding.Ceiling, needed, got, want)
		}
	})
}
