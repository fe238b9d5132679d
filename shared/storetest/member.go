package storetest

import (
	"sync/atomic"
	"time"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

var membering = guarantees{
	"a member comes back with every field, in the roster, alone and among memberships": memberRoundTrip,
	"a roster is in the order of joining, those pending last":                          rosterOrder,
	"a change of a member stores every field that it may change":                       memberChanges,
	"a removed member is gone, and can come again":                                     memberRemoved,
	"a member who is not there is not found":                                           memberNowhere,
	"every change of a member moves the roster's version, and writes its activity":     rosterVersions,
	"a change worked out on an older roster is refused, and leaves nothing":            rosterMoved,
	"of 20 racing changes worked out on one roster, one succeeds":                      rosterRace,
	"of two racing demotions of the last two Admins, one succeeds, in 20 races":        demotionsRace,
	"however demotions race, the last Admin stays":                                     lastAdminStays,
	"when a member was last seen is noted, and nothing else":                           memberSeen,
	"being seen moves no roster, and a change of the member keeps the latest sight":    memberSeenMeanwhile,
	"who is no member is not made one by being seen":                                   strangerSeen,
}

// joined numbers the members of this process, so that each joins at a time of their own.
var joined atomic.Int64

// newMember is somebody active, whom no store has yet.
func (f *fixture) newMember(edits ...func(*org.Member)) org.Member {
	at := noon.Add(time.Duration(joined.Add(1)) * time.Minute)
	member := org.Member{
		Identity: person(), Organization: f.org, Email: "Ann.B@example.com", Roles: []string{"reader", "own role"},
		Status: org.MemberActive, InvitedAt: at.Add(-time.Hour), JoinedAt: at,
	}
	for _, edit := range edits {
		edit(&member)
	}
	return member
}

// The edits below say what is special about a member.

func having(roles ...string) func(*org.Member) {
	return func(m *org.Member) { m.Roles = roles }
}

func standing(status org.MemberStatus) func(*org.Member) {
	return func(m *org.Member) { m.Status = status }
}

// awaited is one who has not joined yet.
func awaited(m *org.Member) { m.Status, m.JoinedAt = org.MemberPending, time.Time{} }

// invited is one whom nobody knows but by an e-mail address.
func invited(address string) func(*org.Member) {
	return func(m *org.Member) {
		awaited(m)
		m.Identity, m.Email = org.Identity{}, address
	}
}

// add makes a member.
func (f *fixture) add(edits ...func(*org.Member)) org.Member {
	f.Helper()
	member := f.newMember(edits...)
	f.must(f.ChangeMember(f.Context(), f.memberChange(nil, &member)))
	return member
}

// edited changes a member, and gives them as they are then.
func (f *fixture) edited(before org.Member, edits ...func(*org.Member)) org.Member {
	f.Helper()
	after := before
	for _, edit := range edits {
		edit(&after)
	}
	f.must(f.ChangeMember(f.Context(), f.memberChange(&before, &after)))
	return after
}

func (f *fixture) dismiss(member org.Member) {
	f.Helper()
	f.must(f.ChangeMember(f.Context(), f.memberChange(&member, nil)))
}

// memberChange is a change worked out on the roster as it is now.
func (f *fixture) memberChange(before, after *org.Member) org.MemberChange {
	f.Helper()
	return memberChangeOn(f.roster(), f.org, before, after)
}

func memberChangeOn(roster org.Roster, id org.ID, before, after *org.Member) org.MemberChange {
	c := org.MemberChange{Organization: id, Version: roster.Version, Before: before, After: after}
	c.Activity = entry(noon, audit.MemberUpdated, "member:of "+string(id))
	return c
}

func (f *fixture) roster() org.Roster {
	f.Helper()
	roster, err := f.Roster(f.Context(), f.org)
	f.must(err)
	return roster
}

// founder is the organization's first member.
func (f *fixture) founder() org.Member {
	f.Helper()
	return f.roster().Members[0]
}

// wantMember checks that a member is the same whichever way they are read.
func (f *fixture) wantMember(want org.Member) {
	f.Helper()
	got, err := f.open().Member(f.Context(), want.Organization, want.Hash())
	f.must(err)
	f.wantSame(got, want)
	listed, found := f.roster().Member(want.ID())
	f.wantSame(found, true)
	f.wantSame(listed, want)
	if want.Subject != "" {
		f.wantMemberships(want.Identity, want)
	}
}

func (f *fixture) wantNoMember(gone org.Member) {
	f.Helper()
	_, err := f.Member(f.Context(), f.org, gone.Hash())
	f.wantError(err, fault.MemberNotFound)
	_, found := f.roster().Member(gone.ID())
	f.wantSame(found, false)
	if gone.Subject != "" {
		f.wantMemberships(gone.Identity)
	}
}

func memberRoundTrip(f *fixture) {
	f.wantMember(f.founder())
	for _, edits := range [][]func(*org.Member){
		nil, {standing(org.MemberDisabled)}, {awaited}, {having()}, {having("a", "b", "Früh")},
		{func(m *org.Member) { m.Email, m.InvitedAt, m.LastSeenAt = "", time.Time{}, noon.Truncate(time.Hour) }},
	} {
		f.wantMember(f.add(edits...))
	}
}

func rosterOrder(f *fixture) {
	want := []org.Member{f.founder(), f.newMember(), f.newMember(standing(org.MemberDisabled)), f.newMember(), f.newMember(awaited)}
	for _, i := range []int{4, 3, 1, 2} {
		f.must(f.ChangeMember(f.Context(), f.memberChange(nil, &want[i])))
	}
	f.wantSame(f.roster().Members, want)
	f.wantMember(f.edited(want[1], having("another")))
	f.wantSame(f.roster().Members[1].Roles, []string{"another"})
}

func memberChanges(f *fixture) {
	member := f.add(awaited)
	for _, edit := range []func(*org.Member){
		func(m *org.Member) { m.Status, m.JoinedAt = org.MemberActive, noon.Add(24*time.Hour) },
		having("x"), having(), standing(org.MemberDisabled), standing(org.MemberActive),
		func(m *org.Member) { m.Email = "new@example.com" },
		func(m *org.Member) { m.LastSeenAt = noon.Truncate(time.Hour) },
	} {
		member = f.edited(member, edit)
		f.wantMember(member)
	}
}

func memberRemoved(f *fixture) {
	member, other := f.add(), f.add()
	f.dismiss(member)
	f.wantNoMember(member)
	f.wantMember(other)
	f.must(f.ChangeMember(f.Context(), f.memberChange(nil, &member)))
	f.wantMember(member)
}

func memberNowhere(f *fixture) {
	f.wantNoMember(f.newMember())
	_, err := f.Member(f.Context(), "org_nowhere", f.founder().Hash())
	f.wantError(err, fault.MemberNotFound)
	nobody := f.newMember(func(m *org.Member) { m.Organization = "org_nowhere" })
	roster := org.Roster{}
	if err := f.ChangeMember(f.Context(), memberChangeOn(roster, "org_nowhere", nil, &nobody)); err == nil {
		f.Error("somebody is a member of an organization that is not there")
	}
	f.wantMemberships(nobody.Identity)
}
