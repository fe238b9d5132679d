package jwtkey

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// Algorithm is how tokens are signed, as RFC 7518 and RFC 8037 name it.
type Algorithm string

// The algorithms.
const (
	EdDSA Algorithm = Algorithm(jose.EdDSA) // Ed25519
	ES256 Algorithm = Algorithm(jose.ES256) // ECDSA on P-256 with SHA-256, for verifiers that don't know Ed25519
)

// ParseAlgorithm reads an algorithm's name. Its error gives the rule.
func ParseAlgorithm(name string) (Algorithm, error) {
	switch algorithm := Algorithm(name); algorithm {
	case EdDSA, ES256:
		return algorithm, nil
	default:
		return "", fmt.Errorf("%q must be %s or %s", name, EdDSA, ES256)
	}
}

// newKey makes a private key for the algorithm.
func (a Algorithm) newKey() (crypto.Signer, error) {
	if a == ES256 {
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	return key, err
}

// fits reports whether key is one of the algorithm's public keys. A private one never is.
func (a Algorithm) fits(key any) bool {
	switch key := key.(type) {
	case ed25519.PublicKey:
		return a == EdDSA
	case *ecdsa.PublicKey:
		return a == ES256 && key.Curve == elliptic.P256()
	default:
		return false
	}
}
