package sqlite

import (
	"database/sql"
	_ "embed"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

//go:embed testdata/first.sql
var firstFile string

// newFirstFile is a file as the first schema's keyward left it.
func newFirstFile(t *testing.T) file {
	t.Helper()
	path := newFile(t)
	connector, err := connector(string(path), "FULL", busyTimeout)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	if _, err := db.ExecContext(t.Context(), firstFile); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

var ann = org.Identity{Issuer: "https://id.example", Subject: "ann"}

// firstKeys are the keys of newFirstFile.
func firstKeys() (leased, revoked *apikey.Key) {
	leased, revoked = newKey(1), newKey(2)
	leased.ExpiresAt = noon.Add(48 * time.Hour)
	leased.Retiring, leased.GraceUntil = "k0.retiring", noon.Add(time.Hour)
	leased.Tier, leased.TierInherited, leased.OwnLimit = "pro", true, true
	leased.Limits = ratelimit.Limits{PerMinute: 7, PerDay: 70, PerMonth: 700}
	leased.Counts = ratelimit.Counts{}.Add(noon).Add(noon).Add(noon)
	leased.Total, leased.LastUsedAt, leased.LastUsedIP = 3, noon, netip.MustParseAddr("2001:db8::1")
	leased.Description, leased.Metadata = "Früh übt sich\n\"quoted\"", map[string]string{"team": "edge", "empty": ""}
	leased.Idempotency, leased.Revision = "once", 1
	revoked.RevokedAt, revoked.Released, revoked.Record.Version = noon, true, 2
	leased.Format, revoked.Format = apikey.Opaque, apikey.Opaque
	return leased, revoked
}

func TestAFileOfTheFirstSchemaOpensWithEverythingInIt(t *testing.T) {
	path := newFirstFile(t)
	store := path.open(t)
	store.Now = func() time.Time { return noon }
	leased, revoked := firstKeys()
	first := org.Member{
		Identity: ann, Organization: acme.ID, Email: "ann@example.com", Roles: []string{"admin", "reader"},
		Status: org.MemberActive, JoinedAt: noon,
	}
	for what, read := range map[string]func() (got, want any, err error){
		"organization": func() (any, any, error) {
			got, err := store.Organization(t.Context(), acme.ID)
			return got, org.Organization{
				ID: acme.ID, Name: "Acme", Tier: "pro", MaxTier: "enterprise", KeyLimit: 100, LiveKeys: 1, Keys: 1,
				CreatedAt: noon, CursorKey: []byte("32 bytes that seal some cursors."),
			}, err
		},
		"memberships": func() (any, any, error) {
			got, err := store.Memberships(t.Context(), ann)
			return got, []org.Member{first}, err
		},
		"roster": func() (any, any, error) {
			got, err := store.Roster(t.Context(), acme.ID)
			return got, org.Roster{Members: []org.Member{first}}, err
		},
		"keys": func() (any, any, error) {
			got, _, err := store.Page(t.Context(), apikey.PageRequest{Organization: acme.ID, Order: apikey.OldestFirst, Limit: 9})
			return got, []*apikey.Key{leased, revoked}, err
		},
		"record": func() (any, any, error) {
			got, err := store.Read(t.Context(), leased.ID)
			return got, &leased.Record, err
		},
		"idempotency": func() (any, any, error) {
			got, err := store.Idempotent(t.Context(), "once")
			return got, &apikey.Idempotency{
				ID: "once", Org: acme.ID, Key: leased.ID, Body: []byte("body"), Digest: leased.Digest, Sealed: []byte("sealed"), CreatedAt: noon,
			}, err
		},
		"session": func() (any, any, error) {
			counts, _, err := store.SpendSession(t.Context(), ann, 1, noon)
			return counts, ratelimit.Counts{}.Add(noon), err
		},
		"activity": func() (any, any, error) { return len(path.Activity(t, acme.ID)), 4, nil },
	} {
		got, want, err := read()
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Addr{}, apikey.Digest(""))); diff != "" || err != nil {
			t.Errorf("%s: error %v (-want +got)\n%s", what, err, diff)
		}
	}
}

func TestAFileOfTheFirstSchemaIsWrittenLikeANewOne(t *testing.T) {
	store := newFirstFile(t).open(t)
	leased, _ := firstKeys()
	if outcome, err := store.Spend(t.Context(), spendOf(leased)); err != nil || !outcome.Spent || outcome.Record.Total != 4 {
		t.Errorf("outcome %+v, error %v", outcome, err)
	}
	for name, write := range map[string]func() error{
		"create": func() error { return store.Create(t.Context(), creationOf(ruled(newKey(3)))) },
		"change": func() error {
			change := apikey.Change{Before: leased, After: ruled(leased.Clone()), Activity: entry(audit.KeyUpdated, leased.ID.String())}
			_, err := store.Change(t.Context(), change)
			return err
		},
		"member": func() error { return store.ChangeMember(t.Context(), invitation("bob@example.com", 0)) },
	} {
		if err := write(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, id := range []apikey.ID{leased.ID, newKey(3).ID} {
		record, err := store.Read(t.Context(), id)
		if err != nil || !record.Rules().Equal(ruled(newKey(1)).Rules()) {
			t.Errorf("record of %s: %+v, error %v", id, record, err)
		}
	}
}

// A process of the keyward before, that still has the file open, would admit what a key's rules refuse.
func TestAProcessThatKnowsNoRulesReadsNoRecordAfterTheMigration(t *testing.T) {
	path := newFirstFile(t)
	connector, err := connector(string(path), "NORMAL", busyTimeout)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	record, err := db.PrepareContext(t.Context(), "SELECT owner FROM records WHERE id = ?") // and other columns
	if err != nil {
		t.Fatal(err)
	}
	defer record.Close()
	var owner string
	if err := record.QueryRowContext(t.Context(), "00000001").Scan(&owner); err != nil || owner != "ann" {
		t.Errorf("before: owner %q, error %v", owner, err)
	}
	path.open(t)
	if err := record.QueryRowContext(t.Context(), "00000001").Scan(&owner); err == nil {
		t.Errorf("after: owner %q", owner)
	}
}

func TestWhoeverOpensAnOldFileFirstMigratesIt(t *testing.T) { wantOpenedByAll(t, newFirstFile(t)) }
