package apikey

import (
	"crypto/rand"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"math/big"
	"strings"
)

// Secret is the string that authenticates a key, shown once. However it is printed, logged or
// marshalled it shows its mask; only Reveal gives the string itself. It is kept behind a function, because fmt asks no
// method of an unexported field of somebody else's struct, and would print a string there.
type Secret struct {
	reveal func() string
	token  ID // the key of a JWT; empty for the opaque format
}

func newSecret(text string) Secret { return Secret{reveal: func() string { return text }} }

// The parts of a secret's body, the 32 characters after the brand and the environment's tag.
const (
	randomLength   = 22
	checksumLength = 2
	bodyLength     = idLength + randomLength + checksumLength
)

// DefaultBrand is the first part of every secret, unless configured otherwise.
const DefaultBrand = "vg"

var (
	randomSpace   = new(big.Int).Exp(base62, big.NewInt(randomLength), nil)
	checksumSpace = uint32(62 * 62)
)

// ErrMalformed says that a string can't be a secret of this brand: wrong form, or a wrong checksum.
var ErrMalformed = errors.New("malformed API key")

// NewSecret makes the secret of key id: 131 random bits.
func NewSecret(brand string, environment Environment, id ID) Secret {
	random, err := rand.Int(rand.Reader, randomSpace)
	if err != nil { // crypto/rand never fails: it ends the program first
		panic(err)
	}
	text := brand + "_" + environment.Tag() + "_" + string(id) + encode62(random, randomLength)
	return newSecret(text + checksum(text))
}

// Credential is a secret whose form and checksum, or signature, are right, and what it says of itself.
type Credential struct {
	Secret      Secret
	ID          ID
	Environment Environment
}

// TokenSecret is the secret of a key in JWT format: the whole token.
func TokenSecret(token string, id ID) Secret {
	return Secret{reveal: func() string { return token }, token: id}
}

// Parse reads a secret of brand. Anything that NewSecret could not have made is ErrMalformed.
func Parse(brand, text string) (Credential, error) {
	rest, found := strings.CutPrefix(text, brand+"_")
	if !found {
		return Credential{}, ErrMalformed
	}
	tag, body, found := strings.Cut(rest, "_")
	environment, known := environmentOf(tag)
	if !found || !known || len(body) != bodyLength || !isBase62(body) {
		return Credential{}, ErrMalformed
	}
	if split := len(text) - checksumLength; checksum(text[:split]) != text[split:] {
		return Credential{}, ErrMalformed
	}
	return Credential{newSecret(text), ID(body[:idLength]), environment}, nil
}

// checksum is CRC-32 (IEEE) of text modulo 62², two digits of base62. It catches typing errors and
// truncation before the store is asked; it proves nothing.
func checksum(text string) string {
	sum := crc32.ChecksumIEEE([]byte(text)) % checksumSpace
	return string([]byte{alphabet[sum/62], alphabet[sum%62]})
}

// Reveal is the secret itself; empty for the zero Secret. Call it to hash it, or to show it to its owner, once.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// Mask is the secret as it may be shown ever after: its brand and environment, the first four and the
// last four characters of its body. A JWT shows its key's id and its last four.
func (s Secret) Mask() string {
	text := s.Reveal()
	if s.token != "" {
		return "jwt_" + string(s.token) + "..." + text[max(0, len(text)-4):]
	}
	body := len(text) - bodyLength
	if body < 0 {
		return "..."
	}
	return text[:body+4] + "..." + text[len(text)-4:]
}

// String is the mask.
func (s Secret) String() string { return s.Mask() }

// GoString is the mask.
func (s Secret) GoString() string { return "apikey.Secret(" + s.Mask() + ")" }

// Format writes the mask, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.Mask()) }

// MarshalText gives the mask; encoding/json uses it too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.Mask()), nil }

// LogValue is the mask.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.Mask()) }

// ValidBrand reports whether brand can be the first part of secrets: 1 to 12 of a-z and 0-9.
func ValidBrand(brand string) bool {
	return len(brand) >= 1 && len(brand) <= 12 && !strings.ContainsFunc(brand, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
}
