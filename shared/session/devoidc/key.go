package devoidc

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"

	"github.com/go-jose/go-jose/v4"
)

// freshKey is a new signing key as a JWK, which keeps its id with it: the thumbprint of RFC 7638.
func freshKey() ([]byte, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	key := jose.JSONWebKey{Key: private, Algorithm: string(jose.ES256), Use: "sig"}
	thumbprint, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, err
	}
	key.KeyID = base64.RawURLEncoding.EncodeToString(thumbprint)
	return json.Marshal(key)
}

var errNoKey = errors.New("it holds no signing key: delete it, and a new one is made")

// parseKey reads what freshKey writes. Its errors never quote the key.
func parseKey(data []byte) (jose.JSONWebKey, error) {
	var key jose.JSONWebKey
	if json.Unmarshal(data, &key) != nil || !key.Valid() || key.IsPublic() || key.Algorithm != string(jose.ES256) {
		return jose.JSONWebKey{}, errNoKey
	}
	return key, nil
}
