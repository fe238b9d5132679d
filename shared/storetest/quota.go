package storetest

import (
	"sync/atomic"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/ratelimit"
)

var quotas = guarantees{
	"64 goroutines are admitted exactly as often as a day's quota says":            dayExact,
	"64 goroutines are admitted exactly as often as a month's quota says":          monthExact,
	"of a minute's limit and two quotas, the first that is full refuses":           quotaOrder,
	"a quota that is lowered below what is spent refuses, and raised again admits": quotaChanges,
}

func dayExact(f *fixture) {
	f.quotaExact(ratelimit.Day, ratelimit.Limits{PerMinute: roomy, PerDay: 300})
}
func monthExact(f *fixture) {
	f.quotaExact(ratelimit.Month, ratelimit.Limits{PerMinute: roomy, PerMonth: 300})
}

// quotaExact hammers a key in three minutes at once.
func (f *fixture) quotaExact(unit ratelimit.Unit, limits ratelimit.Limits) {
	f.Helper()
	const blows = 12
	key := f.create(limited(limits))
	stores := f.several(instances)
	var admitted atomic.Int64
	race(hammers, func(i int) {
		for blow := range blows {
			at := noon.Add(time.Duration(blow%3) * time.Minute)
			outcome, err := stores[i%instances].Spend(f.Context(), spendOf(key, at))
			if err != nil {
				f.Errorf("spending: %v", err)
			}
			if outcome.Spent {
				admitted.Add(1)
			}
		}
	})
	record, want := f.stored(key).Record, limits.Of(unit)
	f.wantSame([3]int64{admitted.Load(), record.Total, record.Counts.Of(ratelimit.At(unit, noon))}, [3]int64{want, want, want})
}

func quotaOrder(f *fixture) {
	for want, limits := range map[apikey.Reason]ratelimit.Limits{
		apikey.RateLimited:   {PerMinute: 2, PerDay: 2, PerMonth: 2},
		apikey.QuotaExceeded: {PerMinute: 3, PerDay: 3, PerMonth: 2},
	} {
		key := f.create(limited(limits))
		f.wantSpent(spendOf(key, noon))
		f.wantSpent(spendOf(key, noon))
		f.wantSame(f.spend(spendOf(key, noon)).Record.Refuses(spendOf(key, noon)), want)
	}
}

func quotaChanges(f *fixture) {
	key := f.create(limited(ratelimit.Limits{PerMinute: 100, PerDay: 3}))
	for range 2 {
		f.wantSpent(spendOf(key, noon))
	}
	f.changed(key, limited(ratelimit.Limits{PerMinute: 100, PerDay: 1}))
	f.wantRefused(spendOf(key, noon))
	f.changed(key, limited(ratelimit.Limits{PerMinute: 100, PerDay: 3}))
	f.wantSpent(spendOf(key, noon))
	f.wantRefused(spendOf(key, noon))
	f.changed(key, limited(ratelimit.Limits{PerMinute: 100}))
	f.wantSpent(spendOf(key, noon))
}
