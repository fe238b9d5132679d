package jwtkey_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/jwtkey"
)

// BenchmarkParse is what the form of a key costs before the store is asked.
func BenchmarkParse(b *testing.B) {
	opaque := apikey.NewSecret(apikey.DefaultBrand, apikey.Staging, "0000000A").Reveal()
	b.Run("opaque", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			must(apikey.Parse(apikey.DefaultBrand, opaque))
		}
	})
	for _, algorithm := range []jwtkey.Algorithm{jwtkey.EdDSA, jwtkey.ES256} {
		h := newHouse(b, algorithm)
		token := h.issue(b, "0000000A")
		b.Run(string(algorithm), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				must(h.verifier.Parse(b.Context(), token))
			}
		})
	}
}

// BenchmarkOurs is what it costs to tell a key in JWT format from a session.
func BenchmarkOurs(b *testing.B) {
	h := newHouse(b, jwtkey.EdDSA)
	token := h.issue(b, "0000000A")
	b.ReportAllocs()
	for b.Loop() {
		h.verifier.Ours(token)
	}
}

// FuzzParse looks for a text that is admitted and was not issued.
func FuzzParse(f *testing.F) {
	h := newHouse(f, jwtkey.EdDSA)
	token := h.issue(f, "0000000A")
	forge := newForge(h)
	f.Add(token)
	f.Add(token[:len(token)/2])
	f.Add(strings.ToLower(token))
	f.Add("vg_stg_" + token)
	f.Add(encode([]byte(`{"alg":"none"}`)) + "." + encode([]byte(`{"iss":"`+issuer+`"}`)) + ".")
	issued := map[string]bool{token: true}
	for name, value := range map[string]any{"crit": []string{}, "kid": nil, "alg": "none", "jku": ""} {
		f.Add(forgeWith(forge, name, value))
	}
	f.Fuzz(func(t *testing.T, text string) {
		h.verifier.Ours(text)
		credential, err := h.verifier.Parse(t.Context(), text)
		if err == nil && (!issued[text] || credential.Secret.Reveal() != text) {
			t.Errorf("%q is admitted", text)
		}
		if err != nil && !errors.Is(err, apikey.ErrMalformed) || errors.Is(err, fault.Unavailable) {
			t.Errorf("error = %v", err)
		}
	})
}

func forgeWith(f forge, name string, value any) string {
	return forge{f.house, with(f.header, name, value), f.claims}.token()
}

// FuzzParseRing looks for a ring that is read and can't sign, or is not the same once it was kept.
func FuzzParseRing(f *testing.F) {
	for _, algorithm := range []jwtkey.Algorithm{jwtkey.EdDSA, jwtkey.ES256} {
		f.Add(must(must(jwtkey.NewRing("s1", algorithm)).Reveal()))
	}
	f.Add([]byte(`{"current":"s1","s1":{"kty":"OKP","crv":"Ed25519","x":"","d":""}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		ring, err := jwtkey.ParseRing(data)
		if err != nil {
			return
		}
		again, err := jwtkey.ParseRing(must(ring.Reveal()))
		if err != nil || again.Current() != ring.Current() || again.Algorithm() != ring.Algorithm() {
			t.Errorf("kept, it is %v, %v", again, err)
		}
		key := &apikey.Key{Record: apikey.Record{ID: "0000000A", Environment: apikey.Test}}
		if _, err := (jwtkey.Issuer{Name: issuer, Source: &chest{text: data}}).Issue(t.Context(), key, noon); err != nil {
			t.Errorf("it can't sign: %v", err)
		}
	})
}
