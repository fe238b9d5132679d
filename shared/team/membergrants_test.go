package team_test

import (
	"testing"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/team"
)

// Nobody gives a member more than they have themselves; what the member has already may stay, and anything may be taken.
func TestNobodyGivesAMemberMoreThanTheyHave(t *testing.T) {
	tests := map[string]struct {
		id      string
		patch   team.MemberPatch
		missing string // empty: allowed
	}{
		"a role they hold":                       {"new", withRoles("dns_manager"), ""},
		"an own role they hold":                  {"new", withRoles("recruiter"), ""},
		"no role":                                {"new", withRoles(), ""},
		"a role they lack":                       {"new", withRoles("dns_manager", "billing_manager"), "billing:*"},
		"an own role they lack":                  {"new", withRoles("support"), "customers:read"},
		"a role to themselves":                   {"rita", withRoles("recruiter", "dns_manager", "admin"), "*:*"},
		"a role beside a stronger one":           {"boss", withRoles("admin", "dns_manager"), ""},
		"a stronger one beside a role":           {"weak", withRoles("dns_manager", "admin"), "*:*"},
		"taking a stronger role away":            {"boss", withRoles(), ""},
		"disabling somebody stronger":            {"boss", withStatus("disabled"), ""},
		"enabling somebody stronger":             {"away", withStatus("active"), "*:*"},
		"enabling somebody stronger with less":   {"away", team.MemberPatch{Roles: set([]string{"dns_manager"}), Status: set("active")}, ""},
		"inviting back somebody stronger":        {"out@example.com", withStatus("pending"), "*:*"},
		"a role to somebody disabled":            {"away", withRoles("admin", "billing_manager"), "billing:*"},
		"leaving somebody disabled as they were": {"away", withRoles("admin"), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.role("recruiter", "members:*")
			f.role("support", "customers:read")
			rita := f.joined("rita", "recruiter", "dns_manager")
			f.joined("boss", "admin")
			f.joined("weak", "dns_manager")
			f.joined("away", "admin")
			f.put("away", withStatus("disabled"))
			f.put("out@example.com", withRoles("admin"))
			f.put("out@example.com", withStatus("disabled"))
			before := f.member(test.id)
			_, _, err := f.PutMember(t.Context(), rita, test.id, test.patch)
			if test.missing == "" {
				f.must(err)
				return
			}
			f.wantFault(err, fault.GrantDenied, "", "Nobody gives more than they have: you do not hold the permission "+test.missing+" yourself.")
			f.wantEqual(f.member(test.id), before)
		})
	}
}

// A key is bound to an environment, and members are not: so a key takes roles away, and gives none.
func TestAKeyGivesAMemberNothing(t *testing.T) {
	tests := map[string]struct {
		id    string
		patch team.MemberPatch
		want  fault.Code // empty: allowed
	}{
		"a role":                 {"bob", withRoles("dns_manager", "cache_purger"), fault.GrantDenied},
		"a new member's role":    {"new", withRoles("cache_purger"), fault.GrantDenied},
		"a new member's nothing": {"new", withRoles(), ""},
		"taking a role away":     {"bob", withRoles(), ""},
		"disabling":              {"bob", withStatus("disabled"), ""},
		"enabling":               {"away", withStatus("active"), fault.GrantDenied},
		"enabling with nothing":  {"away", team.MemberPatch{Roles: set([]string{}), Status: set("active")}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.joined("bob", "dns_manager")
			f.joined("away", "dns_manager")
			f.put("away", withStatus("disabled"))
			caller := asKey(f.key(keys.Draft{Name: "strong"}))
			_, _, err := f.PutMember(t.Context(), caller, test.id, test.patch)
			if test.want == "" {
				f.must(err)
				return
			}
			f.wantFault(err, test.want, "", "Nobody gives more than they have: you do not hold every environment yourself.")
		})
	}
}

// A key that has ended gives and takes nothing any more.
func TestAKeyThatHasEndedChangesNoMember(t *testing.T) {
	f := newFixture(t)
	key := f.key(keys.Draft{Name: "ended"})
	_, err := f.keys.Revoke(t.Context(), f.alice, key.ID, nil)
	f.must(err)
	_, _, err = f.PutMember(t.Context(), asKey(key), "bob", withRoles())
	f.wantFault(err, fault.Unauthorized)
	_, _, err = f.PutRole(t.Context(), asKey(key), "support", team.RolePatch{Permissions: []string{"dns:read"}})
	f.wantFault(err, fault.Unauthorized)
}
