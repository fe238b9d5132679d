package jwtkey_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/keyward/keyward/shared/apikey"
)

// forge is what an attacker, or the holder of the signing key, makes a token from.
type forge struct {
	house  *house
	header map[string]any
	claims map[string]any
}

func newForge(h *house) forge {
	return forge{
		house:  h,
		header: map[string]any{"alg": h.ring().Algorithm(), "kid": h.ring().Current(), "typ": "JWT"},
		claims: map[string]any{"iss": issuer, "aud": "staging", "jti": "key_0000000A", "iat": 1772366400, "roles": []string{}},
	}
}

// with is the forge with one header or claim changed; nil removes it.
func with(fields map[string]any, name string, value any) map[string]any {
	changed := maps.Clone(fields)
	changed[name] = value
	if value == nil {
		delete(changed, name)
	}
	return changed
}

func encode(text []byte) string { return base64.RawURLEncoding.EncodeToString(text) }

// signingKey is the private key of the ring.
func (f forge) signingKey() jose.JSONWebKey {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(f.house.chest.text, &fields); err != nil {
		panic(err)
	}
	var key jose.JSONWebKey
	if err := json.Unmarshal(fields[f.house.ring().Current()], &key); err != nil {
		panic(err)
	}
	return key
}

// token is header and claims, signed by the house's own Ed25519 key, whatever they say.
func (f forge) token() string {
	return f.signed(string(must(json.Marshal(f.header))), string(must(json.Marshal(f.claims))))
}

func (f forge) signed(header, claims string) string {
	text := encode([]byte(header)) + "." + encode([]byte(claims))
	return text + "." + encode(ed25519.Sign(f.signingKey().Key.(ed25519.PrivateKey), []byte(text)))
}

// by is the claims, signed by another key with another algorithm.
func (f forge) by(algorithm jose.SignatureAlgorithm, key any, kid string) string {
	options := (&jose.SignerOptions{}).WithType("JWT")
	if kid != "" {
		options = options.WithHeader("kid", kid)
	}
	signer := must(jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, options))
	return must(must(signer.Sign(must(json.Marshal(f.claims)))).CompactSerialize())
}

func refuse(t *testing.T, h *house, token string) {
	t.Helper()
	if credential, err := h.verifier.Parse(t.Context(), token); !errors.Is(err, apikey.ErrMalformed) || credential.Secret.Reveal() != "" {
		t.Errorf("Parse = %v, %v; want apikey.ErrMalformed", credential.ID, err)
	}
}
