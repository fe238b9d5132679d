package storetest

import (
	"fmt"
	"strings"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
)

var roles = guarantees{
	"an organization without roles of its own has none":                      rolesNone,
	"roles come back with every field":                                       rolesRoundTrip,
	"as many roles as may be, as long as they may be, come back":             rolesMany,
	"every change of the roles moves their version":                          rolesVersions,
	"a change worked out on older roles is refused, and leaves nothing":      rolesMoved,
	"of 20 racing changes worked out on the same roles, one succeeds":        rolesRace,
	"of 20 racing changes that give an organization its first, one succeeds": rolesFirstRace,
	"a change of roles writes its activity, a step on the way none":          rolesActivity,
	"an organization that is not there has no roles, and gets none":          rolesNowhere,
}

// role is a role of an organization's own.
func role(name string, permissions ...string) org.Role {
	return org.Role{Name: name, Title: "The " + name, Description: "What a " + name + " does.\n", Permissions: permissions}
}

func (f *fixture) roles() org.Roles {
	f.Helper()
	roles, err := f.Roles(f.Context(), f.org)
	f.must(err)
	return roles
}

func rolesChange(id org.ID, version int64, after ...org.Role) org.RolesChange {
	activity := entry(noon, audit.RoleUpdated, "role:of "+string(id))
	return org.RolesChange{Organization: id, Version: version, After: after, Activity: &activity}
}

// setRoles replaces the organization's own roles, and gives them as they are then.
func (f *fixture) setRoles(after ...org.Role) org.Roles {
	f.Helper()
	f.must(f.ChangeRoles(f.Context(), rolesChange(f.org, f.roles().Version, after...)))
	return f.roles()
}

func rolesNone(f *fixture) { f.wantSame(f.roles().List, []org.Role(nil)) }

func rolesRoundTrip(f *fixture) {
	want := []org.Role{role("auditor", "dns:read", "cdn:*"), role("dns:on-call"), role("leaver", "*:read")}
	want[2].Leaving, want[1].Title, want[1].Description = true, "", ""
	f.setRoles(want...)
	read, err := f.open().Roles(f.Context(), f.org)
	f.must(err)
	f.wantSame(read.List, want)
	want[2].Leaving = false
	f.wantSame(f.setRoles(want...).List, want)
	f.wantSame(f.setRoles(want[1]).List, want[1:2])
	f.wantSame(f.setRoles().List, []org.Role(nil))
}

func rolesMany(f *fixture) {
	var want []org.Role
	for i := range 50 {
		want = append(want, role(fmt.Sprintf("%02d", i), strings.Repeat("p", 100), strings.Repeat("ü", 50)))
	}
	f.wantSame(f.setRoles(want...).List, want)
	f.wantSame(f.standing("").Roles, f.roles())
}

func rolesVersions(f *fixture) {
	version := f.roles().Version
	for _, after := range [][]org.Role{{role("a")}, {role("a"), role("b")}, nil, {role("a")}} {
		now := f.setRoles(after...).Version
		if now <= version {
			f.Errorf("version %d is followed by %d", version, now)
		}
		version = now
	}
}

func rolesMoved(f *fixture) {
	none := f.roles()
	first := f.setRoles(role("a"))
	second := f.setRoles(role("b"))
	for _, version := range []int64{none.Version, first.Version, second.Version + 1} {
		f.wantError(f.ChangeRoles(f.Context(), rolesChange(f.org, version, role("c"))), org.ErrMoved)
	}
	f.wantSame(f.roles(), second)
	f.wantActivities(audit.RoleUpdated, 2)
}

func rolesRace(f *fixture) {
	f.setRoles(role("a"))
	f.racingRoles()
	f.wantActivities(audit.RoleUpdated, 2)
}

func rolesFirstRace(f *fixture) {
	f.racingRoles()
	f.wantActivities(audit.RoleUpdated, 1)
}

func (f *fixture) racingRoles() {
	f.Helper()
	version, stores := f.roles().Version, f.several(instances)
	var outcomes tally
	race(20, func(i int) {
		c := rolesChange(f.org, version, role(fmt.Sprintf("role %d", i)))
		outcomes.note(f, stores[i%instances].ChangeRoles(f.Context(), c), org.ErrMoved)
	})
	outcomes.want(f, 1, 19)
	f.wantSame(len(f.roles().List), 1)
}

func rolesActivity(f *fixture) {
	c := rolesChange(f.org, f.roles().Version, role("a"))
	c.Activity.Before, c.Activity.After = map[string]any{"permissions": []any{"dns:read"}}, map[string]any{"title": "x"}
	f.must(f.ChangeRoles(f.Context(), c))
	f.wantEntry(*c.Activity)
	step := rolesChange(f.org, f.roles().Version, role("b"))
	step.Activity = nil
	f.must(f.ChangeRoles(f.Context(), step))
	f.wantActivities(audit.RoleUpdated, 1)
	f.wantSame(f.roles().List, []org.Role{role("b")})
}

func rolesNowhere(f *fixture) {
	f.org = "org_nowhere"
	rolesNone(f)
}
