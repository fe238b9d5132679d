package jwtkey

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
)

// signatures is the `use` of every key of ours.
const signatures = "sig"

// publicKey is the half of a signing key that verifies.
type publicKey struct {
	algorithm Algorithm
	jwk       jose.JSONWebKey
}

var errPublic = errors.New("it is no public JWK with that kid, use sig, and an alg that it fits: EdDSA or ES256")

// parsePublic reads a published key. Whatever is not exactly what a Custodian publishes is refused, private keys above all.
func parsePublic(published apikey.PublicKey) (publicKey, error) {
	var jwk jose.JSONWebKey
	err := json.Unmarshal(published.JWK, &jwk)
	algorithm := Algorithm(jwk.Algorithm)
	if err != nil || jwk.KeyID != published.ID || jwk.Use != signatures || !algorithm.fits(jwk.Key) {
		return publicKey{}, fmt.Errorf("public key %q: %w", published.ID, errPublic)
	}
	return publicKey{algorithm, jwk}, nil
}

// publicKeys are the published keys by their kids. One that can't be read spoils the others too: it is better to say that
// nobody can tell than to take its tokens for malformed ones.
func publicKeys(ctx context.Context, store apikey.PublicKeys) (map[string]publicKey, error) {
	published, err := store.PublicKeys(ctx)
	if err != nil {
		return nil, err
	}
	keys := make(map[string]publicKey, len(published))
	for _, one := range published {
		if keys[one.ID], err = parsePublic(one); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// verifies reports whether the key signed token, with its own algorithm and no other.
func (k publicKey) verifies(token string) bool {
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(k.algorithm)})
	if err != nil {
		return false
	}
	_, err = signed.Verify(k.jwk.Key)
	return err == nil
}

// JWKS is the JSON Web Key Set (RFC 7517) of all published keys, in the order of their kids: what a backend needs to
// verify tokens by itself. Where the store can't be read it is a fault.Unavailable.
func JWKS(ctx context.Context, store apikey.PublicKeys) ([]byte, error) {
	published, err := store.PublicKeys(ctx)
	if err != nil {
		return nil, fault.Outage("reading the public keys", err)
	}
	set := jose.JSONWebKeySet{Keys: make([]jose.JSONWebKey, len(published))}
	for i, one := range published {
		key, err := parsePublic(one)
		if err != nil {
			return nil, fault.Outage("reading the public keys", err)
		}
		set.Keys[i] = key.jwk
	}
	return json.Marshal(set)
}
