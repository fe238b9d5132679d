package storetest

import (
	"errors"
	"fmt"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/ratelimit"
)

func is(err, target error) bool { return errors.Is(err, target) }

// made numbers the keys of this process, so that no two have an ID or a name in common.
var made atomic.Int64

// newKey is a key that no store has yet: live, never expiring, with 1,000 requests a minute.
func (f *fixture) newKey(edits ...func(*apikey.Key)) *apikey.Key {
	number := made.Add(1)
	id := apikey.NewID(noon.Add(time.Duration(number) * time.Millisecond))
	key := &apikey.Key{
		Record: apikey.Record{
			ID: id, Organization: f.org, Owner: "ann", Environment: apikey.Production, Digest: digestOf(id),
			Roles: []string{"reader"}, Permissions: []string{"dns:read"}, Tier: "pro",
			Limits: ratelimit.Limits{PerMinute: 1000}, Version: 1,
		},
		Details: apikey.Details{
			Name: fmt.Sprintf("Key %d", number), Mask: "vg_live_" + string(id) + "...abcd",
			CreatedAt: noon, CreatedBy: "member:ann", UpdatedAt: noon, Revision: 1,
		},
	}
	for _, edit := range edits {
		edit(key)
	}
	key.Restamp(nil)
	return key
}

func digestOf(id apikey.ID) apikey.Digest { return apikey.Digest("k1." + string(id)) }

// creation is a create of the key at that time.
func creation(key *apikey.Key, at time.Time) apikey.Creation {
	return apikey.Creation{Key: key, Activity: entry(at, audit.KeyCreated, key.ID.String())}
}

// create makes a key at noon.
func (f *fixture) create(edits ...func(*apikey.Key)) *apikey.Key {
	f.Helper()
	key := f.newKey(edits...)
	f.must(f.Create(f.Context(), creation(key, noon)))
	return key
}

// change is a change of key, as it was read, at that time.
func change(key *apikey.Key, at time.Time, edits ...func(*apikey.Key)) apikey.Change {
	after := key.Clone()
	after.UpdatedAt = at
	for _, edit := range edits {
		edit(after)
	}
	after.Restamp(&key.Record)
	return apikey.Change{Before: key, After: after, Activity: entry(at, audit.KeyUpdated, key.ID.String())}
}

// changed reads the key, changes it a second after noon, and gives it as it is then.
func (f *fixture) changed(key *apikey.Key, edits ...func(*apikey.Key)) *apikey.Key {
	f.Helper()
	stored, err := f.Change(f.Context(), change(f.stored(key), noon.Add(time.Second), edits...))
	f.must(err)
	return stored
}

// stored is the key as the store has it.
func (f *fixture) stored(key *apikey.Key) *apikey.Key {
	f.Helper()
	stored, err := f.Key(f.Context(), key.Organization, key.ID)
	f.must(err)
	return stored
}

// spendOf is a spend with the key's own secret, from an address that was checked against the key's rules.
func spendOf(key *apikey.Key, at time.Time) apikey.Spend {
	return apikey.Spend{
		ID: key.ID, Digests: []apikey.Digest{key.Digest}, Environment: key.Environment,
		At: at, Address: netip.MustParseAddr("198.51.100.7"), Rules: key.RulesID,
	}
}

// spend spends, and gives the outcome.
func (f *fixture) spend(spend apikey.Spend) apikey.Outcome {
	f.Helper()
	outcome, err := f.Spend(f.Context(), spend)
	f.must(err)
	return outcome
}

func (f *fixture) wantSpent(spend apikey.Spend) {
	f.Helper()
	if outcome := f.spend(spend); !outcome.Spent {
		f.Errorf("refused at %v, want spent; record %+v", spend.At, outcome.Record)
	}
}

func (f *fixture) wantRefused(spend apikey.Spend) {
	f.Helper()
	if outcome := f.spend(spend); outcome.Spent {
		f.Errorf("spent at %v, want refused; record %+v", spend.At, outcome.Record)
	}
}

// wantAbsent checks that a store has nothing of the key.
func (f *fixture) wantAbsent(key *apikey.Key) {
	f.Helper()
	record, err := f.Read(f.Context(), key.ID)
	f.must(err)
	if record != nil {
		f.Errorf("there is a record: %+v", record)
	}
	_, err = f.Key(f.Context(), key.Organization, key.ID)
	f.wantError(err, notFound)
}
