package team_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/team"
)

func permissions(ids ...string) team.RolePatch { return team.RolePatch{Permissions: ids} }

func TestAnOwnRoleIsAddedChangedAndFound(t *testing.T) {
	f := newFixture(t)
	patch := team.RolePatch{Title: " Support ", Description: "Looks at customers.", Permissions: []string{"customers:read", "dns:*"}}
	role, created, err := f.PutRole(t.Context(), f.alice, "support", patch)
	f.must(err)
	want := org.Role{Name: "support", Title: "Support", Description: "Looks at customers.", Permissions: []string{"customers:read", "dns:*"}}
	f.wantEqual([]any{role, created}, []any{want, true})
	_, created, err = f.PutRole(t.Context(), f.alice, "a-first", permissions("dns:read"))
	f.must(err)
	f.wantEqual(created, true)
	role, created, err = f.PutRole(t.Context(), f.alice, "support", permissions("customers:*"))
	f.must(err)
	want = org.Role{Name: "support", Permissions: []string{"customers:*"}}
	f.wantEqual([]any{role, created}, []any{want, false})

	roles, err := f.Roles(t.Context(), f.alice)
	f.must(err)
	f.wantEqual(roles.List, []org.Role{{Name: "a-first", Permissions: []string{"dns:read"}}, want})
	role, err = f.Role(t.Context(), f.alice, "support")
	f.must(err)
	f.wantEqual(role, want)
	for _, name := range []string{"nobody", "admin", ""} {
		_, err = f.Role(t.Context(), f.alice, name)
		f.wantFault(err, fault.RoleNotFound, "", "Your organization has no role of its own of that name. GET /v1/roles lists them; those of the catalog can't be changed.")
		_, err = f.RemoveRole(t.Context(), f.alice, name)
		f.wantFault(err, fault.RoleNotFound)
	}
}

func TestPuttingARoleAsItIsChangesNothing(t *testing.T) {
	f := newFixture(t)
	f.role("support", "dns:read")
	before, err := f.store.Roles(t.Context(), acme)
	f.must(err)
	f.role("support", "dns:read")
	after, err := f.store.Roles(t.Context(), acme)
	f.must(err)
	f.wantEqual(after, before)
}

func TestAnOrganizationsRolesAreItsOwn(t *testing.T) {
	f := newFixture(t)
	f.role("support", "dns:read")
	mallory := f.found("org_other", "mallory")
	_, err := f.Role(t.Context(), mallory, "support")
	f.wantFault(err, fault.RoleNotFound)
	_, err = f.RemoveRole(t.Context(), mallory, "support")
	f.wantFault(err, fault.RoleNotFound)
	_, created, err := f.PutRole(t.Context(), mallory, "support", permissions("billing:read"))
	f.must(err)
	f.wantEqual(created, true)
	f.wantEqual(f.ownRole("support").Permissions, []string{"dns:read"})
}

func TestARoleThatCannotBeIsRefused(t *testing.T) {
	f := newFixture(t)
	many := make([]string, 51)
	for i := range many {
		many[i] = fmt.Sprintf("dns:a%d", i)
	}
	ok := []string{"dns:read"}
	tests := map[string]struct {
		name  string
		patch team.RolePatch
		code  fault.Code
		field string
		want  string
	}{
		"of the catalog":         {"admin", permissions(ok...), fault.InvalidParameter, "name", "admin is a role of the catalog, which can't be changed. Choose another name."},
		"a name with a space":    {"our role", permissions(ok...), fault.InvalidParameter, "name", "name must be 1 to 64 of A-Z, a-z, 0-9, _, ., : and -."},
		"a long name":            {strings.Repeat("x", 65), permissions(ok...), fault.InvalidParameter, "name", "name must be 1 to 64 of A-Z, a-z, 0-9, _, ., : and -."},
		"a long title":           {"r", team.RolePatch{Title: strings.Repeat("é", 101), Permissions: ok}, fault.InvalidFieldValue, "title", "title must have at most 100 characters, not 101."},
		"a long description":     {"r", team.RolePatch{Description: strings.Repeat("é", 501), Permissions: ok}, fault.InvalidFieldValue, "description", "description must have at most 500 characters, not 501."},
		"no permission":          {"r", permissions(), fault.InvalidFieldValue, "permissions", "permissions must be 1 to 50, not 0."},
		"too many permissions":   {"r", permissions(many...), fault.InvalidFieldValue, "permissions", "permissions must be 1 to 50, not 51."},
		"no permission's form":   {"r", permissions("dns"), fault.InvalidFieldValue, "permissions", `permissions must be resource:action, such as dns:write, not "dns".`},
		"an unknown permission":  {"r", permissions("dns:read", "dns:fly"), fault.InvalidFieldValue, "permissions", `permissions has "dns:fly", which the catalog does not know. GET /v1/catalog lists them.`},
		"an unknown pattern":     {"r", permissions("cats:*"), fault.InvalidFieldValue, "permissions", `permissions has "cats:*", which the catalog does not know. GET /v1/catalog lists them.`},
		"what only operators do": {"r", permissions("operator:*"), fault.InvalidFieldValue, "permissions", `permissions has "operator:*", which the catalog does not know. GET /v1/catalog lists them.`},
		"a permission twice":     {"r", permissions("dns:read", "dns:read"), fault.InvalidFieldValue, "permissions", `permissions has "dns:read" twice.`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, err := f.PutRole(t.Context(), f.alice, test.name, test.patch)
			f.wantFault(err, test.code, test.field, test.want)
		})
	}
	f.wantEqual(f.ownRole("r") == nil, true)
}

