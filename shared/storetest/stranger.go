package storetest

import (
	"time"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

// Whoever asks with another organization's id finds and changes nothing of this one.
var estranging = guarantees{
	"another organization's members are neither found nor seen":  strangeMembers,
	"another organization's members can't be changed":            strangeMemberChanges,
	"another organization's roles are neither found nor changed": strangeRoles,
	"an owner and roles stand in their own organization alone":   strangeStanding,
	"another organization's settings can't be changed":           strangeSettings,
	"one person's memberships are changed one at a time":         strangeMemberships,
}

func strangeMembers(f *fixture) {
	member, invitation := f.add(), f.add(invited("ann@example.com"))
	own := f.org
	f.org = f.found(roomy)
	for _, stranger := range []org.Member{member, invitation} {
		_, err := f.Member(f.Context(), f.org, stranger.Hash())
		f.wantError(err, fault.MemberNotFound)
		_, found := f.roster().Member(stranger.ID())
		f.wantSame(found, false)
	}
	f.must(f.Seen(f.Context(), f.org, member.Identity, noon.Truncate(time.Hour)))
	f.wantSame(len(f.roster().Members), 1)
	f.org = own
	f.wantMember(member)
}

// Whether such a change is refused or changes nothing, no member of either organization is another afterwards.
func strangeMemberChanges(f *fixture) {
	member, invitation, own := f.add(), f.add(invited("ann@example.com")), f.org
	want := f.roster()
	f.org = f.found(roomy)
	theirs := f.founder()
	for _, before := range []org.Member{member, invitation} {
		_ = f.ChangeMember(f.Context(), memberChangeOn(f.roster(), f.org, &before, nil))
	}
	f.wantSame(f.roster().Members, []org.Member{theirs})
	f.org = own
	f.wantSame(f.roster(), want)
	f.wantMember(member)
	f.wantInvitations("ann@example.com", invitation)
}

func strangeRoles(f *fixture) {
	want, own := f.setRoles(role("auditor")), f.org
	f.org = f.found(roomy)
	f.wantSame(f.roles().List, []org.Role(nil))
	f.setRoles(role("another"))
	f.org = own
	f.wantSame(f.roles(), want)
}

func strangeStanding(f *fixture) {
	member := f.add()
	f.setRoles(role("auditor"))
	f.org = f.found(roomy)
	f.wantSame(f.standing(member.Hash()), org.Standing{})
	roles := f.setRoles(role("another"))
	f.wantSame(f.standing(member.Hash()), org.Standing{Roles: roles})
}

func strangeSettings(f *fixture) {
	want, own := f.organization(), f.org
	f.org = f.found(roomy)
	stored := f.set(func(o *org.Organization) { o.ID, o.Name = own, "Mine" })
	f.wantSame(stored.ID, f.org)
	f.wantSame(f.organization().Name, "Mine")
	f.org = own
	f.wantSame(f.organization(), want)
}

func strangeMemberships(f *fixture) {
	somebody := person()
	theirs := func(m *org.Member) { m.Identity = somebody }
	first := f.add(theirs)
	f.org = f.found(roomy)
	second := f.add(theirs)
	f.wantMemberships(somebody, first, second)
	second = f.edited(second, standing(org.MemberDisabled), having("x"))
	f.wantMemberships(somebody, first, second)
	f.must(f.Seen(f.Context(), f.org, somebody, noon.Truncate(time.Hour)))
	second.LastSeenAt = noon.Truncate(time.Hour)
	f.wantMemberships(somebody, first, second)
	f.dismiss(second)
	f.wantMemberships(somebody, first)
}
