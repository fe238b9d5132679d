package conformance

import (
	"crypto/rand"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/dynamotest"
)

// A public key that was published is never another one, and publishing and withdrawing may be repeated.
func TestAPublicKeyStaysAsItWasPublished(t *testing.T) {
	f := newFixture(t)
	one, other := apikey.PublicKey{ID: rand.Text(), JWK: []byte(`{"kty":"OKP"}`)}, []byte(`{"kty":"EC"}`)
	for _, trouble := range []dynamotest.Fault{dynamotest.LoseReply(1), dynamotest.ConflictsBut(4), nil} {
		f.client.Reset(trouble)
		f.must(f.faulty.Publish(f.Context(), one))
		f.must(f.faulty.Publish(f.Context(), apikey.PublicKey{ID: one.ID, JWK: other}))
		f.wantPublished(one)
	}
	for range 2 {
		f.client.Reset(dynamotest.LoseReply(1))
		f.must(f.faulty.Withdraw(f.Context(), one.ID))
		f.wantPublished()
	}
}

func (f *fixture) wantPublished(want ...apikey.PublicKey) {
	f.Helper()
	got, err := f.store.PublicKeys(f.Context())
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		f.Errorf("public keys: %v (-want +got)\n%s", err, diff)
	}
}
