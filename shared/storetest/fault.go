package storetest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/ratelimit"
)

// Faulty is a Database whose requests can be made to fail. The suite's tests of faults run where a Database is one.
type Faulty interface {
	Database
	// OpenFaulty opens an instance that lets fate have every request that may write.
	OpenFaulty(t testing.TB, now func() time.Time, fate *Fate) Store
}

// ErrInjected is the error of a request that Fate has spoilt.
var ErrInjected = errors.New("injected: the request failed")

// Fate decides what becomes of requests. The zero Fate lets them all pass.
type Fate struct {
	mu    sync.Mutex
	every int  // spoil every so manieth request; 0: none
	once  bool // only the first of them
	lost  bool // carry it out, and lose the reply
	seen  int
	hits  int
}

// Request carries out a request, or fails it before, or after.
func (f *Fate) Request(send func() error) error {
	spoil, lost := f.next()
	if spoil && !lost {
		return ErrInjected
	}
	err := send()
	if spoil {
		return errors.Join(ErrInjected, err)
	}
	return err
}

func (f *Fate) next() (spoil, lost bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen++
	spoil = f.every > 0 && f.seen%f.every == 0 && (!f.once || f.hits == 0)
	if spoil {
		f.hits++
	}
	return spoil, f.lost
}

// arm spoils the nth request from now on.
func (f *Fate) arm(n int, lost bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.every, f.once, f.lost, f.seen, f.hits = n, true, lost, 0, 0
}

// keep spoils every nth request.
func (f *Fate) keep(n int, lost bool) {
	f.arm(n, lost)
	f.once = false
}

// hit reports whether a request was spoilt since arm.
func (f *Fate) hit() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hits > 0
}

var faults = guarantees{
	"a create cut off at any request leaves all or nothing":                createCutOff,
	"a founding cut off at any request can be repeated":                    foundCutOff,
	"a revocation cut off at any request can be repeated, and counts once": revokeCutOff,
	"a rename cut off at any request leaves one name or the other":         renameCutOff,
	"a settlement cut off at any request is finished by the next":          settleCutOff,
	"a deletion cut off at any request is finished by the next":            deleteCutOff,
	"spends whose replies are lost never admit more than the limit":        spendsLost,
}

// cutOff runs attempt again and again, with its first request spoilt, then its second, and so on until it has
// none left to spoil; before and after having been carried out.
func (f *fixture) cutOff(attempt func(faulty Store)) {
	database, able := f.database.(Faulty)
	if !able {
		return
	}
	fate := &Fate{}
	faulty := database.OpenFaulty(f.T, func() time.Time { return f.now }, fate)
	for _, lost := range []bool{false, true} {
		for n := 1; ; n++ {
			fate.arm(n, lost)
			attempt(faulty)
			if !fate.hit() {
				break
			}
		}
	}
}

func createCutOff(f *fixture) {
	f.cutOff(func(faulty Store) {
		f.org = f.found(1)
		expired := f.create(named("Lease"), expiring(noon))
		key := f.newKey(named("lease"))
		c := creation(key, noon)
		c.Idempotency = idempotencyOf(key, noon)
		err := faulty.Create(f.Context(), c)
		record, readErr := f.Read(f.Context(), key.ID)
		f.must(readErr)
		if record == nil {
			f.wantUncreated(c, expired, err)
		} else {
			f.wantCreated(c, expired)
		}
	})
}

func (f *fixture) wantUncreated(c apikey.Creation, expired *apikey.Key, err error) {
	f.Helper()
	if err == nil {
		f.Error("the create succeeded, and there is no key")
	}
	f.wantAbsent(c.Key)
	f.wantCounters(1, 1)
	f.wantSame(f.stored(expired).Released, false)
	f.wantIdempotent(c.Idempotency.ID, nil)
	f.wantActivity(audit.KeyCreated, c.Key.ID, 0)
}

func (f *fixture) wantCreated(c apikey.Creation, expired *apikey.Key) {
	f.Helper()
	f.wantSame(f.stored(c.Key), c.Key)
	f.wantCounters(1, 2)
	f.wantReleased(expired)
	f.wantIdempotent(c.Idempotency.ID, c.Idempotency)
	f.wantActivity(audit.KeyCreated, c.Key.ID, 1)
}

