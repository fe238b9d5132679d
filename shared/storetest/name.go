package storetest

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
)

var naming = guarantees{
	"of 50 racing creates with one name, one succeeds":                        namesRace,
	"names that differ in case, spaces or normal form are one":                namesFold,
	"organizations have names of their own":                                   namesApart,
	"a name is free from the instant of its key's expiry on, with no cleanup": expiredName,
	"50 racing creates release an expired name exactly once":                  expiredNameRace,
	"a rename claims the new name and frees the old one":                      rename,
	"of 20 racing renames to one name, one succeeds":                          renamesRace,
	"a rename to an expired key's name releases that":                         renameOverExpired,
	"a key may be renamed to what folds like its own name":                    renameInCase,
}

// variants fold alike: case, outer spaces, and the two normal forms of é.
var variants = []string{"Café 1", "CAFÉ 1", "  café 1\t", "Cafe\u0301 1", "cafE\u0301 1 "}

func namesRace(f *fixture) {
	stores := f.several(instances)
	var outcomes tally
	race(50, func(i int) {
		key := f.newKey(named(apikey.NormalName(variants[i%len(variants)])))
		outcomes.note(f, stores[i%instances].Create(f.Context(), creation(key, noon)), fault.NameTaken)
	})
	outcomes.want(f, 1, 49)
	f.wantCounters(1, 1)
}

func namesFold(f *fixture) {
	f.create(named(variants[0]))
	for _, variant := range variants {
		err := f.Create(f.Context(), creation(f.newKey(named(variant)), noon))
		f.wantError(err, fault.NameTaken)
	}
	f.create(named("Cafe 1"))
}

func namesApart(f *fixture) {
	f.create(named("Shared"))
	f.org = f.found(roomy)
	f.create(named("Shared"))
}

func expiredName(f *fixture) {
	expiry := noon.Add(time.Hour)
	old := f.create(named("Lease"), expiring(expiry))
	next := f.newKey(named("lease"))
	f.wantError(f.Create(f.Context(), creation(next, expiry.Add(-time.Second))), fault.NameTaken)
	f.must(f.Create(f.Context(), creation(next, expiry)))
	f.wantReleased(old)
	f.wantCounters(1, 2)
}

// wantReleased checks that the key was released once.
func (f *fixture) wantReleased(key *apikey.Key) {
	f.Helper()
	if !f.stored(key).Released {
		f.Errorf("%s is not released", key.ID)
	}
	f.wantActivity(audit.KeyExpired, key.ID, 1)
}

func expiredNameRace(f *fixture) {
	expiry := noon.Add(time.Hour)
	old := f.create(named("Lease"), expiring(expiry))
	stores := f.several(instances)
	var outcomes tally
	race(50, func(i int) {
		key := f.newKey(named("lease"))
		outcomes.note(f, stores[i%instances].Create(f.Context(), creation(key, expiry)), fault.NameTaken)
	})
	outcomes.want(f, 1, 49)
	f.wantReleased(old)
	f.wantCounters(1, 2)
}

func rename(f *fixture) {
	key := f.create(named("Before"))
	f.create(named("Other"))
	_, err := f.Change(f.Context(), change(key, noon, named("other")))
	f.wantError(err, fault.NameTaken)
	f.wantSame(f.stored(key), key)
	f.wantActivity(audit.KeyUpdated, key.ID, 0)

	f.changed(key, named("After"))
	f.create(named("before"))
	f.wantError(f.Create(f.Context(), creation(f.newKey(named("after")), noon)), fault.NameTaken)
}

func renamesRace(f *fixture) {
	keys := f.createMany(20)
	var outcomes tally
	race(len(keys), func(i int) {
		_, err := f.Change(f.Context(), change(keys[i], noon, named("Wanted")))
		outcomes.note(f, err, fault.NameTaken)
	})
	outcomes.want(f, 1, 19)
}

// createMany makes n keys, alike but for ID and name.
func (f *fixture) createMany(n int, edits ...func(*apikey.Key)) []*apikey.Key {
	f.Helper()
	keys := make([]*apikey.Key, n)
	for i := range keys {
		keys[i] = f.create(edits...)
	}
	return keys
}

func renameOverExpired(f *fixture) {
	expiry := noon.Add(time.Hour)
	old := f.create(named("Lease"), expiring(expiry))
	key := f.create()
	_, err := f.Change(f.Context(), change(key, expiry.Add(-time.Second), named("lease")))
	f.wantError(err, fault.NameTaken)
	_, err = f.Change(f.Context(), change(key, expiry, named("lease")))
	f.must(err)
	f.wantReleased(old)
	f.wantCounters(1, 2)
}

func renameInCase(f *fixture) {
	key := f.create(named("Lower"))
	f.wantSame(f.changed(key, named("LOWER")).Name, "LOWER")
	f.wantError(f.Create(f.Context(), creation(f.newKey(named("lower")), noon)), fault.NameTaken)
}
