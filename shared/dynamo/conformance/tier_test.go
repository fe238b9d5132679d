package conformance

import (
	"errors"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
)

// A key that follows its organization's tier is not made with a tier that the organization has left.
func TestAKeyOfATierThatMovedIsNotMade(t *testing.T) {
	f := newFixture(t)
	follow := func(tier string) func(*apikey.Key) {
		return func(k *apikey.Key) { k.Tier, k.TierInherited = tier, true }
	}
	f.create(follow("basic"))
	moved := newKey()
	follow("free")(moved)
	if err := f.store.Create(f.Context(), f.creation(moved)); !errors.Is(err, apikey.ErrMoved) {
		f.Errorf("error = %v, want %v", err, apikey.ErrMoved)
	}
	if left := f.partition(moved.ID); len(left) > 0 {
		f.Errorf("there is %v", left)
	}
	small := tenant("org_0000000000000001")
	small.KeyLimit = 1
	f.must(f.store.Found(f.Context(), small, first(small.ID), f.entry("organization.created")))
	for tier, want := range map[string]error{"basic": fault.KeyLimitReached, "free": apikey.ErrMoved} {
		for range 2 {
			key := newKey()
			key.Organization = small.ID
			follow(tier)(key)
			err := f.store.Create(f.Context(), f.creation(key))
			if err != nil && !errors.Is(err, want) {
				f.Errorf("%s in a full account: %v, want %v", tier, err, want)
			}
		}
	}
}
