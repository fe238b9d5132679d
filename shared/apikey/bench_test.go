package apikey_test

import (
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
)

// BenchmarkParse measures what a credential costs before any store is asked, and what refusing nonsense costs.
func BenchmarkParse(b *testing.B) {
	secret := newSecret()
	for name, text := range map[string]string{
		"secret":         secret,
		"wrong checksum": strings.ToLower(secret[:len(secret)-2]) + secret[len(secret)-2:],
		"another brand":  "sk_live_" + secret,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = apikey.Parse(apikey.DefaultBrand, text)
			}
		})
	}
}

// BenchmarkDigest measures hashing a secret with one pepper.
func BenchmarkDigest(b *testing.B) {
	secret := apikey.NewSecret(apikey.DefaultBrand, apikey.Production, apikey.NewID(noon))
	pepper := make([]byte, 64)
	b.ReportAllocs()
	for b.Loop() {
		apikey.NewDigest("k1", pepper, secret)
	}
}
