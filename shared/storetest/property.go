package storetest

import (
	"net/netip"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

var properties = guarantees{
	"whatever the key, it comes back as it was stored":                          anyKeyRoundTrips,
	"whatever the key and the spend, the store's verdict is that of the record": anySpendAgrees,
}

func anyKeyRoundTrips(f *fixture) {
	rapid.Check(f.T, func(t *rapid.T) {
		key := f.drawKey(t)
		create(t, f, key)
		stored, err := f.Key(f.Context(), key.Organization, key.ID)
		check(t, err)
		if diff := cmp.Diff(key, stored, same); diff != "" {
			t.Fatalf("(-want +got)\n%s", diff)
		}
	})
}

func anySpendAgrees(f *fixture) {
	rapid.Check(f.T, func(t *rapid.T) {
		key := f.drawKey(t)
		create(t, f, key)
		if rapid.Bool().Draw(t, "revoked") {
			_, err := f.Change(f.Context(), change(key, noon, revokedAt(noon)))
			check(t, err)
		}
		for _, spend := range rapid.SliceOfN(rapid.Custom(drawSpend(key)), 1, 4).Draw(t, "spends") {
			agree(t, f, spend)
		}
	})
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
	for _, got := range []*apikey.Record{outcome.Record, after} {
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

// The generators below draw from few values, so that records and spends often meet.

var (
	someTimes   = rapid.SampledFrom([]time.Time{{}, noon.Add(-time.Hour), noon, noon.Add(time.Second), noon.Add(90 * time.Second), noon.AddDate(0, 1, 0)})
	someDigests = rapid.SampledFrom([]apikey.Digest{"k1.a", "k1.b", "k2.a", "k2.b"})
	noDigests   = rapid.OneOf(rapid.Just(apikey.Digest("")), someDigests)
	someNames   = rapid.StringOfN(rapid.RuneFrom([]rune("az09:*._-")), 1, 64, 64)
	someText    = rapid.StringOfN(rapid.RuneFrom([]rune("\n\t\"'"), unicode.L, unicode.N, unicode.P, unicode.So), 0, 80, -1)
	someLimits  = rapid.Int64Range(1, 4)
	someQuotas  = rapid.Int64Range(0, 4)
	addresses   = rapid.SampledFrom([]netip.Addr{{}, netip.MustParseAddr("192.0.2.7"), netip.MustParseAddr("2001:db8::7"), netip.MustParseAddr("::ffff:192.0.2.7")})
)

// drawKey draws a key that a create may make: any but a revoked one.
func (f *fixture) drawKey(t *rapid.T) *apikey.Key {
	return f.newKey(func(k *apikey.Key) {
		drawTerms(t, &k.Record)
		drawUse(t, &k.Record)
		k.Name = k.Name + someText.Draw(t, "name")
		k.Description = someText.Draw(t, "description")
		k.Metadata = rapid.MapOfN(someNames, someText, 0, 3).Draw(t, "metadata")
	})
}

func drawTerms(t *rapid.T, r *apikey.Record) {
	r.Owner = rapid.OneOf(someNames, someText).Draw(t, "owner") + "."
	r.Environment = rapid.SampledFrom(apikey.Environments).Draw(t, "environment")
	r.Disabled = rapid.Bool().Draw(t, "disabled")
	r.ExpiresAt = someTimes.Draw(t, "expires")
	r.Digest, r.Retiring = someDigests.Draw(t, "digest"), noDigests.Draw(t, "retiring")
	r.GraceUntil = someTimes.Draw(t, "grace")
	r.Roles = rapid.SliceOfN(someNames, 0, 3).Draw(t, "roles")
	r.Permissions = rapid.SliceOfN(someNames, 0, 3).Draw(t, "permissions")
	r.Tier = someNames.Draw(t, "tier")
	r.TierInherited, r.OwnLimit = rapid.Bool().Draw(t, "inherited"), rapid.Bool().Draw(t, "own limit")
	r.Limits = ratelimit.Limits{
		PerMinute: someLimits.Draw(t, "minute"), PerDay: someQuotas.Draw(t, "day"), PerMonth: someQuotas.Draw(t, "month"),
	}
}

func drawUse(t *rapid.T, r *apikey.Record) {
	for range rapid.IntRange(0, 4).Draw(t, "uses") {
		at := noon.Add(time.Duration(rapid.IntRange(-3, 1).Draw(t, "minutes")) * time.Minute)
		r.Counts = r.Counts.Add(at)
		r.Total++
		r.LastUsedAt, r.LastUsedIP = at, addresses.Draw(t, "address")
	}
}

// drawSpend draws a spend on key, more often than not with the right secret and environment.
func drawSpend(key *apikey.Key) func(t *rapid.T) apikey.Spend {
	return func(t *rapid.T) apikey.Spend {
		organizations := [][]org.ID{nil, {}, {key.Organization}, {"org_other"}, {"org_other", key.Organization}}
		environments := []apikey.Environment{key.Environment, key.Environment, key.Environment, apikey.Test}
		return apikey.Spend{
			ID:            key.ID,
			Digests:       rapid.SliceOfN(someDigests, 0, 3).Draw(t, "digests"),
			Environment:   rapid.SampledFrom(environments).Draw(t, "environment"),
			Organizations: rapid.SampledFrom(organizations).Draw(t, "organizations"),
			At:            noon.Add(time.Duration(rapid.IntRange(-1500, 91_500).Draw(t, "milliseconds")) * time.Millisecond),
			Address:       addresses.Draw(t, "from"),
		}
	}
}
