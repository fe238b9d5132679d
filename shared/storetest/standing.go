package storetest

import (
	"github.com/keyward/keyward/shared/org"
)

var standings = guarantees{
	"a standing is the owner as they are, and the organization's own roles":       standingRoundTrip,
	"who is not asked for, or is no member, is no owner":                          standingNobody,
	"a standing sees every change that returned before":                           standingSees,
	"once an owner is disabled nobody sees them active, in races":                 standingDisabledRace,
	"once an owner is removed nobody sees them, in races":                         standingRemovedRace,
	"once an owner is demoted, or a role is narrowed, nobody sees more, in races": standingNarrowedRace,
}

func (f *fixture) standing(hash string) org.Standing {
	f.Helper()
	standing, err := f.Standing(f.Context(), f.org, hash)
	f.must(err)
	return standing
}

func standingRoundTrip(f *fixture) {
	f.wantSame(f.standing(f.founder().Hash()), org.Standing{Owner: new(f.founder())})
	roles := f.setRoles(role("auditor"), role("own role"))
	for _, status := range []org.MemberStatus{org.MemberActive, org.MemberDisabled} {
		member := f.add(standing(status), having("own role", "admin"))
		f.wantSame(f.standing(member.Hash()), org.Standing{Owner: &member, Roles: roles})
	}
	pending := f.add(awaited)
	f.wantSame(f.standing(pending.Hash()), org.Standing{Owner: &pending, Roles: roles})
}

func standingNobody(f *fixture) {
	roles := f.setRoles(role("auditor"))
	member := f.add()
	for _, hash := range []string{"", person().Hash(), f.newMember().Hash()} {
		f.wantSame(f.standing(hash), org.Standing{Roles: roles})
	}
	f.dismiss(member)
	f.wantSame(f.standing(member.Hash()), org.Standing{Roles: roles})
	f.org = "org_nowhere"
	f.wantSame(f.standing(member.Hash()), org.Standing{})
}

func standingSees(f *fixture) {
	other := *f
	other.Store = f.open()
	member := f.add()
	for _, edit := range []func(*org.Member){having("a"), having(), standing(org.MemberDisabled), standing(org.MemberActive), having("b")} {
		member = other.edited(member, edit)
		f.wantSame(*f.standing(member.Hash()).Owner, member)
	}
	for _, roles := range [][]org.Role{{role("a")}, {role("a"), role("b")}, {role("b")}, nil} {
		set := other.setRoles(roles...)
		f.wantSame(f.standing("").Roles, set)
	}
}

// standingRace changes something while a crowd reads the standing of owner: whoever begins after that must find what
// stands checks.
func (f *fixture) standingRace(owner org.Member, change func(), stands func(org.Standing) bool) {
	f.Helper()
	stores := f.several(instances)
	during(crowd, change, func(i int, changed bool) {
		found, err := stores[i%instances].Standing(f.Context(), f.org, owner.Hash())
		if err != nil {
			f.Error(err)
		}
		if changed && !stands(found) {
			f.Errorf("after the change: %+v", found)
		}
	})
}

func standingDisabledRace(f *fixture) {
	for range 5 {
		owner := f.add()
		f.standingRace(owner,
			func() { f.edited(owner, standing(org.MemberDisabled)) },
			func(s org.Standing) bool { return s.Owner != nil && s.Owner.Status == org.MemberDisabled })
	}
}

func standingRemovedRace(f *fixture) {
	for range 5 {
		owner := f.add()
		f.standingRace(owner, func() { f.dismiss(owner) }, func(s org.Standing) bool { return s.Owner == nil })
	}
}

func standingNarrowedRace(f *fixture) {
	for range 3 {
		owner := f.add(having("admin"))
		f.setRoles(role("auditor", "dns:read", "dns:write"))
		f.standingRace(owner,
			func() { f.edited(owner, having("reader")) },
			func(s org.Standing) bool {
				return s.Owner != nil && len(s.Owner.Roles) == 1 && s.Owner.Roles[0] == "reader"
			})
		f.standingRace(owner,
			func() { f.setRoles(role("auditor", "dns:read")) },
			func(s org.Standing) bool { return len(s.Roles.List) == 1 && len(s.Roles.List[0].Permissions) == 1 })
	}
}
