package storetest

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
)

var revoking = guarantees{
	"a spend that starts after a revocation has returned is refused, in 1,000 races": revokeRaces,
	"a revocation frees name and place, and no longer counts":                        revokeFrees,
	"of 20 racing revocations, one counts":                                           revocationsRace,
	"a key that 64 goroutines hammer is revoked all the same":                        revokeHammered,
	"an expired key can be revoked, and a released one":                              revokeExpired,
}

const (
	revocations = 1000 // races in all
	abreast     = 10   // at once
	spenders    = 3    // of each key
)

func revokeRaces(f *fixture) {
	stores := f.several(2)
	race(abreast, func(int) {
		for range revocations / abreast {
			f.revokeRace(stores)
		}
	})
}

// revokeRace spends on a key until every spender has been refused by a spend that began after the revocation.
func (f *fixture) revokeRace(stores []Store) {
	key := f.newKey(limited(roomyLimits))
	if err := stores[0].Create(f.Context(), creation(key, noon)); err != nil {
		f.Error(err)
		return
	}
	var revoked atomic.Bool
	var wait sync.WaitGroup
	for i := range spenders {
		wait.Go(func() { f.spendUntil(&revoked, stores[i%len(stores)], key) })
	}
	_, err := stores[0].Change(f.Context(), change(key, noon, revokedAt(noon)))
	revoked.Store(true)
	if err != nil {
		f.Error(err)
	}
	wait.Wait()
}

// spendUntil spends until a spend began after stop was set; that one must be refused.
func (f *fixture) spendUntil(stop *atomic.Bool, store Store, key *apikey.Key) {
	for last := false; !last; {
		last = stop.Load()
		outcome, err := store.Spend(f.Context(), spendOf(key, noon))
		if err != nil {
			f.Error(err)
		}
		if last && outcome.Spent {
			f.Errorf("%s was admitted after its revocation", key.ID)
		}
	}
}

func revokeFrees(f *fixture) {
	f.org = f.found(1)
	key := f.create(named("Only"))
	c := change(key, noon.Add(time.Second), revokedAt(noon.Add(time.Second)))
	c.Activity.Action = audit.KeyRevoked
	stored, err := f.Change(f.Context(), c)
	f.must(err)
	f.wantSame(stored, f.stored(key))
	f.wantSame(stored.RevokedAt, noon.Add(time.Second))
	f.wantSame(stored.Released, true)
	f.wantCounters(0, 0)
	f.wantActivity(audit.KeyRevoked, key.ID, 1)
	f.create(named("only"))
	f.wantCounters(1, 1)
}

func revocationsRace(f *fixture) {
	f.create()
	key := f.create()
	stores := f.several(instances)
	var outcomes tally
	race(20, func(i int) {
		_, err := stores[i%instances].Change(f.Context(), change(key, noon, revokedAt(noon)))
		outcomes.note(f, err, apikey.ErrMoved)
	})
	outcomes.want(f, 1, 19)
	f.wantCounters(1, 1)
}

func revokeHammered(f *fixture) {
	key := f.create(limited(roomyLimits))
	stores := f.several(instances)
	var revoked atomic.Bool
	race(hammers+1, func(i int) {
		if i < hammers {
			f.spendUntil(&revoked, stores[i%instances], key)
			return
		}
		_, err := f.Change(f.Context(), change(key, noon, revokedAt(noon)))
		revoked.Store(true)
		if err != nil {
			f.Errorf("revoking: %v", err)
		}
	})
	f.wantCounters(0, 0)
}

func revokeExpired(f *fixture) {
	expiry := noon.Add(time.Hour)
	unreleased, released := f.create(expiring(expiry)), f.create(expiring(expiry))
	_, err := f.Settle(f.Context(), dueOf(released), expiry)
	f.must(err)
	f.wantCounters(1, 2)
	for _, key := range []*apikey.Key{unreleased, released} {
		_, err := f.Change(f.Context(), change(f.stored(key), expiry, revokedAt(expiry)))
		f.must(err)
	}
	f.wantCounters(0, 0)
	f.wantActivity(audit.KeyExpired, released.ID, 1)
}
