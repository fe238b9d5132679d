package authorize_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/authorize"
	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/ratelimit"
	"github.com/keyward/keyward/shared/sqlite"
)

const (
	oneRing = `{"current":"k1","k1":"a pepper of at least thirty-two characters"}`
	twoRing = `{"current":"k2","k1":"a pepper of at least thirty-two characters","k2":"another pepper of thirty-two characters"}`
)

var (
	noon    = time.Date(2026, 3, 10, 12, 0, 30, 0, time.UTC)
	address = netip.MustParseAddr("203.0.113.9")
)

// fixture is a process that authorizes, over a store and a file of peppers.
type fixture struct {
	*testing.T
	*authorize.Service
	store  *counting
	sqlite *sqlite.Store
	folder string
	now    time.Time
	log    bytes.Buffer
}

func newFixture(t *testing.T) *fixture {
	f := &fixture{T: t, folder: t.TempDir(), now: noon}
	store, err := sqlite.Open(t.Context(), filepath.Join(f.folder, "keyward.db"))
	f.must(err)
	t.Cleanup(func() { f.must(store.Close()) })
	f.setRing(oneRing)
	f.sqlite = store
	f.serve(store)
	for _, id := range []org.ID{"org_acme", "org_other"} {
		organization := org.Organization{ID: id, Name: string(id), Tier: "basic", MaxTier: "pro", KeyLimit: 100, CreatedAt: noon}
		f.must(store.Found(t.Context(), organization, org.Member{Organization: id}, f.entry(audit.OrganizationCreated, string(id))))
	}
	return f
}

// serve starts a process that authorizes over store, and that has seen nothing yet.
func (f *fixture) serve(store apikey.Spender) {
	f.Helper()
	catalog, err := policy.Load(policy.Shipped)
	f.must(err)
	f.store = &counting{Spender: store}
	f.Service = &authorize.Service{
		Store: f.store, Keyring: f.keyring(), Catalog: catalog, Brand: "vg", Now: func() time.Time { return f.now },
		Log: slog.New(slog.NewTextHandler(&f.log, nil)), Known: authorize.NewKnown(), Refusals: authorize.NewRefusals(),
		Suspects: authorize.NewSuspects(), Touches: authorize.NewTouches(),
	}
}

func (f *fixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f *fixture) entry(action audit.Action, target string) audit.Entry {
	return audit.NewEntry(noon, audit.System, action, target, netip.Addr{})
}

// setRing writes the file of peppers, as an operator who rotates them does.
func (f *fixture) setRing(text string) {
	f.Helper()
	path := filepath.Join(f.folder, "peppers.next")
	f.must(os.WriteFile(path, []byte(text), 0o600))
	f.must(os.Rename(path, filepath.Join(f.folder, "peppers")))
}

// keyring is a process's view of that file, which it has not read yet.
func (f *fixture) keyring() *keyring.Keyring {
	return keyring.New(keyring.File{Path: filepath.Join(f.folder, "peppers")}, func(err error) { f.Error(err) })
}

var made int

// create makes a key of org_acme that may read dns, ten times a minute, but for what edits change. Its digest is made
// with the peppers as the file has them.
func (f *fixture) create(edits ...func(*apikey.Key)) (*apikey.Key, apikey.Secret) {
	f.Helper()
	made++
	id := apikey.NewID(noon.Add(time.Duration(made) * time.Millisecond))
	key := &apikey.Key{
		Record: apikey.Record{
			ID: id, Organization: "org_acme", Owner: "alice", Environment: apikey.Production, Permissions: []string{"dns:read"},
			Tier: "free", Limits: ratelimit.Limits{PerMinute: 10}, Version: 1,
		},
		Details: apikey.Details{Name: fmt.Sprint("Key ", made), CreatedAt: noon, UpdatedAt: noon, CreatedBy: "member:alice"},
	}
	for _, edit := range edits {
		edit(key)
	}
	secret := apikey.NewSecret("vg", key.Environment, id)
	ring, err := f.keyring().Ring(f.Context())
	f.must(err)
	key.Mask = secret.Mask()
	if key.Digest == "" {
		key.Digest = ring.Current(secret)
	}
	f.must(f.sqlite.Create(f.Context(), apikey.Creation{Key: key, Activity: f.entry(audit.KeyCreated, id.String())}))
	return key, secret
}

// change changes a key as it is stored.
func (f *fixture) change(key *apikey.Key, edit func(*apikey.Key)) {
	f.Helper()
	before, err := f.sqlite.Key(f.Context(), key.Organization, key.ID)
	f.must(err)
	after := before.Clone()
	edit(after)
	_, err = f.sqlite.Change(f.Context(), apikey.Change{Before: before, After: after, Activity: f.entry(audit.KeyUpdated, key.ID.String())})
	f.must(err)
}

func revoke(key *apikey.Key) { key.RevokedAt = noon }

// asking is a request of the production API with that credential.
func asking(credential string) authorize.Request {
	return authorize.Request{Credential: credential, Environment: apikey.Production, Address: address}
}

// want authorizes and checks the reason, and how often the store was asked since.
func (f *fixture) want(request authorize.Request, reason apikey.Reason, asked calls) policy.Decision {
	f.Helper()
	return f.wantOf(f.Authorize, request, reason, asked)
}

func (f *fixture) wantOf(decide decider, request authorize.Request, reason apikey.Reason, asked calls) policy.Decision {
	f.Helper()
	f.store.calls = calls{}
	decision, err := decide(f.Context(), request)
	if err != nil || decision.Reason != reason || decision.Allowed() != (reason == apikey.Allowed) {
		f.Errorf("decision = %s, %v; want %s", decision.Reason, err, reason)
	}
	if diff := cmp.Diff(asked, f.store.calls); diff != "" {
		f.Errorf("%s: calls to the store (-want +got)\n%s", reason, diff)
	}
	return decision
}

// record is the key's record as it is stored.
func (f *fixture) record(id apikey.ID) *apikey.Record {
	f.Helper()
	record, err := f.sqlite.Read(f.Context(), id)
	f.must(err)
	return record
}

type decider = func(context.Context, authorize.Request) (policy.Decision, error)

// wantReason decides and checks the reason alone.
func (f *fixture) wantReason(decide decider, request authorize.Request, reason apikey.Reason) {
	f.Helper()
	if decision, err := decide(f.Context(), request); err != nil || decision.Reason != reason {
		f.Errorf("decision = %s, %v; want %s", decision.Reason, err, reason)
	}
}
