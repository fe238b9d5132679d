package jwtkey_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/jwtkey"
	"github.com/keyward/keyward/shared/keyring"
)

// part is the nth part of a token, decoded.
func part(token string, n int) map[string]any {
	var fields map[string]any
	text := must(base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[n]))
	if err := json.Unmarshal(text, &fields); err != nil {
		panic(err)
	}
	return fields
}

func TestATokenHasTheClaimsOfTheContract(t *testing.T) {
	h := newHouse(t, jwtkey.EdDSA)
	expiring := apikey.Record{ID: "0000000A", Environment: apikey.Production, Roles: []string{"dns_manager", "billing_manager"}, ExpiresAt: noon.AddDate(0, 0, 1)}
	forever := apikey.Record{ID: "0000000B", Environment: apikey.Test}
	tests := map[string]struct {
		record apikey.Record
		want   map[string]any
	}{
		"one with roles that expires": {expiring, map[string]any{
			"iss": issuer, "aud": "production", "jti": "key_0000000A", "iat": 1772366400.0, "exp": 1772452800.0,
			"roles": []any{"dns_manager", "billing_manager"},
		}},
		"one without roles that never expires": {forever, map[string]any{
			"iss": issuer, "aud": "test", "jti": "key_0000000B", "iat": 1772366400.0, "roles": []any{},
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			secret, err := h.issuer.Issue(t.Context(), &apikey.Key{Record: test.record}, noon)
			if err != nil {
				t.Fatal(err)
			}
			claims := part(secret.Reveal(), 1)
			if nonce, _ := claims["nonce"].(string); len(nonce) != 26 {
				t.Errorf("nonce %q, want 26 characters of base32: 128 random bits", nonce)
			}
			delete(claims, "nonce")
			if diff := cmp.Diff(test.want, claims); diff != "" {
				t.Errorf("claims (-want +got)\n%s", diff)
			}
			header := map[string]any{"alg": "EdDSA", "kid": h.ring().Current(), "typ": "JWT"}
			if diff := cmp.Diff(header, part(secret.Reveal(), 0)); diff != "" {
				t.Errorf("header (-want +got)\n%s", diff)
			}
			if strings.Contains(secret.String(), secret.Reveal()) {
				t.Error("the secret shows")
			}
		})
	}
}

// Ed25519 signs the same claims alike. A regenerated key must have another token though, even in the same second; and
// whoever has the signing key, and knows all that can be seen of a key, must not be able to make its token.
func TestNoTwoTokensAreAlike(t *testing.T) {
	h := newHouse(t, jwtkey.EdDSA)
	if one, two := h.issue(t, "0000000A"), h.issue(t, "0000000A"); one == two {
		t.Error("the same token twice")
	}
}

func TestTheLongestTokenIsRead(t *testing.T) {
	h := newHouse(t, jwtkey.ES256)
	h.issuer.Name = strings.Repeat("i", 200)
	h.verifier = jwtkey.NewVerifier(h.issuer.Name, h.board, nil)
	key := &apikey.Key{Record: apikey.Record{ID: "zzzzzzzz", Environment: apikey.Development, ExpiresAt: noon.AddDate(10, 0, 0)}}
	for range 20 {
		key.Roles = append(key.Roles, strings.Repeat("r", 64))
	}
	token := must(h.issuer.Issue(t.Context(), key, noon)).Reveal()
	admit(t, h, token)
	if !h.verifier.Ours(token) || len(token) > jwtkey.MaxToken/2 {
		t.Errorf("%d bytes, ours %t", len(token), h.verifier.Ours(token))
	}
}

func TestWithoutASigningKeyNothingIsIssued(t *testing.T) {
	key := &apikey.Key{Record: apikey.Record{ID: "0000000A", Environment: apikey.Production}}
	for name, test := range map[string]struct {
		chest *chest
		cause error
	}{
		"none is made yet":       {&chest{}, keyring.ErrNone},
		"they can't be read":     {&chest{err: errDown}, errDown},
		"they can't be made out": {&chest{text: []byte("{}")}, nil},
	} {
		secret, err := jwtkey.Issuer{Name: issuer, Source: test.chest}.Issue(t.Context(), key, noon)
		if !errors.Is(err, fault.Unavailable) || test.cause != nil && !errors.Is(err, test.cause) || secret.Reveal() != "" {
			t.Errorf("%s: error = %v, want fault.Unavailable because of %v", name, err, test.cause)
		}
	}
}

func TestAnIssuersNameIsPrintable(t *testing.T) {
	for name, want := range map[string]bool{
		"keyward": true, issuer: true, strings.Repeat("a", 200): true,
		"": false, "key ward": false, "kéyward": false, "key\nward": false, strings.Repeat("a", 201): false,
	} {
		if got := jwtkey.ValidIssuer(name); got != want {
			t.Errorf("ValidIssuer(%q) = %t, want %t", name, got, want)
		}
	}
}
