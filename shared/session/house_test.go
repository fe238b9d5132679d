package session_test

import (
	"errors"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/session"
	"github.com/keyward/keyward/shared/sqlite"
)

var office = netip.MustParseAddr("203.0.113.9")

// house is a service with everything that it needs.
type house struct {
	*session.Service
	store    *sqlite.Store
	provider *idp
	key      signingKey
	at       *clock
}

func newHouse(t *testing.T, mode session.Mode) *house {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "keyward.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	catalog, err := policy.Load(policy.Shipped)
	if err != nil {
		t.Fatal(err)
	}
	key := ecKey("ec")
	provider := newIDP(t, key)
	verifier, at := provider.verifier(t, nil)
	return &house{&session.Service{
		Verifier:         verifier,
		Organizations:    store,
		Spender:          store,
		Catalog:          catalog,
		Signup:           mode,
		OrganizationName: "Example",
		Now:              at.Now,
	}, store, provider, key, at}
}

// token is a token of who, with changes to its claims.
func (h *house) token(t *testing.T, who string, changes map[string]any) string {
	t.Helper()
	claims := h.provider.claims(map[string]any{"sub": who})
	for name, value := range changes {
		claims[name] = value
	}
	return h.key.sign(t, claims)
}

// enter signs who in, with no header and no other claims.
func (h *house) enter(t *testing.T, who string) session.Principal {
	t.Helper()
	principal, err := h.Authenticate(t.Context(), h.token(t, who, nil), "", office)
	if err != nil {
		t.Error(err)
	}
	return principal
}

func (h *house) identity(who string) org.Identity {
	return org.Identity{Issuer: h.provider.URL, Subject: who}
}

// join makes who the first member of another organization, which was founded earlier or later by that much.
func (h *house) join(t *testing.T, who string, id org.ID, status org.MemberStatus, after time.Duration) {
	t.Helper()
	at := noon.Add(after)
	organization := org.Organization{ID: id, Name: string(id), Tier: "basic", MaxTier: "basic", KeyLimit: 1, CreatedAt: at, CursorKey: make([]byte, 32)}
	member := org.Member{Identity: h.identity(who), Organization: id, Roles: []string{policy.FirstRole}, Status: status, JoinedAt: at}
	entry := audit.NewEntry(at, audit.MemberActor(who), audit.OrganizationCreated, string(id), office)
	if err := h.store.Found(t.Context(), organization, member, entry); err != nil {
		t.Fatal(err)
	}
}

// add adds a member to an organization, as somebody of it does.
func (h *house) add(t *testing.T, member org.Member) {
	t.Helper()
	h.change(t, member.Organization, func(org.Roster) (before, after *org.Member) { return nil, &member })
}

// invited is a pending member by their subject.
func (h *house) invited(who string, id org.ID) org.Member {
	return org.Member{Identity: h.identity(who), Organization: id, Roles: []string{"admin"}, Status: org.MemberPending, InvitedAt: noon}
}

// mailed is an invitation by e-mail.
func mailed(address string, id org.ID) org.Member {
	return org.Member{Email: address, Organization: id, Roles: []string{"admin"}, Status: org.MemberPending, InvitedAt: noon}
}

// turn gives a member another status.
func (h *house) turn(t *testing.T, id org.ID, member string, status org.MemberStatus) {
	t.Helper()
	h.change(t, id, func(roster org.Roster) (*org.Member, *org.Member) {
		before, found := roster.Member(member)
		if !found {
			t.Fatalf("%s has no member %s", id, member)
		}
		after := before
		after.Status = status
		return &before, &after
	})
}

func (h *house) change(t *testing.T, id org.ID, edit func(org.Roster) (before, after *org.Member)) {
	t.Helper()
	roster := h.roster(t, id)
	before, after := edit(roster)
	entry := audit.NewEntry(noon, audit.System, audit.MemberUpdated, "member:"+after.ID(), office)
	change := org.MemberChange{Organization: id, Version: roster.Version, Before: before, After: after, Activity: entry}
	if err := h.store.ChangeMember(t.Context(), change); err != nil {
		t.Fatal(err)
	}
}

func (h *house) roster(t *testing.T, id org.ID) org.Roster {
	t.Helper()
	roster, err := h.store.Roster(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return roster
}

// naming signs who in with X-Organization and changes to the claims.
func (h *house) naming(t *testing.T, who string, id org.ID, claims map[string]any) (session.Principal, error) {
	t.Helper()
	return h.Authenticate(t.Context(), h.token(t, who, claims), id, office)
}

// mail are the claims of somebody with that address.
func mail(address string, verified any) map[string]any {
	return map[string]any{"email": address, "email_verified": verified}
}

func assertFault(t *testing.T, err error, want fault.Code) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error = %v, want %s", err, want)
	}
	if detail := fault.From(err).Detail; !strings.HasSuffix(detail, ".") {
		t.Errorf("detail %q is no sentence", detail)
	}
}
