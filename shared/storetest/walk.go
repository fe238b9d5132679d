package storetest

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

var walking = guarantees{
	"a walk meets every key of every organization, whatever its status": walkAll,
	"a walk meets every key while others are created, and ends":         walkWhileAdding,
	"a walk goes on behind keys that have been deleted":                 walkWhileDeleting,
	"a walk where there is no key has an end":                           walkNothing,
}

// walk goes through all keys, with meanwhile run behind each step, and gives how often it met each.
func (f *fixture) walk(limit int, meanwhile func(step []apikey.DueKey)) map[apikey.DueKey]int {
	f.Helper()
	met := map[apikey.DueKey]int{}
	after := ""
	for range 1000 {
		keys, next, err := f.Walk(f.Context(), after, limit)
		f.must(err)
		if len(keys) > limit {
			f.Errorf("%d keys in a step of %d", len(keys), limit)
		}
		for _, key := range keys {
			met[key]++
		}
		if next == "" {
			return met
		}
		meanwhile(keys)
		after = next
	}
	f.Fatal("the walk has no end")
	return nil
}

func (f *fixture) wantMet(met map[apikey.DueKey]int, want []*apikey.Key) {
	f.Helper()
	for _, key := range want {
		if met[dueOf(key)] == 0 {
			f.Errorf("%s was not met", key.ID)
		}
	}
}

func walkAll(f *fixture) {
	revoked, released := f.create(), f.create(expiring(noon))
	keys := []*apikey.Key{f.create(), f.create(bulky('a')), revoked, released, f.create(expiring(noon.Add(-time.Hour)))}
	f.changed(revoked, revokedAt(noon))
	_, err := f.Settle(f.Context(), dueOf(released), noon)
	f.must(err)
	f.org = f.found(roomy)
	key, _ := f.createOnce(everything)
	keys = append(keys, key)
	for _, limit := range []int{1, 3, 1000} {
		met := f.walk(limit, func([]apikey.DueKey) {})
		f.wantMet(met, keys)
		f.wantSame(len(met), len(keys))
	}
}

func walkWhileAdding(f *fixture) {
	keys, added := f.createMany(23), 0
	met := f.walk(4, func([]apikey.DueKey) {
		if added++; added < 10 {
			f.createMany(2)
		}
	})
	f.wantMet(met, keys)
}

func walkWhileDeleting(f *fixture) {
	keys := map[apikey.ID]*apikey.Key{}
	for _, key := range f.createMany(12) {
		keys[key.ID] = key
	}
	met := f.walk(3, func(step []apikey.DueKey) {
		for _, due := range step {
			if key, there := keys[due.ID]; there {
				f.remove(key)
				delete(keys, due.ID)
			}
		}
	})
	f.wantSame(len(met), 12)
}

func walkNothing(f *fixture) {
	f.add()
	f.setRoles(role("a"))
	f.must(f.Publish(f.Context(), publicKey("k1", "x")))
	f.wantSame(len(f.walk(10, func([]apikey.DueKey) {})), 0)
}
