package session_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/session"
)

// newAcme is a house with an organization whose Admin is boss.
func newAcme(t *testing.T, mode session.Mode) *house {
	t.Helper()
	h := newHouse(t, mode)
	h.join(t, "boss", "org_acme", org.MemberActive, 0)
	return h
}

// Whoever is a pending member joins by naming the organization, and is an active member from then on.
func TestAPendingMemberJoinsByNamingTheOrganization(t *testing.T) {
	h := newAcme(t, session.SignupClosed)
	h.add(t, h.invited("alice", "org_acme"))
	h.at.advance(time.Hour)
	principal, err := h.naming(t, "alice", "org_acme", mail("alice@example.com", true))
	if err != nil {
		t.Fatal(err)
	}
	want := org.Member{
		Identity: h.identity("alice"), Organization: "org_acme", Email: "alice@example.com", Roles: []string{"admin"}, Status: org.MemberActive,
		InvitedAt: noon, JoinedAt: noon.Add(time.Hour), LastSeenAt: noon.Add(time.Hour),
	}
	if diff := cmp.Diff(want, principal.Member); diff != "" {
		t.Errorf("member (-want +got)\n%s", diff)
	}
	stored, _ := h.roster(t, "org_acme").Member("alice")
	if diff := cmp.Diff(want, stored); diff != "" {
		t.Errorf("the member as stored (-want +got)\n%s", diff)
	}
	if got := h.enter(t, "alice").Organization; got != "org_acme" {
		t.Errorf("the default is %s, want the organization joined", got)
	}
}

// A membership that somebody else gave is never the default: nobody captures what a newcomer makes.
func TestAPendingMembershipIsNeverTheDefault(t *testing.T) {
	h := newAcme(t, session.SignupPersonal)
	h.add(t, h.invited("alice", "org_acme"))
	h.add(t, mailed("alice@example.com", "org_acme"))
	for range 2 {
		principal, err := h.naming(t, "alice", "", mail("alice@example.com", true))
		if err != nil || principal.Organization != h.identity("alice").PersonalOrganization() {
			t.Errorf("organization %s, %v; want the personal one", principal.Organization, err)
		}
	}
	if member, found := h.roster(t, "org_acme").Member("alice"); !found || member.Status != org.MemberPending {
		t.Errorf("the membership is %+v, want it pending", member)
	}
}

// While sign-up is closed, who is only invited is told how to accept.
func TestClosedSignUpTellsTheInvitedToNameTheOrganization(t *testing.T) {
	h := newAcme(t, session.SignupClosed)
	h.add(t, h.invited("alice", "org_acme"))
	_, err := h.naming(t, "alice", "", nil)
	assertFault(t, err, fault.SignupClosed)
	want := "You are not a member of any organization here, and sign-up is closed. " +
		"If you have been invited, name the organization in X-Organization; else ask an Admin of your organization to add you."
	if got := fault.From(err).Detail; got != want {
		t.Errorf("the caller reads %q", got)
	}
}

// An invitation by e-mail is accepted by whoever shows that address as verified, once, within 14 days.
func TestAnInvitationIsForAVerifiedAddressWithinFourteenDays(t *testing.T) {
	tests := map[string]struct {
		invited string
		claims  map[string]any
		after   time.Duration
		named   org.ID
		joins   bool
	}{
		"as it was written":           {"alice@example.com", mail("alice@example.com", true), 0, "org_acme", true},
		"in another case":             {"Alice@Example.com", mail("aLICE@example.COM", "true"), 0, "org_acme", true},
		"until the last second":       {"alice@example.com", mail("alice@example.com", true), 14*24*time.Hour - time.Second, "org_acme", true},
		"after 14 days":               {"alice@example.com", mail("alice@example.com", true), 14 * 24 * time.Hour, "org_acme", false},
		"not verified":                {"alice@example.com", mail("alice@example.com", false), 0, "org_acme", false},
		"no address":                  {"alice@example.com", nil, 0, "org_acme", false},
		"an empty address":            {"alice@example.com", mail("", true), 0, "org_acme", false},
		"another address":             {"alice@example.com", mail("bob@example.com", true), 0, "org_acme", false},
		"an address that folds to it": {"kim@example.com", mail("\u212Aim@example.com", true), 0, "org_acme", false},
		"of another organization":     {"alice@example.com", mail("alice@example.com", true), 0, "org_other", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h := newAcme(t, session.SignupPersonal)
			h.join(t, "bob", "org_other", org.MemberActive, 0)
			h.add(t, mailed(test.invited, "org_acme"))
			h.at.advance(test.after)
			claims := map[string]any{"exp": noon.Add(test.after + time.Hour).Unix(), "iat": noon.Add(test.after).Unix()}
			for name, value := range test.claims {
				claims[name] = value
			}
			principal, err := h.naming(t, "alice", test.named, claims)
			_, open := h.roster(t, "org_acme").Member(test.invited)
			if !test.joins {
				assertFault(t, err, fault.OrganizationDenied)
				if !open {
					t.Error("the invitation was forgotten")
				}
				return
			}
			if err != nil || principal.Member.Identity != h.identity("alice") || principal.Member.Status != org.MemberActive || open {
				t.Errorf("principal %+v, %v; the invitation is open: %t", principal, err, open)
			}
			second, err := h.naming(t, "mallory", test.named, claims)
			assertFault(t, err, fault.OrganizationDenied)
			if second.Organization != "" {
				t.Errorf("an invitation was accepted twice: %+v", second)
			}
		})
	}
}

