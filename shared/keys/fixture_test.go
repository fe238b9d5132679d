package keys_test

import (
	"context"
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
	f.Service = &keys.Service{Store: store, Organizations: store, Catalog: catalog, Keyring: ring, Brand: "vg", Now: store.Now}
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
	f.must(f.store.Found(f.Context(), organization, org.Member{Organization: id, JoinedAt: noon}, activity))
	return keys.Caller{
		Organization: id, Actor: "member:alice", Subject: "alice", Roles: []string{"admin"}, Address: netip.MustParseAddr("203.0.113.9"),
	}
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
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Addr{}, apikey.Digest(""))); diff != "" {
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
