package session_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
	"github.com/keyward/keyward/shared/session"
	"github.com/keyward/keyward/shared/sqlite"
)

var errStore = errors.New("the store is down")

// watched is a store that counts what it is asked, and of which one call fails; lost, after it has done what it was asked
// to.
type watched struct {
	*sqlite.Store
	call     string
	lost     bool
	asked    map[string]int
	changing func() // runs ahead of each change of a member
}

func (h *house) watch(store *watched) *watched {
	store.Store, store.asked = h.store, map[string]int{}
	h.Organizations, h.Spender = store, store
	return store
}

// fails counts the call, and reports whether it is the one that fails.
func (w *watched) fails(call string) bool {
	w.asked[call]++
	return w.call == call && !w.lost
}

// reply is a write's, which may be lost.
func (w *watched) reply(call string, err error) error {
	if err == nil && w.call == call {
		return errStore
	}
	return err
}

func (w *watched) Memberships(ctx context.Context, person org.Identity) ([]org.Member, error) {
	if w.fails("Memberships") {
		return nil, errStore
	}
	return w.Store.Memberships(ctx, person)
}

func (w *watched) Invitations(ctx context.Context, address string) ([]org.Member, error) {
	if w.fails("Invitations") {
		return nil, errStore
	}
	return w.Store.Invitations(ctx, address)
}

func (w *watched) Organization(ctx context.Context, id org.ID) (org.Organization, error) {
	if w.fails("Organization") {
		return org.Organization{}, errStore
	}
	return w.Store.Organization(ctx, id)
}

func (w *watched) Roster(ctx context.Context, id org.ID) (org.Roster, error) {
	if w.fails("Roster") {
		return org.Roster{}, errStore
	}
	return w.Store.Roster(ctx, id)
}

func (w *watched) Roles(ctx context.Context, id org.ID) (org.Roles, error) {
	if w.fails("Roles") {
		return org.Roles{}, errStore
	}
	return w.Store.Roles(ctx, id)
}

func (w *watched) Seen(ctx context.Context, id org.ID, person org.Identity, at time.Time) error {
	if w.fails("Seen") {
		return errStore
	}
	return w.Store.Seen(ctx, id, person, at)
}

func (w *watched) ChangeMember(ctx context.Context, change org.MemberChange) error {
	if w.fails("ChangeMember") {
		return errStore
	}
	if w.changing != nil {
		w.changing()
	}
	return w.reply("ChangeMember", w.Store.ChangeMember(ctx, change))
}

func (w *watched) Found(ctx context.Context, organization org.Organization, first org.Member, activity audit.Entry) error {
	if w.fails("Found") {
		return errStore
	}
	return w.reply("Found", w.Store.Found(ctx, organization, first, activity))
}

func (w *watched) SpendSession(ctx context.Context, person org.Identity, limit int64, at time.Time) (ratelimit.Counts, bool, error) {
	if w.fails("SpendSession") {
		return nil, true, errStore
	}
	return w.Store.SpendSession(ctx, person, limit, at)
}

func TestAStoreThatFailsIsAnOutageAndTheNextSignInFindsEverything(t *testing.T) {
	tests := map[string]*watched{
		"counting":             {call: "SpendSession"},
		"reading memberships":  {call: "Memberships"},
		"founding":             {call: "Found"},
		"founding, reply lost": {call: "Found", lost: true},
	}
	for name, store := range tests {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, session.SignupPersonal)
			h.watch(store)
			_, err := h.naming(t, "alice", "", nil)
			assertOutaged(t, err)
			h.watch(&watched{})
			if got := h.enter(t, "alice").Organization; got != h.identity("alice").PersonalOrganization() {
				t.Errorf("organization %s", got)
			}
		})
	}
}

func TestAStoreThatFailsWhileSomebodyJoinsIsAnOutageAndTheNextSignInHasJoined(t *testing.T) {
	tests := map[string]*watched{
		"reading invitations": {call: "Invitations"},
		"reading members":     {call: "Roster"},
		"joining":             {call: "ChangeMember"},
		"joining, reply lost": {call: "ChangeMember", lost: true},
		"reading roles":       {call: "Roles"},
	}
	for name, store := range tests {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, session.SignupPersonal)
			h.join(t, "boss", "org_acme", org.MemberActive, 0)
			invitation := mailed("alice@example.com", "org_acme")
			invitation.Roles = []string{"zone-reader"}
			h.add(t, invitation)
			h.watch(store)
			principal, err := h.naming(t, "alice", "org_acme", mail("alice@example.com", true))
			assertOutaged(t, err)
			if principal.Organization != "" || principal.Member.Subject != "" || len(principal.States) != 1 {
				t.Errorf("principal %+v, want the limits alone", principal)
			}
			h.watch(&watched{})
			if principal, err = h.naming(t, "alice", "org_acme", mail("alice@example.com", true)); err != nil || principal.Organization != "org_acme" {
				t.Errorf("principal %+v, %v", principal, err)
			}
		})
	}
}

func TestAStoreThatFailsAnOperatorIsAnOutage(t *testing.T) {
	h := newHouse(t, session.SignupPersonal)
	h.Operators = []string{"root"}
	h.watch(&watched{call: "Organization"})
	_, err := h.naming(t, "root", "org_acme", nil)
	assertOutaged(t, err)
}

func assertOutaged(t *testing.T, err error) {
	t.Helper()
	assertFault(t, err, fault.Unavailable)
	if !errors.Is(err, errStore) {
		t.Errorf("error = %v, want its cause for the log", err)
	}
}
