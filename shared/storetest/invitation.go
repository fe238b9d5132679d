package storetest

import (
	"slices"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/org"
)

var inviting = guarantees{
	"an invitation comes back with every field, and by its address however that is written": invitationRoundTrip,
	"an address has the invitations of every organization, of whatever age":                 invitationsOfAll,
	"letters that Unicode alone takes for one are two addresses":                            invitationKelvin,
	"who accepts an invitation is a member, and the invitation is gone":                     invitationAccepted,
	"an invitation that is taken back is gone":                                              invitationWithdrawn,
	"of an acceptance and a withdrawal that race, one succeeds":                             invitationRace,
	"a pending membership is among its person's, behind those joined":                       pendingLast,
}

// wantInvitations checks the open invitations of an address, in whatever order.
func (f *fixture) wantInvitations(address string, want ...org.Member) {
	f.Helper()
	got, err := f.Invitations(f.Context(), address)
	f.must(err)
	inOrder := func(a, b org.Member) int { return strings.Compare(string(a.Organization), string(b.Organization)) }
	slices.SortFunc(got, inOrder)
	slices.SortFunc(want, inOrder)
	f.wantSame(got, want)
}

func invitationRoundTrip(f *fixture) {
	f.wantInvitations("ann.b@example.com")
	invitation := f.add(invited("Ann.B@Example.com"))
	f.wantMember(invitation)
	for _, address := range []string{"Ann.B@Example.com", "ann.b@example.com", "ANN.B@EXAMPLE.COM"} {
		f.wantInvitations(address, invitation)
	}
	f.wantInvitations("annb@example.com")
	invitation = f.edited(invitation, having("x"))
	f.wantMember(invitation)
	f.wantInvitations("ann.b@example.com", invitation)
}

func invitationsOfAll(f *fixture) {
	first := f.add(invited("ann@example.com"))
	f.org = f.found(roomy)
	second := f.add(invited("Ann@example.com"), func(m *org.Member) { m.InvitedAt = noon.AddDate(-1, 0, 0) })
	f.add(invited("bob@example.com"))
	f.add(awaited, func(m *org.Member) { m.Email = "ann@example.com" }) // known by identity: no open invitation
	f.add(func(m *org.Member) { m.Email = "ann@example.com" })
	f.wantInvitations("ann@example.com", first, second)
}

// The Kelvin sign folds to k in Unicode: a mailbox that has it is another's.
func invitationKelvin(f *fixture) {
	invitation := f.add(invited("kim@example.com"))
	f.wantInvitations("\u212Aim@example.com")
	f.wantInvitations("Kim@example.com", invitation)
}

// accepting is a member as one is who comes for an invitation.
func accepting(invitation org.Member) org.Member {
	member := invitation
	member.Identity, member.Status, member.JoinedAt = person(), org.MemberActive, noon.Add(48*time.Hour)
	return member
}

func invitationAccepted(f *fixture) {
	invitation := f.add(invited("ann@example.com"))
	member := accepting(invitation)
	f.must(f.ChangeMember(f.Context(), f.memberChange(&invitation, &member)))
	f.wantMember(member)
	f.wantNoMember(invitation)
	f.wantInvitations("ann@example.com")
	f.wantSame(len(f.roster().Members), 2)
	again := f.add(invited("ann@example.com"))
	f.wantInvitations("ann@example.com", again)
	f.wantMember(member)
}

func invitationWithdrawn(f *fixture) {
	invitation, other := f.add(invited("ann@example.com")), f.add(invited("bob@example.com"))
	f.dismiss(invitation)
	f.wantNoMember(invitation)
	f.wantInvitations("ann@example.com")
	f.wantInvitations("bob@example.com", other)
}

func invitationRace(f *fixture) {
	stores := f.several(2)
	for range 20 {
		invitation := f.add(invited("ann@example.com"))
		member, roster := accepting(invitation), f.roster()
		var outcomes tally
		race(2, func(i int) {
			after := []*org.Member{nil, &member}[i]
			outcomes.note(f, stores[i].ChangeMember(f.Context(), memberChangeOn(roster, f.org, &invitation, after)), org.ErrMoved)
		})
		outcomes.want(f, 1, 1)
		f.wantNoMember(invitation)
		f.wantInvitations("ann@example.com")
	}
}

func pendingLast(f *fixture) {
	somebody := person()
	theirs := func(m *org.Member) { m.Identity = somebody }
	var want []org.Member
	for _, edits := range [][]func(*org.Member){{theirs, awaited}, {theirs}, {theirs, standing(org.MemberDisabled)}} {
		f.org = f.found(roomy)
		want = append(want, f.add(edits...))
	}
	want = append(want[1:], want[0])
	f.wantMemberships(somebody, want...)

	f.org = want[2].Organization
	want[2] = f.edited(want[2], func(m *org.Member) { m.Status, m.JoinedAt = org.MemberActive, noon })
	f.wantMemberships(somebody, want[2], want[0], want[1])
}
