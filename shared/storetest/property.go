package storetest

import (
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/apikey"
)

var properties = guarantees{
	"whatever the key, it comes back whole, as it was stored":                   anyKeyRoundTrips,
	"whatever a key is changed to, it comes back whole":                         anyChangeRoundTrips,
	"whatever the key and the spend, the store's verdict is that of the record": anySpendAgrees,
}

func anyKeyRoundTrips(f *fixture) {
	rapid.Check(f.T, func(t *rapid.T) {
		key := f.drawKey(t)
		create(t, f, key)
		wholeEverywhere(t, f, key)
	})
}

// wholeEverywhere checks that a key is the same whichever way it is read, with all of its rules.
func wholeEverywhere(t *rapid.T, f *fixture, key *apikey.Key) {
	stored, err := f.Key(f.Context(), key.Organization, key.ID)
	check(t, err)
	read, err := f.Read(f.Context(), key.ID)
	check(t, err)
	page, _, err := f.Page(f.Context(), apikey.PageRequest{Organization: key.Organization, Order: apikey.NewestFirst, Limit: 1})
	check(t, err)
	for _, pair := range [][2]any{{key, stored}, {&key.Record, read}, {[]*apikey.Key{key}, page}} {
		if diff := cmp.Diff(pair[0], pair[1], same); diff != "" {
			t.Fatalf("(-want +got)\n%s", diff)
		}
	}
	if key.RulesID != "" {
		rules, err := f.Rules(f.Context(), key.ID, key.RulesID)
		check(t, err)
		if diff := cmp.Diff(new(key.Rules()), rules, same); diff != "" {
			t.Fatalf("rules (-want +got)\n%s", diff)
		}
	}
}

func anyChangeRoundTrips(f *fixture) {
	rapid.Check(f.T, func(t *rapid.T) {
		key, other := f.drawKey(t), f.drawKey(t)
		key.ExpiresAt, key.Locked = time.Time{}, false
		create(t, f, key)
		c := change(key, noon, func(k *apikey.Key) {
			r, d := other.Record.Clone(), other.Clone().Details
			r.ID, r.Environment, r.Counts, r.Total, r.LastUsedAt, r.LastUsedIP = k.ID, k.Environment, k.Counts, k.Total, k.LastUsedAt, k.LastUsedIP
			d.CreatedAt, d.CreatedBy, d.Idempotency = k.CreatedAt, k.CreatedBy, k.Idempotency
			k.Record, k.Details = *r, d
		})
		stored, err := f.Change(f.Context(), c)
		check(t, err)
		want := c.After.Clone()
		want.Record.Version, want.Revision, want.UpdatedAt = stored.Record.Version, stored.Revision, stored.UpdatedAt
		if diff := cmp.Diff(want, stored, same); diff != "" {
			t.Fatalf("(-want +got)\n%s", diff)
		}
		wholeEverywhere(t, f, want)
	})
}

func anySpendAgrees(f *fixture) {
	rapid.Check(f.T, func(t *rapid.T) {
		key := f.drawKey(t)
		create(t, f, key)
		key, before := alter(t, f, key), key.RulesID
		for _, spend := range rapid.SliceOfN(rapid.Custom(drawSpend(key, before)), 1, 4).Draw(t, "spends") {
			agree(t, f, spend)
		}
	})
}

// alter changes a key, or lets it be.
func alter(t *rapid.T, f *fixture, key *apikey.Key) *apikey.Key {
	edits := map[string]func(*apikey.Key){
		"nothing":     nil,
		"revoked":     revokedAt(noon),
		"new rules":   func(k *apikey.Key) { drawRules(t, k) },
		"regenerated": regenerated("k2.new", noon.Add(time.Second)),
	}
	edit := edits[rapid.SampledFrom([]string{"nothing", "nothing", "new rules", "new rules", "regenerated", "revoked"}).Draw(t, "change")]
	if edit == nil || key.StatusAt(noon) == apikey.Expired {
		return key
	}
	changed, err := f.Change(f.Context(), change(key, noon, edit))
	check(t, err)
	return changed
}

// agree spends once, and compares the outcome with what the record said before.
func agree(t *rapid.T, f *fixture, spend apikey.Spend) {
	want, err := f.Read(f.Context(), spend.ID)
	check(t, err)
	reason := want.Refuses(spend)
	if reason == apikey.Allowed {
		want.Take(spend)
	}
	outcome, err := f.Spend(f.Context(), spend)
	check(t, err)
	if outcome.Spent != (reason == apikey.Allowed) {
		t.Fatalf("spent = %v, the record says %s", outcome.Spent, reason)
	}
	after, err := f.Read(f.Context(), spend.ID)
	check(t, err)
	for _, got := range []*apikey.Record{f.whole(t, outcome.Record), after} {
		if diff := cmp.Diff(fresh(want, spend.At), fresh(got, spend.At), same); diff != "" {
			t.Fatalf("%s (-want +got)\n%s", reason, diff)
		}
	}
}

// fresh is a record without its stale windows: when a store forgets those is its own affair.
func fresh(r *apikey.Record, now time.Time) *apikey.Record {
	r = r.Clone()
	r.Counts = r.Counts.Fresh(now)
	return r
}

func check(t *rapid.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func create(t *rapid.T, f *fixture, key *apikey.Key) {
	t.Helper()
	check(t, f.Create(f.Context(), creation(key, noon)))
}
