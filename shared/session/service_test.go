package session_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
	"github.com/keyward/keyward/shared/session"
)

func TestTheSameSubjectOfAnotherIssuerIsAnotherPerson(t *testing.T) {
	h, other := newHouse(t, session.SignupPersonal), newHouse(t, session.SignupPersonal)
	other.Organizations, other.Spender = h.store, h.store
	if h.enter(t, "alice").Organization == other.enter(t, "alice").Organization {
		t.Error("two people share an organization")
	}
}

func TestTheDefaultIsOnesOwnOrganizationThenTheFirstJoined(t *testing.T) {
	h := newHouse(t, session.SignupPersonal)
	h.join(t, "bob", "org_later", org.MemberActive, time.Hour)
	h.join(t, "bob", "org_sooner", org.MemberActive, time.Minute)
	if got := h.enter(t, "bob").Organization; got != "org_sooner" {
		t.Errorf("organization %s, want the first joined", got)
	}
	h.join(t, "bob", h.identity("bob").PersonalOrganization(), org.MemberActive, 2*time.Hour)
	if got := h.enter(t, "bob").Organization; got != h.identity("bob").PersonalOrganization() {
		t.Errorf("organization %s, want the personal one", got)
	}
}

func TestTheHeaderNamesOneOfOnesOwnOrganizations(t *testing.T) {
	h := newHouse(t, session.SignupPersonal)
	h.enter(t, "alice")
	h.join(t, "alice", "org_second", org.MemberActive, time.Hour)
	principal, err := h.Authenticate(t.Context(), h.token(t, "alice", nil), "org_second", office)
	if err != nil || principal.Organization != "org_second" || principal.Member.Organization != "org_second" {
		t.Errorf("organization %s, %v; want org_second", principal.Organization, err)
	}
}

// Whoever could tell another's organization from none could count our customers.
func TestAnothersOrganizationIsDeniedLikeNone(t *testing.T) {
	h := newHouse(t, session.SignupPersonal)
	foreign := h.enter(t, "bob").Organization
	for _, who := range []string{"alice", "a newcomer"} {
		if who == "alice" {
			h.enter(t, who)
		}
		var texts []string
		for _, named := range []org.ID{foreign, "org_none", "nonsense"} {
			principal, err := h.Authenticate(t.Context(), h.token(t, who, nil), named, office)
			assertFault(t, err, fault.OrganizationDenied)
			texts = append(texts, err.Error())
			if principal.Organization != "" || principal.Member.Organization != "" || len(principal.States) != 1 {
				t.Errorf("principal %+v, want the limits and no organization", principal)
			}
		}
		if texts[0] != texts[1] || texts[0] != texts[2] {
			t.Errorf("the errors differ: %q", texts)
		}
	}
	if memberships, err := h.store.Memberships(t.Context(), h.identity("a newcomer")); err != nil || len(memberships) != 0 {
		t.Errorf("a request that was denied founded %v, %v", memberships, err)
	}
}

func TestADisabledMemberIsRefused(t *testing.T) {
	h := newHouse(t, session.SignupPersonal)
	h.join(t, "alice", "org_off", org.MemberDisabled, 0)
	h.join(t, "alice", "org_on", org.MemberActive, time.Hour)
	for _, named := range []org.ID{"", "org_off"} {
		_, err := h.Authenticate(t.Context(), h.token(t, "alice", nil), named, office)
		assertFault(t, err, fault.MemberInactive)
	}
	if _, err := h.Authenticate(t.Context(), h.token(t, "alice", nil), "org_on", office); err != nil {
		t.Errorf("refused where they are active: %v", err)
	}
}

func TestAPersonHasTheirLimitWhateverTheOrganization(t *testing.T) {
	h := newHouse(t, session.SignupPersonal)
	h.Catalog.Sessions.RequestsPerMinute = 3
	h.enter(t, "alice")
	h.join(t, "alice", "org_second", org.MemberActive, time.Hour)
	token := h.token(t, "alice", nil)
	for _, named := range []org.ID{"org_second", "org_none"} {
		if principal, _ := h.Authenticate(t.Context(), token, named, office); principal.Full != nil {
			t.Fatalf("%s: the limit came early", named)
		}
	}
	principal, err := h.Authenticate(t.Context(), token, "org_second", office)
	minute := ratelimit.At(ratelimit.Minute, noon)
	want := session.Principal{
		Identity: h.identity("alice"),
		States:   []ratelimit.State{{Unit: ratelimit.Minute, Limit: 3, Remaining: 0, Reset: noon.Add(time.Minute)}},
		Full:     &minute,
	}
	if diff := cmp.Diff(want, principal); err != nil || diff != "" {
		t.Errorf("error %v, principal (-want +got):\n%s", err, diff)
	}
	if h.enter(t, "bob").Full != nil {
		t.Error("another person's limit was used up as well")
	}
	h.at.advance(time.Minute)
	if h.enter(t, "alice").Full != nil {
		t.Error("the next minute did not start")
	}
}

func TestSixHundredRequestsAMinuteAreAdmittedAndNoMore(t *testing.T) {
	h := newHouse(t, session.SignupPersonal)
	token := h.token(t, "alice", nil)
	var admitted, refused atomic.Int64
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 50 {
				principal, err := h.Authenticate(t.Context(), token, "", office)
				switch {
				case err != nil:
					t.Error(err)
				case principal.Full == nil:
					admitted.Add(1)
				default:
					refused.Add(1)
				}
			}
		})
	}
	all.Wait()
	if a, r := admitted.Load(), refused.Load(); a != 600 || r != 200 {
		t.Errorf("admitted %d, refused %d; want 600 and 200", a, r)
	}
}

func TestARefusedTokenSpendsNothing(t *testing.T) {
	h := newHouse(t, session.SignupPersonal)
	forged := ecKey("ec").sign(t, h.provider.claims(nil))
	_, err := h.Authenticate(t.Context(), forged, "", office)
	assertRefused(t, err, forged)
	if left := h.enter(t, "alice").States[0].Remaining; left != 599 {
		t.Errorf("%d left after the first good request, want 599", left)
	}
}
