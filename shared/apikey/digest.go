package apikey

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
)

// Digest is all that keyward keeps of a secret: the name of a pepper, a dot, and
// HMAC-SHA-256(pepper, secret) in base64url.
type Digest string

// NewDigest hashes secret with the pepper of that name.
func NewDigest(pepperID string, pepper []byte, secret Secret) Digest {
	mac := hmac.New(sha256.New, pepper)
	mac.Write([]byte(secret.Reveal()))
	return Digest(pepperID + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)))
}

// Pepper names the pepper that d was made with.
func (d Digest) Pepper() string {
	name, _, _ := strings.Cut(string(d), ".")
	return name
}

// Fingerprint names d where d itself has no business: 16 characters of its SHA-256.
func (d Digest) Fingerprint() string {
	sum := sha256.Sum256([]byte(d))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// Equal compares in constant time. No digest equals the empty one.
func (d Digest) Equal(other Digest) bool {
	return d != "" && subtle.ConstantTimeCompare([]byte(d), []byte(other)) == 1
}

// in reports whether d is one of digests.
func (d Digest) in(digests []Digest) bool {
	found := false
	for _, candidate := range digests {
		found = d.Equal(candidate) || found
	}
	return found
}
