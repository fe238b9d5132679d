package keys_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/sqlite"
)

var noon = time.Date(2026, 3, 10, 12, 0, 30, 0, time.UTC)

// fixture is the service over a store and a file of peppers, with two organizations.
type fixture struct {
	*testing.T
	*keys.Service
	store    *sqlite.Store
	now      time.Time
	alice    keys.Caller // of org_acme
	stranger keys.Caller // of org_other
}

func newFixture(t *testing.T) *fixture {
	f := &fixture{T: t, now: noon}
	folder := t.TempDir()
	store, err := sqlite.Open(t.Context(), filepath.Join(folder, "keyward.db"))
	f.must(err)
	store.Now = func() time.Time { return f.now }
	t.Cleanup(func() { f.must(store.Close()) })
	catalog, err := policy.Load(policy.Shipped)
	f.must(err)
	ring := keyring.New(keyring.File{Path: filepath.Join(folder, "peppers")}, func(err error) { t.Error(err) })
	f.store = store
	f.Service = &keys.Service{
		Store: store, Organizations: store, Catalog: catalog, Keyring: ring, Tokens: signer{}, Brand: "vg", Now: store.Now,
		Desk: grant.Desk{Records: store, Organizations: store, Catalog: catalog, Now: store.Now},
	}
	f.alice = f.found("org_acme", 2000)
	f.stranger = f.found("org_other", 2000)
	return f
}

// found makes an organization that may hold so many live keys, and gives its Admin as a caller.
func (f *fixture) found(id org.ID, limit int64, edits ...func(*org.Organization)) keys.Caller {
	f.Helper()
	organization := org.Organization{
		ID: id, Name: string(id), Tier: "basic", MaxTier: "pro", KeyLimit: limit, CreatedAt: noon, CursorKey: []byte("the cursors of " + id),
	}
	for _, edit := range edits {
		edit(&organization)
	}
	activity := audit.NewEntry(noon, audit.System, audit.OrganizationCreated, string(id), netip.Addr{})
	first := org.Member{Identity: person("alice"), Organization: id, Roles: []string{"admin"}, Status: org.MemberActive, JoinedAt: noon}
	f.must(f.store.Found(f.Context(), organization, first, activity))
	return callerOf(first)
}

func person(subject string) org.Identity {
	return org.Identity{Issuer: "https://id.example", Subject: subject}
}

// callerOf is a member as a caller.
func callerOf(member org.Member) keys.Caller {
	return keys.Caller{
		Organization: member.Organization, Identity: member.Identity, Roles: member.Roles, Address: netip.MustParseAddr("203.0.113.9"),
	}
}

// member adds a member to the organization of f.alice, and gives them as a caller.
func (f *fixture) member(subject string, status org.MemberStatus, roles ...string) keys.Caller {
	f.Helper()
	member := org.Member{Identity: person(subject), Organization: f.alice.Organization, Roles: roles, Status: status, InvitedAt: noon, JoinedAt: noon}
	f.changeMember(nil, &member)
	return callerOf(member)
}

// becomes changes a member; nil removes them.
func (f *fixture) becomes(subject string, edit func(*org.Member)) {
	f.Helper()
	before, err := f.store.Member(f.Context(), f.alice.Organization, person(subject).Hash())
	f.must(err)
	if edit == nil {
		f.changeMember(&before, nil)
		return
	}
	after := before
	edit(&after)
	f.changeMember(&before, &after)
}

func (f *fixture) changeMember(before, after *org.Member) {
	f.Helper()
	roster, err := f.store.Roster(f.Context(), f.alice.Organization)
	f.must(err)
	f.must(f.store.ChangeMember(f.Context(), org.MemberChange{
		Organization: f.alice.Organization, Version: roster.Version, Before: before, After: after,
		Activity: audit.NewEntry(f.now, audit.System, audit.MemberUpdated, "member:x", netip.Addr{}),
	}))
}

// ownRoles gives the organization those roles of its own, and no others.
func (f *fixture) ownRoles(roles ...org.Role) {
	f.Helper()
	before, err := f.store.Roles(f.Context(), f.alice.Organization)
	f.must(err)
	f.must(f.store.ChangeRoles(f.Context(), org.RolesChange{Organization: f.alice.Organization, Version: before.Version, After: roles}))
}

