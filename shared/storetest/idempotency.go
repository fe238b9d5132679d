package storetest

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

var idempotency = guarantees{
	"what was created under an Idempotency-Key comes back with every field": idempotentRoundTrip,
	"of 20 racing creates under one Idempotency-Key, one makes a key":       idempotentRace,
	"a repeated create is told so, not that its own name is taken":          idempotentFirst,
	"an Idempotency-Key is free again when its term is over":                idempotentTerm,
	"a revocation deletes the sealed secret":                                revokeUnseals,
}

// idempotencyOf is an idempotency of the key's own.
func idempotencyOf(key *apikey.Key, at time.Time) *apikey.Idempotency {
	return &apikey.Idempotency{
		ID: apikey.IdempotencyID("of " + string(key.ID)), Body: []byte("body"), Key: key.ID, Org: key.Organization,
		Digest: key.Digest, Sealed: []byte("sealed"), CreatedAt: at,
	}
}

func (f *fixture) wantIdempotent(id apikey.IdempotencyID, want *apikey.Idempotency) {
	f.Helper()
	got, err := f.Idempotent(f.Context(), id)
	f.must(err)
	f.wantSame(got, want)
}

// createOnce makes a key under an Idempotency-Key.
func (f *fixture) createOnce(edits ...func(*apikey.Key)) (*apikey.Key, *apikey.Idempotency) {
	f.Helper()
	key := f.newKey(edits...)
	once := idempotencyOf(key, noon)
	key.Idempotency = once.ID
	c := creation(key, noon)
	c.Idempotency = once
	f.must(f.Create(f.Context(), c))
	return key, once
}

func idempotentRoundTrip(f *fixture) {
	f.wantIdempotent("nothing", nil)
	_, once := f.createOnce()
	f.wantIdempotent(once.ID, once)
}

func idempotentRace(f *fixture) {
	id := idempotencyOf(f.newKey(), noon).ID
	stores := f.several(instances)
	var outcomes tally
	race(20, func(i int) {
		key := f.newKey()
		c := creation(key, noon)
		c.Idempotency = idempotencyOf(key, noon)
		c.Idempotency.ID, key.Idempotency = id, id
		outcomes.note(f, stores[i%instances].Create(f.Context(), c), apikey.ErrIdempotencyUsed)
	})
	outcomes.want(f, 1, 19)
	f.wantCounters(1, 1)
}

// Whoever repeats a create meets its own name and its own place.
func idempotentFirst(f *fixture) {
	f.org = f.found(1)
	first, once := f.createOnce()
	again := f.newKey(named(first.Name))
	c := creation(again, noon)
	c.Idempotency = idempotencyOf(again, noon)
	c.Idempotency.ID = once.ID
	f.wantError(f.Create(f.Context(), c), apikey.ErrIdempotencyUsed)
	f.wantAbsent(again)
}

func idempotentTerm(f *fixture) {
	_, once := f.createOnce()
	last := noon.Add(apikey.IdempotencyTerm - time.Second)
	over := noon.Add(apikey.IdempotencyTerm + time.Second)

	f.now = last
	f.wantIdempotent(once.ID, once)
	again := f.newKey()
	c := creation(again, last)
	c.Idempotency = idempotencyOf(again, last)
	c.Idempotency.ID, again.Idempotency = once.ID, once.ID
	f.wantError(f.Create(f.Context(), c), apikey.ErrIdempotencyUsed)

	f.now = over
	f.wantIdempotent(once.ID, nil)
	c.Activity = entry(over, c.Activity.Action, c.Activity.Target)
	c.Idempotency.CreatedAt = over
	f.must(f.Create(f.Context(), c))
	f.wantIdempotent(once.ID, c.Idempotency)
}

func revokeUnseals(f *fixture) {
	key, once := f.createOnce()
	_, other := f.createOnce()
	f.changed(key, revokedAt(noon))
	once.Sealed = nil
	f.wantIdempotent(once.ID, once)
	f.wantIdempotent(other.ID, other)
}
