// Package devoidc is the OpenID Connect provider of the local run: it signs a token for whoever is named, and
// asks for no password. It never leaves the machine: nothing under functions/ may import it.
package devoidc

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/keyward/keyward/shared/keyring/privatefile"
)

const (
	// Issuer is the provider's `iss`. The local run serves Handler under its path, and its host is this machine.
	Issuer = "http://keyward.localhost/oidc"
	// Audience is the `aud` of every token.
	Audience = "keyward"
	// Lifetime is how long a token is good for.
	Lifetime = 12 * time.Hour
)

// keyFile is the name of the file that keeps the signing key.
const keyFile = "oidc-key.json"

// Provider signs tokens, and publishes the key that verifies them. It is safe for use by several goroutines.
type Provider struct {
	issuer string
	signer jose.Signer
	public jose.JSONWebKey
}

// Open is the provider whose ES256 key is in dir; where there is none yet, it makes one, in a file of mode 0600.
// All who open the same dir, at once or one after the other, have the same key.
func Open(dir string) (*Provider, error) { return OpenAt(dir, Issuer) }

// OpenAt is the same provider under another issuer: where a deployment that is tested finds its documents.
func OpenAt(dir, issuer string) (*Provider, error) {
	data, err := privatefile.Open(filepath.Join(dir, keyFile), freshKey)
	if err != nil {
		return nil, fmt.Errorf("opening the development OIDC provider: %w", err)
	}
	key, err := parseKey(data)
	if err != nil {
		return nil, fmt.Errorf("opening the development OIDC provider: %s: %w", filepath.Join(dir, keyFile), err)
	}
	options := (&jose.SignerOptions{}).WithType("JWT")
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, options)
	if err != nil {
		return nil, fmt.Errorf("opening the development OIDC provider: %w", err)
	}
	return &Provider{issuer, signer, key.Public()}, nil
}

var memberName = regexp.MustCompile(`^[A-Za-z0-9_.@-]{1,64}$`)

// Token is an ID token for member, whose subject is that name and whose e-mail, at keyward.localhost, counts as
// verified. It is issued at now and good for Lifetime.
func (p *Provider) Token(member string, now time.Time) (string, error) {
	if !memberName.MatchString(member) {
		return "", fmt.Errorf("member %q: a name has 1-64 characters of A-Z, a-z, 0-9, _, ., @ and -", member)
	}
	return jwt.Signed(p.signer).Claims(jwt.Claims{
		Issuer:   p.issuer,
		Subject:  member,
		Audience: jwt.Audience{Audience},
		IssuedAt: jwt.NewNumericDate(now),
		Expiry:   jwt.NewNumericDate(now.Add(Lifetime)),
	}).Claims(map[string]any{
		"email":          member + "@keyward.localhost",
		"email_verified": true,
	}).Serialize()
}

// Handler serves the provider's documents: /.well-known/openid-configuration and /jwks.json. Mount it under the
// path of the issuer, with that prefix stripped.
func (p *Provider) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /.well-known/openid-configuration", document(map[string]any{
		"issuer":                                p.issuer,
		"jwks_uri":                              p.issuer + "/jwks.json",
		"response_types_supported":              []string{"id_token"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []jose.SignatureAlgorithm{jose.ES256},
	}))
	mux.Handle("GET /jwks.json", document(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{p.public}}))
	return mux
}

func document(content any) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(content) // the client has gone: nobody is left to tell
	})
}
