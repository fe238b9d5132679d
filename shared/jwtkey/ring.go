package jwtkey

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/go-jose/go-jose/v4"
	exactly "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyward/keyward/shared/apikey"
)

// Ring is the signing keys that one read of their source gave, one of which is current. It never changes, and it never
// shows a private key, whatever prints, logs or marshals it: only Reveal does.
type Ring struct {
	current string
	keys    map[string]signingKey
}

// signingKey gives a private JWK, with its kid and alg. It is a function because that is the one kind of value that
// nothing looks into: fmt asks no method of an unexported field, and prints its content instead.
type signingKey func() jose.JSONWebKey

const currentField = "current"

// validID reports whether a kid is 1 to 32 of a-z and 0-9. It is no regular expression: compiling one took more of every
// function's start than any other package.
func validID(id string) bool {
	outside := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }
	return id != "" && len(id) <= 32 && !strings.ContainsFunc(id, outside)
}

// NewRing makes a ring of one fresh key with that id, which is current.
func NewRing(id string, algorithm Algorithm) (*Ring, error) {
	key, err := algorithm.newKey()
	if err != nil {
		return nil, fmt.Errorf("making a signing key: %w", err)
	}
	jwk := jose.JSONWebKey{Key: key, KeyID: id, Algorithm: string(algorithm), Use: signatures}
	return &Ring{id, map[string]signingKey{id: func() jose.JSONWebKey { return jwk }}}, nil
}

// ParseRing reads the form in which a ring is kept: one JSON object, which gives each private JWK (RFC 7517) under its
// kid and, under "current", the kid of the current one:
//
//	{"current": "s2", "s2": {"kty": "OKP", "crv": "Ed25519", "kid": "s2", "alg": "EdDSA", "use": "sig", "x": "…", "d": "…"}}
//
// Its errors name the field and the rule, and never quote a value, nor a field whose name is no kid.
func ParseRing(data []byte) (*Ring, error) {
	var fields map[string]jsontext.Value
	if exactly.Unmarshal(data, &fields) != nil || fields == nil {
		return nil, errors.New(`signing ring: not a JSON object such as {"current":"s1","s1":{…}}`)
	}
	ring := &Ring{keys: map[string]signingKey{}}
	if exactly.Unmarshal(fields[currentField], &ring.current) != nil {
		return nil, errors.New("signing ring: current: must be there, and be a string")
	}
	delete(fields, currentField)
	for id, value := range fields {
		key, err := parseSigningKey(id, value)
		if err != nil {
			return nil, err
		}
		ring.keys[id] = key
	}
	if ring.keys[ring.current] == nil {
		return nil, errors.New("signing ring: current: names no key of the ring; it must be the kid of one")
	}
	return ring, nil
}

func parseSigningKey(id string, value []byte) (signingKey, error) {
	if !validID(id) {
		return nil, fmt.Errorf("signing ring: the name of a field, %d bytes long, is no kid: 1-32 of a-z and 0-9", len(id))
	}
	var jwk jose.JSONWebKey
	err := json.Unmarshal(value, &jwk)
	private := err == nil && jwk.Valid() && !jwk.IsPublic()
	public := jwk.Public()
	if !private || jwk.KeyID != id || jwk.Use != signatures || !Algorithm(jwk.Algorithm).fits(public.Key) {
		return nil, fmt.Errorf("signing ring: %s: must be a private JWK with that kid, use sig, and an alg that it fits: %s or %s", id, EdDSA, ES256)
	}
	return func() jose.JSONWebKey { return jwk }, nil
}

// Current is the kid of the key that signs.
func (r *Ring) Current() string { return r.current }

// Algorithm is the current key's.
func (r *Ring) Algorithm() Algorithm { return Algorithm(r.keys[r.current]().Algorithm) }

// Public is the public half of the current key.
func (r *Ring) Public() (apikey.PublicKey, error) {
	private := r.keys[r.current]()
	text, err := private.Public().MarshalJSON()
	return apikey.PublicKey{ID: r.current, JWK: text}, err
}

// Reveal is the ring in the form that ParseRing reads, private keys and all. Call it to save it.
func (r *Ring) Reveal() ([]byte, error) {
	fields := map[string]any{currentField: r.current}
	for id, key := range r.keys {
		fields[id] = key()
	}
	return json.Marshal(fields)
}

// sign makes a token of the current key.
func (r *Ring) sign(payload []byte) (string, error) {
	key := r.keys[r.current]()
	options := (&jose.SignerOptions{}).WithType(tokenType)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(key.Algorithm), Key: key}, options)
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

const redacted = "[redacted]"

// String is [redacted].
func (r Ring) String() string { return redacted }

// Format writes [redacted], whatever the verb.
func (r Ring) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText gives [redacted]; encoding/json and log/slog use it too.
func (r Ring) MarshalText() ([]byte, error) { return []byte(redacted), nil }
