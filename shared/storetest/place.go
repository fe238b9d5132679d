package storetest

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
)

var placing = guarantees{
	"50 racing creates fill an account to its limit and no further":                 placesRace,
	"a place is free from the instant of its key's expiry on, with no cleanup":      expiredPlace,
	"50 racing creates release expired places exactly once":                         expiredPlacesRace,
	"a full account stays full while its keys live, disabled ones included":         fullAccount,
	"an account with more expired keys than one create releases takes them in turn": manyExpired,
}

func placesRace(f *fixture) {
	const limit = 7
	f.org = f.found(limit)
	stores := f.several(instances)
	var outcomes tally
	race(50, func(i int) {
		outcomes.note(f, stores[i%instances].Create(f.Context(), creation(f.newKey(), noon)), fault.KeyLimitReached)
	})
	outcomes.want(f, limit, 50-limit)
	f.wantCounters(limit, limit)
}

func expiredPlace(f *fixture) {
	f.org = f.found(1)
	expiry := noon.Add(time.Hour)
	old := f.create(expiring(expiry))
	next := f.newKey()
	f.wantError(f.Create(f.Context(), creation(next, expiry.Add(-time.Second))), fault.KeyLimitReached)
	f.must(f.Create(f.Context(), creation(next, expiry)))
	f.wantReleased(old)
	f.wantCounters(1, 2)
}

func expiredPlacesRace(f *fixture) {
	const expired, lasting = 5, 2
	f.org = f.found(expired + lasting)
	expiry := noon.Add(time.Hour)
	old := f.createMany(expired, expiring(expiry))
	f.createMany(lasting)
	var outcomes tally
	race(50, func(int) {
		outcomes.note(f, f.Create(f.Context(), creation(f.newKey(), expiry)), fault.KeyLimitReached)
	})
	outcomes.want(f, expired, 50-expired)
	for _, key := range old {
		f.wantReleased(key)
	}
	f.wantCounters(expired+lasting, expired+lasting+expired)
}

func fullAccount(f *fixture) {
	f.org = f.found(1)
	f.create(func(k *apikey.Key) { k.Disabled = true }, expiring(noon.Add(time.Hour)))
	f.wantError(f.Create(f.Context(), creation(f.newKey(), noon)), fault.KeyLimitReached)
	f.wantCounters(1, 1)
}

func manyExpired(f *fixture) {
	const many = 60
	f.org = f.found(many)
	expiry := noon.Add(time.Hour)
	f.createMany(many, expiring(expiry))
	for range many {
		f.must(f.Create(f.Context(), creation(f.newKey(), expiry)))
	}
	f.wantError(f.Create(f.Context(), creation(f.newKey(), expiry)), fault.KeyLimitReached)
	f.wantCounters(many, 2*many)
}