// settings changes the organization.
func (f *fixture) settings(edit func(*org.Organization)) {
	f.Helper()
	before, err := f.store.Organization(f.Context(), f.alice.Organization)
	f.must(err)
	after := before
	edit(&after)
	_, err = f.store.ChangeOrganization(f.Context(), before, after, nil)
	f.must(err)
}

// asKey is a key as a caller.
func asKey(key *apikey.Key) keys.Caller {
	return keys.Caller{
		Organization: key.Organization, Identity: org.Identity{Subject: key.Owner}, Key: key.ID, Secret: []string{key.Digest.Fingerprint()}, Address: netip.MustParseAddr("203.0.113.9"),
	}
}

// signer makes what looks like tokens.
type signer struct{}

func (signer) Issue(_ context.Context, key *apikey.Key, now time.Time) (apikey.Secret, error) {
	return apikey.TokenSecret(fmt.Sprintf("e30.%s-%d-%d.%s", key.ID, now.Unix(), key.ExpiresAt.Unix(), rand.Text()), key.ID), nil
}

// sub runs a subtest on the same fixture.
func (f *fixture) sub(name string, test func()) {
	f.Run(name, func(t *testing.T) {
		outer := f.T
		defer func() { f.T = outer }()
		f.T = t
		test()
	})
}

func (f *fixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// create makes a key of org_acme from a draft that has at least a name.
func (f *fixture) create(draft keys.Draft) keys.Created {
	f.Helper()
	created, err := f.Create(f.Context(), f.alice, draft, nil)
	f.must(err)
	return created
}

func (f *fixture) update(id apikey.ID, patch keys.Patch) *apikey.Key {
	f.Helper()
	updated, err := f.Update(f.Context(), f.alice, id, patch, nil)
	f.must(err)
	return updated.Key
}

func (f *fixture) revoke(id apikey.ID) *apikey.Key {
	f.Helper()
	key, err := f.Revoke(f.Context(), f.alice, id, nil)
	f.must(err)
	return key
}

func (f *fixture) get(id apikey.ID) *apikey.Key {
	f.Helper()
	key, err := f.Get(f.Context(), f.alice, id)
	f.must(err)
	return key
}

// wantFault checks an error's code, and where given its field and sentence.
func (f *fixture) wantFault(err error, code fault.Code, fieldAndDetail ...string) {
	f.Helper()
	got, ok := errors.AsType[*fault.Error](err)
	if !ok || got.Code != code {
		f.Errorf("error = %v, want %s", err, code)
		return
	}
	if len(fieldAndDetail) > 0 && got.Field != fieldAndDetail[0] || len(fieldAndDetail) > 1 && got.Detail != fieldAndDetail[1] {
		f.Errorf("%s says %q about %q, want %q", code, got.Detail, got.Field, fieldAndDetail)
	}
}

// wantKey compares keys as they are stored.
func (f *fixture) wantKey(got, want *apikey.Key) {
	f.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}, apikey.Digest(""))); diff != "" {
		f.Errorf("key (-want +got)\n%s", diff)
	}
}

func set[T any](value T) keys.Optional[T] { return keys.Optional[T]{Set: true, Value: value} }

func null[T any]() keys.Optional[T] { return keys.Optional[T]{Set: true, Null: true} }

// named are drafts of keys called that.
func named(name string) keys.Draft { return keys.Draft{Name: name} }

// createMany makes n keys with names in order, a millisecond apart.
func (f *fixture) createMany(n int, edit func(i int, draft *keys.Draft)) []*apikey.Key {
	f.Helper()
	all := make([]*apikey.Key, n)
	for i := range all {
		draft := named(fmt.Sprintf("key %04d", i))
		if edit != nil {
			edit(i, &draft)
		}
		f.now = f.now.Add(time.Millisecond)
		all[i] = f.create(draft).Key
	}
	return all
}

// meddling is a store in which somebody else changes the key, once, between a read and its change.
type meddling struct {
	apikey.Keys
	meddle func()
}

func (m *meddling) Change(ctx context.Context, change apikey.Change) (*apikey.Key, error) {
	if meddle := m.meddle; meddle != nil {
		m.meddle = nil
		meddle()
	}
	return m.Keys.Change(ctx, change)
}

// lowered are organizations that may have no tier above free any more.
type lowered struct{ org.Store }

func (l lowered) Organization(ctx context.Context, id org.ID) (org.Organization, error) {
	organization, err := l.Store.Organization(ctx, id)
	organization.Tier, organization.MaxTier = "free", "free"
	return organization, err
}
