package storetest

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

// Hammering: so many goroutines, so many requests each, through so many instances, against this limit.
const (
	hammers   = 64
	blows     = 200
	instances = 3
	ceiling   = 1000
)

var spending = guarantees{
	"64 goroutines on three instances are admitted exactly as often as the limit says": exactUnderConcurrency,
	"what is admitted comes back as it is after the spend":                             admittedRecord,
	"what is refused comes back as it was, and stays so":                               refusedRecord,
	"an unknown key has no record, and gets none":                                      unknownKey,
	"only the key's secret, environment and an admitted organization are admitted":     strangers,
	"a key is refused from the instant of its expiry on":                               expiryInstant,
	"a retiring secret is admitted within its grace only":                              retiringSecret,
	"what another instance has changed holds on the next spend":                        changesHold,
	"a touch is the last use, and counts nothing":                                      touches,
	"a touch of an unknown key makes none":                                             touchUnknown,
	"a spend of a caller who has gone is not answered":                                 goneCaller,
}

func exactUnderConcurrency(f *fixture) {
	key := f.create(limited(ratelimit.Limits{PerMinute: ceiling}))
	stores := f.several(instances)
	var admitted atomic.Int64
	race(hammers, func(i int) {
		for range blows {
			outcome, err := stores[i%instances].Spend(f.Context(), spendOf(key, noon))
			if err != nil {
				f.Errorf("spending: %v", err)
			}
			if outcome.Spent {
				admitted.Add(1)
			}
		}
	})
	record := f.stored(key).Record
	got := [3]int64{admitted.Load(), record.Total, record.Counts.Of(ratelimit.At(ratelimit.Minute, noon))}
	f.wantSame(got, [3]int64{ceiling, ceiling, ceiling})
}

// several are n instances, the fixture's own among them.
func (f *fixture) several(n int) []Store {
	stores := []Store{f.Store}
	for range n - 1 {
		stores = append(stores, f.open())
	}
	return stores
}

func admittedRecord(f *fixture) {
	key := f.create(everything, func(k *apikey.Key) { k.Disabled = false })
	spend := spendOf(key, noon.Add(1500*time.Millisecond))
	want := key.Record.Clone()
	want.Take(spend)
	outcome := f.spend(spend)
	f.wantSame(outcome, apikey.Outcome{Spent: true, Record: want})
	read, err := f.Read(f.Context(), key.ID)
	f.must(err)
	f.wantSame(read, want)
}

func refusedRecord(f *fixture) {
	key := f.create(everything)
	f.wantSame(f.spend(spendOf(key, noon.Add(time.Minute))), apikey.Outcome{Record: &key.Record})
	f.wantSame(f.stored(key), key)
}

func unknownKey(f *fixture) {
	key := f.newKey()
	f.wantSame(f.spend(spendOf(key, noon)), apikey.Outcome{})
	f.wantAbsent(key)
}

func strangers(f *fixture) {
	key := f.create()
	for name, spend := range map[string]func(*apikey.Spend){
		"another secret":            func(s *apikey.Spend) { s.Digests = []apikey.Digest{"k1.other"} },
		"no secret":                 func(s *apikey.Spend) { s.Digests = nil },
		"an empty secret":           func(s *apikey.Spend) { s.Digests = []apikey.Digest{""} },
		"another environment":       func(s *apikey.Spend) { s.Environment = apikey.Staging },
		"another organization's":    func(s *apikey.Spend) { s.Organizations = []org.ID{"org_other"} },
		"an API that admits nobody": func(s *apikey.Spend) { s.Organizations = []org.ID{} },
	} {
		question := spendOf(key, noon)
		spend(&question)
		if f.spend(question).Spent {
			f.Errorf("%s is admitted", name)
		}
	}
	question := spendOf(key, noon)
	question.Digests = []apikey.Digest{"k2.other", key.Digest}
	question.Organizations = []org.ID{"org_other", f.org}
	f.wantSpent(question)
}

func expiryInstant(f *fixture) {
	expiry := noon.Add(time.Hour)
	key := f.create(expiring(expiry))
	f.wantSpent(spendOf(key, expiry.Add(-time.Second)))
	f.wantRefused(spendOf(key, expiry))
	f.wantRefused(spendOf(key, expiry.Add(time.Hour)))
}

func retiringSecret(f *fixture) {
	grace := noon.Add(time.Hour)
	key := f.create(func(k *apikey.Key) { k.Retiring, k.GraceUntil = "k1.old", grace })
	old := spendOf(key, grace.Add(-time.Second))
	old.Digests = []apikey.Digest{"k1.old"}
	f.wantSpent(old)
	old.At = grace
	f.wantRefused(old)
	f.wantSpent(spendOf(key, grace))
}

func changesHold(f *fixture) {
	key := f.create()
	other := *f
	other.Store = f.open()
	for _, step := range []struct {
		change func(*apikey.Key)
		spent  bool
	}{
		{func(k *apikey.Key) { k.Disabled = true }, false},
		{func(k *apikey.Key) { k.Disabled = false }, true},
		{limited(ratelimit.Limits{PerMinute: 1}), false},
		{limited(ratelimit.Limits{PerMinute: 100, PerDay: 1}), false},
		{limited(ratelimit.Limits{PerMinute: 100, PerMonth: 1}), false},
		{limited(ratelimit.Limits{PerMinute: 100}), true},
		{func(k *apikey.Key) { k.Digest = "k1.new" }, false},
		{func(k *apikey.Key) { k.Digest = key.Digest }, true},
		{expiring(noon.Add(time.Hour)), true},
		{expiring(noon), false},
		{revokedAt(noon), false},
	} {
		stored := other.changed(key, step.change)
		if outcome := f.spend(spendOf(key, noon)); outcome.Spent != step.spent {
			f.Errorf("spent = %v, want %v; changed to %+v", outcome.Spent, step.spent, stored.Record)
		}
	}
}

func touches(f *fixture) {
	key := f.create()
	at := noon.Add(3500 * time.Millisecond)
	from := spendOf(key, at).Address
	f.must(f.Touch(f.Context(), key.ID, at, from))
	want := key.Clone()
	want.LastUsedAt, want.LastUsedIP = noon.Add(3*time.Second), from
	f.wantSame(f.stored(key), want)
}

func touchUnknown(f *fixture) {
	key := f.newKey()
	_ = f.Touch(f.Context(), key.ID, noon, spendOf(key, noon).Address) // an error, or none: there is no promise
	f.wantAbsent(key)
}

func goneCaller(f *fixture) {
	key := f.create()
	ctx, leave := context.WithCancel(f.Context())
	leave()
	outcome, err := f.Spend(ctx, spendOf(key, noon))
	f.wantError(err, context.Canceled)
	f.wantSame(outcome, apikey.Outcome{})
}