// All own roles are read in one piece by requests that need one, so they stay few and small.
func TestAnOrganizationHasAtMost50RolesOf16KilobytesTogether(t *testing.T) {
	f := newFixture(t)
	for i := range 50 {
		f.role(fmt.Sprintf("role-%02d", i), "dns:read")
	}
	_, _, err := f.PutRole(t.Context(), f.alice, "role-50", permissions("dns:read"))
	f.wantFault(err, fault.InvalidParameter, "name", "An organization may have 50 roles of its own. Delete one that is no longer used.")
	long := team.RolePatch{Description: strings.Repeat("d", 500), Permissions: []string{"dns:read"}}
	for i := range 50 {
		if _, _, err = f.PutRole(t.Context(), f.alice, fmt.Sprintf("role-%02d", i), long); err != nil {
			break
		}
	}
	f.wantFault(err, fault.InvalidFieldValue, "permissions")
	if detail := fault.From(err).Detail; !strings.HasPrefix(detail, "The organization's own roles may take 16384 bytes together, not 16") {
		t.Errorf("it says %q", detail)
	}
	f.role("role-00", "dns:write")
}

// Keys and members that have the role hold what it gives now.
func TestAChangeOfARoleHoldsFromTheNextRequestOn(t *testing.T) {
	f := newFixture(t)
	f.role("support", "dns:read")
	bob := f.joined("bob", "support")
	key := f.key(keys.Draft{Name: "key", Roles: set([]string{"support"})})
	wantHolding := func(want ...policy.Permission) {
		t.Helper()
		for _, caller := range []grant.Caller{bob, asKey(key)} {
			principal, err := f.Desk.Principal(t.Context(), caller)
			f.must(err)
			f.wantEqual(principal.Holding.Permissions(), want)
		}
	}
	wantHolding("dns:read")
	f.role("support", "billing:read", "dns:*")
	wantHolding("billing:read", "dns:*")
	f.role("support", "billing:read")
	wantHolding("billing:read")
}

// A role can be given nothing that whoever edits it does not hold; and a key, bound to an environment, only takes away.
func TestNobodyGivesARoleMoreThanTheyHave(t *testing.T) {
	f := newFixture(t)
	f.role("recruiter", "members:*", "dns:read")
	f.role("strong", "billing:*", "dns:read")
	rita := f.joined("rita", "recruiter")
	key := asKey(f.key(keys.Draft{Name: "key"}))
	tests := map[string]struct {
		caller  grant.Caller
		role    string
		patch   team.RolePatch
		missing string // empty: allowed
	}{
		"a new role of what they hold":   {rita, "new", permissions("dns:read", "members:read"), ""},
		"a new role of what they lack":   {rita, "new", permissions("dns:read", "dns:write"), "the permission dns:write"},
		"a pattern wider than they hold": {rita, "new", permissions("dns:*"), "the permission dns:*"},
		"their own role":                 {rita, "recruiter", permissions("members:*", "dns:read", "*:*"), "the permission *:*"},
		"a permission to a stronger one": {rita, "strong", permissions("billing:*", "dns:read", "members:read"), ""},
		"taking from a stronger one":     {rita, "strong", permissions("billing:*"), ""},
		"giving it back":                 {rita, "strong", permissions("billing:*", "dns:read"), ""},
		"a key takes away":               {key, "strong", permissions("dns:read"), ""},
		"a key gives":                    {key, "strong", permissions("billing:*", "dns:read", "cache:purge"), "every environment"},
		"a key makes a role":             {key, "new", permissions("dns:read"), "every environment"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := f.fresh(t)
			before := f.ownRole(test.role)
			_, _, err := f.PutRole(t.Context(), test.caller, test.role, test.patch)
			if test.missing == "" {
				f.must(err)
				f.wantEqual(f.ownRole(test.role).Permissions, test.patch.Permissions)
				return
			}
			f.wantFault(err, fault.GrantDenied, "", "Nobody gives more than they have: you do not hold "+test.missing+" yourself.")
			f.wantEqual(f.ownRole(test.role), before)
		})
	}
}

// fresh has the own roles as they are now again when t ends.
func (f *fixture) fresh(t *testing.T) *fixture {
	t.Helper()
	before, err := f.store.Roles(t.Context(), acme)
	f.must(err)
	t.Cleanup(func() {
		now, err := f.store.Roles(f.Context(), acme)
		f.must(err)
		f.must(f.store.ChangeRoles(f.Context(), org.RolesChange{Organization: acme, Version: now.Version, After: before.List}))
	})
	inner := *f
	inner.TB = t
	return &inner
}

// A role that somebody weakens is mended one day, and with it the keys whose secret they took meanwhile: what is taken from
// a role must be held too.
func TestNobodyTakesFromARoleWhatTheyDoNotHave(t *testing.T) {
	f := newFixture(t)
	keeper := f.joined("keeper", "dns_manager")
	put := func(as grant.Caller, permissions ...string) error {
		_, _, err := f.PutRole(t.Context(), as, "ops", team.RolePatch{Permissions: permissions})
		return err
	}
	f.must(put(f.alice, "dns:read", "billing:read"))
	if err := put(keeper, "dns:read"); !errors.Is(err, fault.GrantDenied) ||
		fault.From(err).Detail != "Nobody takes away what they do not have: you do not hold the permission billing:read yourself." {
		t.Errorf("error = %v", err)
	}
	f.must(put(keeper, "billing:read"))
	f.must(put(f.alice, "dns:read"))
}
