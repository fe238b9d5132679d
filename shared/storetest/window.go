package storetest

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/ratelimit"
)

var windows = guarantees{
	"a minute that is full makes room in the next, with nothing read between": minuteRolls,
	"a day's quota holds until the day ends":                                  dayRolls,
	"a month's quota holds until the month ends":                              monthRolls,
	"a limit of nothing admits nothing":                                       nothingAdmitted,
	"a clock a minute behind does not start a window again":                   slowClock,
	"counters do not pile up":                                                 countersForgotten,
}

func minuteRolls(f *fixture) {
	key := f.create(limited(ratelimit.Limits{PerMinute: 2}))
	end := noon.Truncate(time.Minute).Add(time.Minute)
	f.wantSpent(spendOf(key, noon))
	f.wantSpent(spendOf(key, end.Add(-time.Second)))
	f.wantRefused(spendOf(key, end.Add(-time.Millisecond)))
	f.wantSpent(spendOf(key, end))
	f.wantSpent(spendOf(key, end.Add(time.Minute-time.Second)))
	f.wantRefused(spendOf(key, end.Add(time.Minute-time.Second)))
	f.wantSpent(spendOf(key, end.Add(time.Hour)))
}

func dayRolls(f *fixture) {
	key := f.create(limited(ratelimit.Limits{PerMinute: 10, PerDay: 2}))
	midnight := time.Date(2026, 3, 11, 0, 0, 0, 0, time.UTC)
	f.quotaHolds(key, midnight)
}

func monthRolls(f *fixture) {
	key := f.create(limited(ratelimit.Limits{PerMinute: 10, PerMonth: 2}))
	f.quotaHolds(key, time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))
}

// quotaHolds checks a quota of 2 in a window that ends at end.
func (f *fixture) quotaHolds(key *apikey.Key, end time.Time) {
	f.Helper()
	f.wantSpent(spendOf(key, noon))
	f.wantSpent(spendOf(key, noon.Add(2*time.Minute)))
	f.wantRefused(spendOf(key, noon.Add(4*time.Minute)))
	f.wantRefused(spendOf(key, end.Add(-time.Second)))
	f.wantSpent(spendOf(key, end))
	f.wantSpent(spendOf(key, end.Add(time.Minute)))
	f.wantRefused(spendOf(key, end.Add(2*time.Minute)))
}

func nothingAdmitted(f *fixture) {
	key := f.create(limited(ratelimit.Limits{}))
	f.wantRefused(spendOf(key, noon))
}

func slowClock(f *fixture) {
	key := f.create(limited(ratelimit.Limits{PerMinute: 1}))
	f.wantSpent(spendOf(key, noon))
	f.wantSpent(spendOf(key, noon.Add(time.Minute)))
	f.wantRefused(spendOf(key, noon))
}

func countersForgotten(f *fixture) {
	key := f.create()
	for minute := range 50 {
		f.wantSpent(spendOf(key, noon.Add(time.Duration(minute)*time.Minute)))
	}
	// A store may keep some stale ones until its next spend.
	if counters := len(f.stored(key).Counts); counters > 8 {
		f.Errorf("%d counters are kept", counters)
	}
}
