package storetest

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

var digests = guarantees{
	"the digest that matched moves to the new pepper":                  rehashMoves,
	"a digest that has moved on stays, and an empty one never matches": rehashLate,
	"a change does not undo a rehash that came between":                rehashThenChange,
	"a rehash of an unknown key makes none":                            rehashUnknown,
}

func rehashMoves(f *fixture) {
	key := f.create(func(k *apikey.Key) { k.Retiring, k.GraceUntil = "k1.retiring", noon.Add(time.Hour) })
	want := key.Clone()
	f.must(f.Rehash(f.Context(), key.ID, key.Digest, "k2.current"))
	want.Digest = "k2.current"
	f.wantSame(f.stored(key), want)
	f.must(f.Rehash(f.Context(), key.ID, "k1.retiring", "k2.retiring"))
	want.Retiring = "k2.retiring"
	f.wantSame(f.stored(key), want)
	f.wantSpent(spendOf(want, noon))
	f.wantRefused(spendOf(key, noon))
}

func rehashLate(f *fixture) {
	key := f.create()
	for _, old := range []apikey.Digest{"k1.regenerated away", ""} {
		f.must(f.Rehash(f.Context(), key.ID, old, "k2.new"))
	}
	f.wantSame(f.stored(key), key)
}

func rehashThenChange(f *fixture) {
	key := f.create()
	f.must(f.Rehash(f.Context(), key.ID, key.Digest, "k2.new"))
	_, err := f.Change(f.Context(), change(key, noon, func(k *apikey.Key) { k.Tier = "free" }))
	f.must(err)
	f.wantSame(f.stored(key).Digest, apikey.Digest("k2.new"))
}

func rehashUnknown(f *fixture) {
	key := f.newKey()
	f.must(f.Rehash(f.Context(), key.ID, key.Digest, "k2.new"))
	f.wantAbsent(key)
}
