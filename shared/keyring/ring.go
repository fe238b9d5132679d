package keyring

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
)

// Ring is a set of peppers, one of which is current. It never changes.
type Ring struct {
	ids     []string // the current one first, the others in order
	peppers map[string]pepper
}

func newRing(current string, peppers map[string]pepper) *Ring {
	others := slices.DeleteFunc(slices.Sorted(maps.Keys(peppers)), func(id string) bool { return id == current })
	return &Ring{append([]string{current}, others...), peppers}
}

// Has reports whether the ring holds the pepper of that id.
func (r *Ring) Has(pepperID string) bool { return r.peppers[pepperID] != nil }

// Current is the digest that secret is stored with: made with the current pepper.
func (r *Ring) Current(secret apikey.Secret) apikey.Digest { return r.digest(r.ids[0], secret) }

// Digests are all that secret may have been stored with, one a pepper, the current pepper's first.
func (r *Ring) Digests(secret apikey.Secret) []apikey.Digest {
	digests := make([]apikey.Digest, len(r.ids))
	for i, id := range r.ids {
		digests[i] = r.digest(id, secret)
	}
	return digests
}

func (r *Ring) digest(id string, secret apikey.Secret) apikey.Digest {
	return apikey.NewDigest(id, r.peppers[id](), secret)
}

// Derive makes a key of 32 bytes from the current pepper by HKDF-SHA-256 (RFC 5869). The same purpose and
// info give the same key for as long as the pepper is current; any other purpose or info gives an unrelated
// one. purpose is one of the caller's constants and holds no NUL.
func (r *Ring) Derive(purpose string, info []byte) [32]byte { return r.derive(r.ids[0], purpose, info) }

// DeriveAll are Derive's keys from every pepper, the current pepper's first: what finds again, after a change
// of peppers, something named by a derived key.
func (r *Ring) DeriveAll(purpose string, info []byte) [][32]byte {
	keys := make([][32]byte, len(r.ids))
	for i, id := range r.ids {
		keys[i] = r.derive(id, purpose, info)
	}
	return keys
}

func (r *Ring) derive(id, purpose string, info []byte) [32]byte {
	key, err := hkdf.Key(sha256.New, r.peppers[id](), nil, purpose+"\x00"+string(info), 32)
	if err != nil { // only for lengths above 8,160 bytes
		panic(err)
	}
	return [32]byte(key)
}

const redacted = "[redacted]"

// String is [redacted].
func (r Ring) String() string { return redacted }

// Format writes [redacted], whatever the verb.
func (r Ring) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText gives [redacted]; encoding/json and log/slog use it too.
func (r Ring) MarshalText() ([]byte, error) { return []byte(redacted), nil }
