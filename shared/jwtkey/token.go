package jwtkey

import (
	"encoding/base64"
	"errors"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyward/keyward/shared/apikey"
)

// MaxToken is the length of the longest token that is looked at, in bytes. The longest that is issued, with 20 roles of
// 64 characters, has a quarter of it.
const MaxToken = 8 << 10

// header is a token's header: these three, and nothing else. A header may not bring its own key (jwk, jku, x5c, x5u) nor
// ask for more than is known here (crit).
type header struct {
	Algorithm Algorithm `json:"alg"`
	KeyID     string    `json:"kid"`
	Type      string    `json:"typ"`
}

// tokenType is the `typ` of every token.
const tokenType = "JWT"

// claims are what a token says that is looked at. All else in it is for others.
type claims struct {
	Issuer   string         `json:"iss"`
	Audience string         `json:"aud"`
	KeyID    string         `json:"jti"`
	IssuedAt jsontext.Value `json:"iat"`
	Expiry   jsontext.Value `json:"exp"`
}

// issued are the claims of a token as it is made. Without nonce a token would be no secret to whoever has the signing
// key: all else in it is known or soon guessed. Nor would two tokens of one second differ.
type issued struct {
	Issuer   string             `json:"iss"`
	Audience apikey.Environment `json:"aud"`
	KeyID    string             `json:"jti"`
	IssuedAt int64              `json:"iat"`
	Expiry   int64              `json:"exp,omitzero"`
	Roles    []string           `json:"roles"`
	Nonce    string             `json:"nonce"`
}

// exact is base64url (RFC 7515) in which each value has one spelling.
var exact = base64.RawURLEncoding.Strict()

var (
	errForm  = errors.New("not three parts of base64url")
	errLarge = errors.New("too long")
)

// split gives a token's header and payload, as JSON. It proves nothing.
func split(token string) (head, payload []byte, err error) {
	if len(token) > MaxToken {
		return nil, nil, errLarge
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 || strings.ContainsAny(token, "\r\n") { // which base64 would leave out
		return nil, nil, errForm
	}
	var decoded [3][]byte
	for i, part := range parts {
		if decoded[i], err = exact.DecodeString(part); err != nil {
			return nil, nil, errForm
		}
	}
	return decoded[0], decoded[1], nil
}

// readHeader reads a header that has each of its three members once and no other.
func readHeader(head []byte) (header, bool) {
	var h header
	err := json.Unmarshal(head, &h, json.RejectUnknownMembers(true))
	return h, err == nil && h.Type == tokenType
}

// readClaims reads a payload in which no claim stands twice.
func readClaims(payload []byte) (claims, bool) {
	var c claims
	err := json.Unmarshal(payload, &c)
	return c, err == nil
}

// credential is what the claims say of the key, if they are claims of that issuer that a token of it can have.
func (c claims) credential(issuer, token string) (apikey.Credential, bool) {
	id, known := apikey.ParseID(c.KeyID)
	environment := apikey.Environment(c.Audience)
	timed := isNumber(c.IssuedAt) && (c.Expiry == nil || isNumber(c.Expiry))
	if !known || !environment.Valid() || !timed || c.Issuer != issuer {
		return apikey.Credential{}, false
	}
	return apikey.Credential{Secret: apikey.TokenSecret(token, id), ID: id, Environment: environment}, true
}

func isNumber(value jsontext.Value) bool { return value.Kind() == '0' }

// ValidIssuer reports whether name can be an issuer's: 1 to 200 printable ASCII characters, none of them a space.
func ValidIssuer(name string) bool {
	return len(name) >= 1 && len(name) <= 200 && !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' })
}
