package storetest

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

var regenerating = guarantees{
	"a new secret is admitted from its change on, and the old one is not":         regenerateAtOnce,
	"with a grace the old secret is admitted until that ends":                     regenerateWithGrace,
	"a second regeneration kills the oldest secret":                               regenerateTwice,
	"a regeneration without grace ends one that lasts":                            regenerateCompromised,
	"either digest moves to a new pepper during a grace":                          regenerateRehash,
	"a regeneration and a rehash that came between leave the right secrets":       rehashThenRegenerate,
	"a new secret deletes the sealed one, and nothing else does":                  regenerateUnseals,
	"of 20 racing regenerations, one gives the secret":                            regenerationsRace,
	"an old secret is refused after its regeneration has returned, in races":      regenerateRaces,
	"a regenerated key keeps its counters, its name and its rules":                regenerateKeeps,
	"a retiring secret that grace has ended for is not revived by a rehash of it": regenerateEnded,
}

// regenerated gives a key a new digest. The one before goes on until that time; the zero time is not at all.
func regenerated(digest apikey.Digest, until time.Time) func(*apikey.Key) {
	return func(k *apikey.Key) {
		k.Retiring, k.GraceUntil = "", time.Time{}
		if !until.IsZero() {
			k.Retiring, k.GraceUntil = k.Digest, until
		}
		k.Digest, k.Mask = digest, "vg_live_...new"
	}
}

// with is a spend on key with a secret that has those digests.
func with(key *apikey.Key, at time.Time, digests ...apikey.Digest) apikey.Spend {
	spend := spendOf(key, at)
	spend.Digests = digests
	return spend
}

func regenerateAtOnce(f *fixture) {
	key := f.create()
	f.wantRefused(with(key, noon, "k1.new"))
	changed := f.changed(key, regenerated("k1.new", time.Time{}))
	f.wantSame(f.stored(key), changed)
	f.wantRefused(spendOf(key, noon))
	f.wantSpent(with(key, noon, "k1.new"))
}

func regenerateWithGrace(f *fixture) {
	grace := noon.Add(time.Hour)
	key := f.create()
	changed := f.changed(key, regenerated("k1.new", grace))
	f.wantSame(f.stored(key), changed)
	f.wantSpent(with(key, noon, "k1.new"))
	f.wantSpent(spendOf(key, grace.Add(-time.Second)))
	f.wantRefused(spendOf(key, grace))
	f.wantSpent(with(key, grace, "k1.new"))
}

func regenerateTwice(f *fixture) {
	key := f.create()
	f.changed(key, regenerated("k1.second", noon.Add(time.Hour)))
	f.changed(key, regenerated("k1.third", noon.Add(2*time.Hour)))
	f.wantRefused(spendOf(key, noon))
	f.wantSpent(with(key, noon, "k1.second"))
	f.wantSpent(with(key, noon, "k1.third"))
	f.wantRefused(with(key, noon.Add(2*time.Hour), "k1.second"))
}

func regenerateCompromised(f *fixture) {
	key := f.create()
	f.changed(key, regenerated("k1.second", noon.Add(time.Hour)))
	f.changed(key, regenerated("k1.third", time.Time{}))
	f.wantRefused(spendOf(key, noon))
	f.wantRefused(with(key, noon, "k1.second"))
	f.wantSpent(with(key, noon, "k1.third"))
}

func regenerateRehash(f *fixture) {
	key := f.create()
	f.changed(key, regenerated("k1.new", noon.Add(time.Hour)))
	f.must(f.Rehash(f.Context(), key.ID, key.Digest, "k2.old"))
	f.must(f.Rehash(f.Context(), key.ID, "k1.new", "k2.new"))
	for digest, spent := range map[apikey.Digest]bool{key.Digest: false, "k1.new": false, "k2.old": true, "k2.new": true} {
		f.wantSame(f.spend(with(key, noon, digest)).Spent, spent)
	}
	f.wantRefused(with(key, noon.Add(time.Hour), "k2.old"))
}

// Whoever regenerates has read the digest before it moved to the new pepper. A process hashes a secret with both peppers.
func rehashThenRegenerate(f *fixture) {
	for until, spent := range map[time.Time]bool{{}: false, noon.Add(time.Hour): true} {
		key := f.create()
		f.must(f.Rehash(f.Context(), key.ID, key.Digest, "k2.old"))
		_, err := f.Change(f.Context(), change(key, noon, regenerated("k2.new", until)))
		f.must(err)
		f.wantSpent(with(key, noon, "k2.new"))
		f.wantSame(f.spend(with(key, noon, "k2.old", key.Digest)).Spent, spent)
	}
}

func regenerateUnseals(f *fixture) {
	key, once := f.createOnce()
	_, other := f.createOnce()
	f.changed(key, func(k *apikey.Key) { k.Description, k.Disabled = "x", true })
	f.must(f.Rehash(f.Context(), key.ID, key.Digest, "k2.rehashed"))
	f.wantIdempotent(once.ID, once)
	f.changed(key, regenerated("k2.new", noon.Add(time.Hour)))
	once.Sealed = nil
	f.wantIdempotent(once.ID, once)
	f.wantIdempotent(other.ID, other)
}

func regenerationsRace(f *fixture) {
	key := f.create()
	stores := f.several(instances)
	digests := make([]apikey.Digest, 20)
	var outcomes tally
	race(len(digests), func(i int) {
		digest := apikey.Digest("k1." + string(rune('a'+i)))
		_, err := stores[i%instances].Change(f.Context(), change(key, noon, regenerated(digest, time.Time{})))
		outcomes.note(f, err, apikey.ErrMoved)
		if err == nil {
			digests[i] = digest
		}
	})
	outcomes.want(f, 1, 19)
	for _, digest := range digests {
		if digest != "" {
			f.wantSpent(with(key, noon, digest))
		}
	}
	f.wantRefused(spendOf(key, noon))
}

func regenerateRaces(f *fixture) {
	for range 2 {
		f.changeRace(slim, regenerated("k1.new", time.Time{}))
		f.changeRace(regenerated("k1.second", noon.Add(time.Hour)), regenerated("k1.third", time.Time{}))
	}
}

func regenerateKeeps(f *fixture) {
	key := f.create(from("198.51.100.0/24"))
	f.wantSpent(spendOf(key, noon))
	want := f.stored(key)
	stored := f.changed(key, regenerated("k1.new", noon.Add(time.Hour)))
	regenerated("k1.new", noon.Add(time.Hour))(want)
	want.Record.Version, want.Revision, want.UpdatedAt = stored.Record.Version, stored.Revision, stored.UpdatedAt
	f.wantSame(stored, want)
}

func regenerateEnded(f *fixture) {
	grace := noon.Add(time.Hour)
	key := f.create()
	f.changed(key, regenerated("k1.new", grace))
	f.must(f.Rehash(f.Context(), key.ID, key.Digest, "k2.old"))
	f.wantRefused(with(key, grace, "k2.old", key.Digest))
	f.changed(key, regenerated("k1.third", time.Time{}))
	f.must(f.Rehash(f.Context(), key.ID, "k2.old", "k3.old"))
	f.must(f.Rehash(f.Context(), key.ID, "k1.new", "k3.new"))
	f.wantRefused(with(key, noon, "k3.old", "k2.old", "k3.new", "k1.new"))
}
