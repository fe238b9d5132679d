package session_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/keyward/keyward/shared/session"
)

const audience = "keyward-console"

// noon is when the tests play.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// clock is a clock that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// signingKey is a provider's key, both halves.
type signingKey struct {
	id        string
	algorithm jose.SignatureAlgorithm
	private   any
}

func ecKey(id string) signingKey {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return signingKey{id, jose.ES256, private}
}

func edKey(id string) signingKey {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return signingKey{id, jose.EdDSA, private}
}

// rsaKey is one RSA key for all tests: making one takes long.
var rsaKey = sync.OnceValue(func() signingKey {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return signingKey{"rsa", jose.RS256, private}
})

func (k signingKey) public() jose.JSONWebKey {
	private := jose.JSONWebKey{Key: k.private, KeyID: k.id, Algorithm: string(k.algorithm), Use: "sig"}
	return private.Public()
}

// sign makes a token of claims.
func (k signingKey) sign(t *testing.T, claims map[string]any) string {
	t.Helper()
	options := (&jose.SignerOptions{}).WithHeader("kid", k.id)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: k.algorithm, Key: k.private}, options)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// idp is an identity provider, whose answers a test sets.
type idp struct {
	*httptest.Server
	mu     sync.Mutex
	keys   []jose.JSONWebKey
	broken http.HandlerFunc // answers in place of everything; nil: all is well
	asked  map[string]int   // by path
}

func newIDP(t *testing.T, keys ...signingKey) *idp {
	p := &idp{asked: map[string]int{}}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	p.publish(keys...)
	return p
}

func (p *idp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked[r.URL.Path]++
	switch {
	case p.broken != nil:
		p.broken(w, r)
	case r.URL.Path == "/keys":
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: p.keys})
	default:
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": p.URL, "jwks_uri": p.URL + "/keys"})
	}
}

// publish replaces the provider's keys.
func (p *idp) publish(keys ...signingKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = nil
	for _, key := range keys {
		p.keys = append(p.keys, key.public())
	}
}

func (p *idp) breakdown(how http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken = how
}

func (p *idp) assertAsked(t *testing.T, path string, want int) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.asked[path] != want {
		t.Errorf("%s was asked for %d times, want %d", path, p.asked[path], want)
	}
}

func down(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }

// claims are those of a good ID token for alice, with changes; a nil value takes a claim away.
func (p *idp) claims(changes map[string]any) map[string]any {
	claims := map[string]any{
		"iss": p.URL,
		"aud": audience,
		"sub": "alice",
		"iat": noon.Unix(),
		"exp": noon.Add(time.Hour).Unix(),
	}
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	return claims
}

// verifier is a verifier of p's tokens at the time of a clock that stands at noon.
func (p *idp) verifier(t *testing.T, change func(*session.Config)) (*session.Verifier, *clock) {
	t.Helper()
	at := &clock{now: noon}
	config := session.Config{Issuer: p.URL, Audience: audience, Now: at.Now}
	if change != nil {
		change(&config)
	}
	verifier, err := session.NewVerifier(config)
	if err != nil {
		t.Fatal(err)
	}
	return verifier, at
}