func foundCutOff(f *fixture) {
	f.cutOff(func(faulty Store) {
		o, first := organization(5)
		activity := entry(noon, audit.OrganizationCreated, string(o.ID))
		_ = faulty.Found(f.Context(), o, first, activity)
		f.must(f.Found(f.Context(), o, first, activity))
		f.wantMemberships(first.Identity, first)
		f.wantSame(len(f.database.Activity(f.T, o.ID)), 1)
	})
}

// finish does what the service and cleanup do after a change that failed.
func (f *fixture) finish(key *apikey.Key, edits ...func(*apikey.Key)) *apikey.Key {
	f.Helper()
	_, err := f.Settle(f.Context(), dueOf(key), noon)
	f.must(err)
	stored := f.stored(key)
	if stored.RevokedAt.IsZero() && len(edits) > 0 {
		return f.changed(stored, edits...)
	}
	return stored
}

func revokeCutOff(f *fixture) {
	f.cutOff(func(faulty Store) {
		f.org = f.found(1)
		key, once := f.createOnce(named("Only"))
		_, err := faulty.Change(f.Context(), change(key, noon, revokedAt(noon)))
		if err == nil {
			f.wantRefused(spendOf(key, noon))
		}
		f.finish(key, revokedAt(noon))
		f.wantRefused(spendOf(key, noon))
		f.wantCounters(0, 0)
		once.Sealed = nil
		f.wantIdempotent(once.ID, once)
		f.wantActivity(audit.KeyUpdated, key.ID, 1)
		f.create(named("only"))
	})
}

func renameCutOff(f *fixture) {
	f.cutOff(func(faulty Store) {
		f.org = f.found(roomy)
		key := f.create(named("Before"))
		_, err := faulty.Change(f.Context(), change(key, noon, named("After"), func(k *apikey.Key) { k.Tier = "free" }))
		stored := f.finish(key)
		renamed := stored.Name == "After"
		if err == nil && !renamed {
			f.Error("the rename succeeded, and is not there")
		}
		free, held := "after", "before"
		if renamed {
			free, held = held, free
		}
		f.wantError(f.Create(f.Context(), creation(f.newKey(named(held)), noon)), fault.NameTaken)
		f.create(named(free))
	})
}

func settleCutOff(f *fixture) {
	f.cutOff(func(faulty Store) {
		f.org = f.found(1)
		key := f.create(expiring(noon))
		_, _ = faulty.Settle(f.Context(), dueOf(key), noon)
		f.finish(key)
		f.wantReleased(key)
		f.wantCounters(0, 1)
	})
}

func deleteCutOff(f *fixture) {
	f.cutOff(func(faulty Store) {
		f.org = f.found(1)
		key, once := f.createOnce(expiring(noon))
		later := noon.Add(time.Second)
		_, _ = faulty.Delete(f.Context(), dueOf(key), later)
		_, err := f.Delete(f.Context(), dueOf(key), later)
		f.must(err)
		f.wantAbsent(key)
		f.wantCounters(0, 0)
		f.wantIdempotent(once.ID, nil)
		f.wantDue(apikey.DueRequest{Now: later, EndedBefore: later, Limit: 10})
	})
}

func spendsLost(f *fixture) {
	database, able := f.database.(Faulty)
	if !able {
		return
	}
	const limit, spends = 50, 200
	fate := &Fate{}
	faulty := database.OpenFaulty(f.T, func() time.Time { return f.now }, fate)
	key := f.create(limited(ratelimit.Limits{PerMinute: limit}))
	fate.keep(3, true)
	admitted := make([]bool, spends)
	race(spends, func(i int) {
		outcome, err := faulty.Spend(f.Context(), spendOf(key, noon))
		admitted[i] = err == nil && outcome.Spent
	})
	if total := f.stored(key).Total; total != limit || trues(admitted) > limit {
		f.Errorf("%d counted and %d admitted of %d", total, trues(admitted), limit)
	}
}
