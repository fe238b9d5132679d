package jwtkey_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/jwtkey"
)

// backend is a service that verifies keys by itself: a JWT library that keyward does not use, and what the address
// /.well-known/jwks.json gave.
type backend struct {
	document []byte
	at       time.Time
}

// verify is what the backend's documentation of that library would have it write.
func (b backend) verify(token string) (jwt.MapClaims, error) {
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(token, claims, b.keyOf,
		jwt.WithValidMethods([]string{"EdDSA", "ES256"}), jwt.WithIssuer(issuer), jwt.WithAudience("staging"),
		jwt.WithTimeFunc(func() time.Time { return b.at }))
	return claims, err
}

// keyOf finds the key that a token's kid names, which golang-jwt leaves to its caller.
func (b backend) keyOf(token *jwt.Token) (any, error) {
	var set struct {
		Keys []struct{ Kid, Alg, Kty, Crv, X, Y string }
	}
	if err := json.Unmarshal(b.document, &set); err != nil {
		return nil, err
	}
	for _, key := range set.Keys {
		switch {
		case key.Kid != token.Header["kid"] || key.Alg != token.Method.Alg():
		case key.Kty == "OKP" && key.Crv == "Ed25519":
			x, err := base64.RawURLEncoding.DecodeString(key.X)
			return ed25519.PublicKey(x), err
		case key.Kty == "EC" && key.Crv == "P-256":
			x, errX := base64.RawURLEncoding.DecodeString(key.X)
			y, errY := base64.RawURLEncoding.DecodeString(key.Y)
			if err := errors.Join(errX, errY); err != nil {
				return nil, err
			}
			return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y))
		}
	}
	return nil, fmt.Errorf("no key %v in the set", token.Header["kid"])
}

func TestABackendVerifiesATokenWithTheDocumentAlone(t *testing.T) {
	for _, algorithm := range []jwtkey.Algorithm{jwtkey.EdDSA, jwtkey.ES256} {
		h := newHouse(t, algorithm)
		former := h.issue(t, "0000000A")
		must(h.custodian.Rotate(t.Context()))
		current := h.issue(t, "0000000A")
		document := must(jwtkey.JWKS(t.Context(), h.board))
		for name, token := range map[string]string{"current": current, "former": former} {
			claims, err := backend{document, noon}.verify(token)
			if err != nil || claims["jti"] != "key_0000000A" || fmt.Sprint(claims["roles"]) != "[dns_manager]" {
				t.Errorf("%s, the %s key: claims %v, %v", algorithm, name, claims, err)
			}
			if _, err := (backend{document, noon.AddDate(1, 0, 0)}).verify(token); !errors.Is(err, jwt.ErrTokenExpired) {
				t.Errorf("%s: a year later: %v, want that it has expired", algorithm, err)
			}
		}
		stranger := newHouse(t, algorithm).issue(t, "0000000A")
		if _, err := (backend{document, noon}).verify(stranger); err == nil {
			t.Errorf("%s: a stranger's token was admitted", algorithm)
		}
	}
}

func TestTheDocumentHasAllPublicKeysAndNothingElse(t *testing.T) {
	if text := must(jwtkey.JWKS(t.Context(), &board{})); string(text) != `{"keys":[]}` {
		t.Errorf("without keys it is %s", text)
	}
	h := newHouse(t, jwtkey.EdDSA)
	h.custodian.Algorithm = jwtkey.ES256
	must(h.custodian.Rotate(t.Context()))
	var document struct{ Keys []map[string]string }
	if err := json.Unmarshal(must(jwtkey.JWKS(t.Context(), h.board)), &document); err != nil || len(document.Keys) != 2 {
		t.Fatalf("%v, %v; want two keys", document, err)
	}
	members := map[string][]string{"EdDSA": {"alg", "crv", "kid", "kty", "use", "x"}, "ES256": {"alg", "crv", "kid", "kty", "use", "x", "y"}}
	for i, key := range document.Keys {
		if key["kid"] != h.board.keys[i].ID || key["use"] != "sig" || len(key) != len(members[key["alg"]]) {
			t.Errorf("key %d is %v", i, key)
		}
		for _, member := range members[key["alg"]] {
			if key[member] == "" {
				t.Errorf("key %d has no %s", i, member)
			}
		}
	}
}

// What a backend that verifies offline does not see, the record does: keyward refuses a token whose key was revoked or
// regenerated, because the signature proves no more than that the token was once issued.
func TestASignatureOutlivesRegeneration(t *testing.T) {
	h := newHouse(t, jwtkey.EdDSA)
	before, after := h.issue(t, "0000000A"), h.issue(t, "0000000A")
	for _, token := range []string{before, after} {
		if _, err := (backend{must(jwtkey.JWKS(t.Context(), h.board)), noon}).verify(token); err != nil {
			t.Error(err)
		}
	}
	pepper := []byte("a-pepper-a-pepper-a-pepper-a-pepper")
	digest := func(token string) apikey.Digest {
		return apikey.NewDigest("k1", pepper, must(h.verifier.Parse(t.Context(), token)).Secret)
	}
	if digest(before).Equal(digest(after)) {
		t.Error("the record can't tell a regenerated key's token from the one before")
	}
}