// Whoever was disabled or removed does not come back by an invitation to their address, nor by one that is gone.
func TestNoInvitationBringsADisabledMemberBack(t *testing.T) {
	h := newAcme(t, session.SignupPersonal)
	h.add(t, h.invited("alice", "org_acme"))
	h.turn(t, "org_acme", "alice", org.MemberDisabled)
	h.add(t, mailed("alice@example.com", "org_acme"))
	_, err := h.naming(t, "alice", "org_acme", mail("alice@example.com", true))
	assertFault(t, err, fault.MemberInactive)
}

// What becomes of a membership while its member joins counts.
func TestAMemberDisabledWhileTheyJoinStaysOutside(t *testing.T) {
	h := newAcme(t, session.SignupPersonal)
	h.add(t, h.invited("alice", "org_acme"))
	store := h.watch(&watched{})
	store.changing = func() {
		store.changing = nil
		h.turn(t, "org_acme", "alice", org.MemberDisabled)
	}
	_, err := h.naming(t, "alice", "org_acme", nil)
	assertFault(t, err, fault.MemberInactive)
	if store.asked["ChangeMember"] != 1 {
		t.Errorf("joining was tried %d times, want once", store.asked["ChangeMember"])
	}
}

// Joining is repeated while others change the organization's members, and has an end.
func TestJoiningIsRepeatedWhileOthersChangeTheMembers(t *testing.T) {
	for moves, joins := range map[int]bool{1: true, 7: true, 8: false} {
		h := newAcme(t, session.SignupPersonal)
		h.add(t, h.invited("alice", "org_acme"))
		store, added := h.watch(&watched{}), 0
		store.changing = func() {
			if added < moves {
				added++
				h.add(t, h.invited(fmt.Sprint("colleague ", added), "org_acme"))
			}
		}
		principal, err := h.naming(t, "alice", "org_acme", nil)
		if !joins {
			assertFault(t, err, fault.Unavailable)
			continue
		}
		if err != nil || principal.Organization != "org_acme" || store.asked["ChangeMember"] != moves+1 {
			t.Errorf("%d moves: principal %+v, %v after %d tries", moves, principal, err, store.asked["ChangeMember"])
		}
	}
}

// However many requests of one person race to join, there is one membership.
func TestRacingRequestsJoinOnce(t *testing.T) {
	h := newAcme(t, session.SignupPersonal)
	h.add(t, mailed("alice@example.com", "org_acme"))
	token := h.token(t, "alice", mail("alice@example.com", true))
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if principal, err := h.Authenticate(t.Context(), token, "org_acme", office); err != nil || principal.Organization != "org_acme" {
				t.Errorf("organization %s, %v", principal.Organization, err)
			}
		})
	}
	all.Wait()
	var ids []string
	for _, member := range h.roster(t, "org_acme").Members {
		ids = append(ids, member.ID())
	}
	if slices.Sort(ids); !slices.Equal(ids, []string{"alice", "boss"}) {
		t.Errorf("members %v, want boss and alice", ids)
	}
}
