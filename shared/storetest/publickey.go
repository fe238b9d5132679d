package storetest

import (
	"slices"

	"github.com/keyward/keyward/shared/apikey"
)

var publishing = guarantees{
	"public keys come in the order of their IDs":              publishOrder,
	"a public key that is there already stays as it is":       publishAgain,
	"of 20 racing public keys of one ID, one is published":    publishRace,
	"a public key that is withdrawn is gone, and others stay": publishWithdraw,
}

func (f *fixture) wantPublished(want ...apikey.PublicKey) {
	f.Helper()
	got, err := f.open().PublicKeys(f.Context())
	f.must(err)
	f.wantSame(got, want)
}

func publicKey(id, x string) apikey.PublicKey {
	return apikey.PublicKey{ID: id, JWK: []byte(`{"kty":"OKP","crv":"Ed25519","kid":"` + id + `", "x":"` + x + `"}`)}
}

func publishOrder(f *fixture) {
	f.wantPublished()
	want := []apikey.PublicKey{publicKey("-", "1"), publicKey("2026-01", "2"), publicKey("A", "3"), publicKey("_", "4"), publicKey("a", "5")}
	for _, i := range []int{3, 0, 4, 2, 1} {
		f.must(f.Publish(f.Context(), want[i]))
	}
	f.wantPublished(want...)
}

func publishAgain(f *fixture) {
	key := publicKey("k1", "first")
	f.must(f.Publish(f.Context(), key))
	f.must(f.Publish(f.Context(), key))
	f.must(f.Publish(f.Context(), publicKey("k1", "second")))
	f.wantPublished(key)
}

func publishRace(f *fixture) {
	keys, stores := make([]apikey.PublicKey, 20), f.several(instances)
	race(len(keys), func(i int) {
		keys[i] = publicKey("k1", string(rune('a'+i)))
		if err := stores[i%instances].Publish(f.Context(), keys[i]); err != nil {
			f.Error(err)
		}
	})
	got, err := f.PublicKeys(f.Context())
	f.must(err)
	if len(got) != 1 || !slices.ContainsFunc(keys, func(key apikey.PublicKey) bool { return string(key.JWK) == string(got[0].JWK) }) {
		f.Errorf("published: %s", got)
	}
}

func publishWithdraw(f *fixture) {
	kept, gone := publicKey("k1", "kept"), publicKey("k2", "gone")
	f.must(f.Publish(f.Context(), gone))
	f.must(f.Publish(f.Context(), kept))
	f.must(f.Withdraw(f.Context(), gone.ID))
	f.must(f.Withdraw(f.Context(), gone.ID))
	f.must(f.Withdraw(f.Context(), "k0"))
	f.wantPublished(kept)
	f.must(f.Publish(f.Context(), publicKey("k2", "again")))
	f.wantPublished(kept, publicKey("k2", "again"))
}
