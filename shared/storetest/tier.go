package storetest

import (
	"sync/atomic"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
)

var tiering = guarantees{
	"organizations whose keys follow are listed until they are done":                         followingListed,
	"a key that follows its organization's tier is created with that, and with no other":     tierFollowed,
	"a key with a tier of its own is created whatever the organization's":                    tierOwn,
	"a create for a tier that has moved leaves nothing":                                      tierMovedLeavesNothing,
	"a create that starts after the tier has moved never makes a key with the old, in races": tierRaces,
	"a create that meets an expired name or a full account still minds the tier":             tierBesideRoom,
	"a key follows from one tier to the next by a change like any other":                     tierChange,
}

// following has its organization's tier, as it was.
func following(tier string) func(*apikey.Key) {
	return func(k *apikey.Key) { k.Tier, k.TierInherited = tier, true }
}

func tierFollowed(f *fixture) {
	f.create(following(tier))
	f.wantError(f.Create(f.Context(), creation(f.newKey(following("basic")), noon)), apikey.ErrMoved)
	f.set(tiered("basic"))
	f.create(following("basic"))
	f.wantError(f.Create(f.Context(), creation(f.newKey(following(tier)), noon)), apikey.ErrMoved)
	f.wantCounters(2, 2)
}

func tierOwn(f *fixture) {
	f.set(tiered("basic"))
	key := f.create(func(k *apikey.Key) { k.Tier = tier })
	f.wantSame(f.stored(key), key)
}

func tierMovedLeavesNothing(f *fixture) {
	f.set(tiered("basic"))
	key := f.newKey(following(tier), bulky('a'))
	c := creation(key, noon)
	c.Idempotency = idempotencyOf(key, noon)
	f.wantError(f.Create(f.Context(), c), apikey.ErrMoved)
	f.wantAbsent(key)
	f.wantRules(key.ID, key.RulesID, nil)
	f.wantCounters(0, 0)
	f.wantActivity(audit.KeyCreated, key.ID, 0)
	f.wantIdempotent(c.Idempotency.ID, nil)
	f.create(named(key.Name))
}

func tierRaces(f *fixture) {
	stores := f.several(instances)
	for range 3 {
		f.org = f.found(roomy)
		f.tierRace(stores)
		keys := f.pages(apikey.PageRequest{Order: apikey.NewestFirst, Limit: 100}, func([]*apikey.Key) {})
		for _, key := range keys {
			f.wantSame(key.Tier, tier)
		}
		f.wantCounters(int64(len(keys)), int64(len(keys)))
		f.wantError(f.Create(f.Context(), creation(f.newKey(following(tier)), noon)), apikey.ErrMoved)
	}
}

// tierRace moves the tier while keys are created with the old one.
func (f *fixture) tierRace(stores []Store) {
	before := f.organization()
	var moved atomic.Bool
	race(9, func(i int) {
		if i == 0 {
			_, err := f.setOn(before, tiered("basic"))
			moved.Store(true)
			if err != nil {
				f.Error(err)
			}
			return
		}
		for range 10 {
			late := moved.Load()
			err := stores[i%len(stores)].Create(f.Context(), creation(f.newKey(following(tier)), noon))
			if err != nil && !is(err, apikey.ErrMoved) {
				f.Error(err)
			}
			if late && err == nil {
				f.Error("a key was made with a tier that had moved")
			}
		}
	})
}

func tierBesideRoom(f *fixture) {
	f.org = f.found(1)
	expired := f.create(named("Lease"), expiring(noon))
	f.set(tiered("basic"))
	f.wantError(f.Create(f.Context(), creation(f.newKey(named("lease"), following(tier)), noon)), apikey.ErrMoved)
	f.must(f.Create(f.Context(), creation(f.newKey(named("lease"), following("basic")), noon)))
	f.wantReleased(expired)
	f.wantCounters(1, 2)
	for _, tier := range []string{tier, "basic"} {
		err := f.Create(f.Context(), creation(f.newKey(following(tier)), noon))
		if !is(err, apikey.ErrMoved) && !is(err, fault.KeyLimitReached) {
			f.Errorf("%s: error = %v", tier, err)
		}
	}
	f.wantCounters(1, 2)
}

func tierChange(f *fixture) {
	key := f.create(following(tier))
	f.set(tiered("basic"))
	f.wantSame(f.stored(key), key)
	changed := f.changed(key, following("basic"), limited(roomyLimits))
	f.wantSame(f.stored(key), changed)
	f.wantSame(changed.Tier, "basic")
}
