package storetest

import (
	"crypto/rand"
	"sync/atomic"
	"time"

	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

var sessions = guarantees{
	"64 goroutines on three instances are admitted exactly as often as the limit says": sessionsExact,
	"a minute that is full makes room in the next":                                     sessionMinuteRolls,
	"every person has counters of their own":                                           sessionsApart,
	"what comes back is the counter after the request, or as it was":                   sessionCounters,
}

func person() org.Identity { return org.Identity{Issuer: "https://id.example", Subject: rand.Text()} }

func sessionsExact(f *fixture) {
	somebody, stores := person(), f.several(instances)
	var admitted atomic.Int64
	race(hammers, func(i int) {
		for range blows {
			_, spent, err := stores[i%instances].SpendSession(f.Context(), somebody, ceiling, noon)
			if err != nil {
				f.Errorf("spending: %v", err)
			}
			if spent {
				admitted.Add(1)
			}
		}
	})
	f.wantSame(admitted.Load(), int64(ceiling))
	f.wantSession(somebody, ceiling, noon, false)
}

// wantSession takes one request of a limit.
func (f *fixture) wantSession(somebody org.Identity, limit int64, at time.Time, want bool) ratelimit.Counts {
	f.Helper()
	counts, spent, err := f.SpendSession(f.Context(), somebody, limit, at)
	f.must(err)
	if spent != want {
		f.Errorf("spent = %v at %v, want %v", spent, at, want)
	}
	return counts
}

func sessionMinuteRolls(f *fixture) {
	somebody := person()
	f.wantSession(somebody, 1, noon, true)
	f.wantSession(somebody, 1, noon.Add(29*time.Second), false)
	f.wantSession(somebody, 1, noon.Add(30*time.Second), true)
	f.wantSession(somebody, 1, noon.Add(31*time.Second), false)
	f.wantSession(somebody, 0, noon.Add(time.Hour), false)
}

func sessionsApart(f *fixture) {
	f.wantSession(person(), 1, noon, true)
	f.wantSession(person(), 1, noon, true)
}

func sessionCounters(f *fixture) {
	somebody, minute := person(), ratelimit.At(ratelimit.Minute, noon)
	for _, want := range []int64{1, 2, 2} {
		counts, _, err := f.SpendSession(f.Context(), somebody, 2, noon)
		f.must(err)
		f.wantSame(counts.Of(minute), want)
	}
}
