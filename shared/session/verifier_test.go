package session_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/session"
)

// assertRefused fails unless err refuses token, says why to the log, and holds nothing of the token.
func assertRefused(t *testing.T, err error, token string) {
	t.Helper()
	refusal, ok := errors.AsType[*fault.Error](err)
	if !ok || refusal.Code != fault.Unauthorized || refusal.Err == nil || refusal.Detail == "" {
		t.Fatalf("error = %v, want fault.Unauthorized with its cause", err)
	}
	for part := range strings.SplitSeq(token, ".") {
		if len(part) > 8 && strings.Contains(err.Error(), part) {
			t.Errorf("the error holds a part of the token: %v", err)
		}
	}
}

func TestATokenOfTheProviderIsAccepted(t *testing.T) {
	tests := map[string]struct {
		key     signingKey
		changes map[string]any
	}{
		"RS256":                           {rsaKey(), nil},
		"ES256":                           {ecKey("ec"), nil},
		"EdDSA where configured":          {edKey("ed"), nil},
		"one audience of several":         {ecKey("ec"), map[string]any{"aud": []string{"other", audience}}},
		"Cognito ID token":                {ecKey("ec"), map[string]any{"token_use": "id"}},
		"Cognito access token":            {ecKey("ec"), map[string]any{"token_use": "access", "client_id": audience, "aud": nil}},
		"no iat":                          {ecKey("ec"), map[string]any{"iat": nil}},
		"expired within the leeway":       {ecKey("ec"), map[string]any{"exp": noon.Add(-60 * time.Second).Unix()}},
		"not yet valid within the leeway": {ecKey("ec"), map[string]any{"nbf": noon.Add(60 * time.Second).Unix()}},
		"issued ahead within the leeway":  {ecKey("ec"), map[string]any{"iat": noon.Add(60 * time.Second).Unix()}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			provider := newIDP(t, test.key)
			verifier, _ := provider.verifier(t, func(c *session.Config) { c.Algorithms = []string{"RS256", "ES256", "EdDSA"} })
			claims, err := verifier.Verify(t.Context(), test.key.sign(t, provider.claims(test.changes)))
			want := session.Claims{Identity: org.Identity{Issuer: provider.URL, Subject: "alice"}}
			if err != nil || claims != want {
				t.Errorf("Verify = %+v, %v; want %+v", claims, err, want)
			}
		})
	}
}

func TestATokenWhoseClaimsBreakARuleIsRefused(t *testing.T) {
	tests := map[string]map[string]any{
		"another issuer":                  {"iss": "https://issuer.example"},
		"no issuer":                       {"iss": nil},
		"another audience":                {"aud": "other"},
		"no audience":                     {"aud": nil},
		"client_id alone":                 {"aud": nil, "client_id": audience},
		"ID token by client_id":           {"aud": "other", "client_id": audience, "token_use": "id"},
		"access token of another client":  {"client_id": "other", "token_use": "access"},
		"access token by aud":             {"token_use": "access"},
		"unknown use by client_id":        {"aud": nil, "client_id": audience, "token_use": "refresh"},
		"expired beyond the leeway":       {"exp": noon.Add(-61 * time.Second).Unix()},
		"no expiry":                       {"exp": nil},
		"not yet valid beyond the leeway": {"nbf": noon.Add(61 * time.Second).Unix()},
		"issued ahead beyond the leeway":  {"iat": noon.Add(61 * time.Second).Unix()},
		"no subject":                      {"sub": nil},
		"empty subject":                   {"sub": ""},
		"subject of another type":         {"sub": 7},
		"subject with a line break":       {"sub": "alice\nbob"},
		"subject of 256 bytes":            {"sub": strings.Repeat("a", 256)},
		"subject in capitals":             {"sub": nil, "SUB": "alice"},
	}
	key := ecKey("ec")
	provider := newIDP(t, key)
	verifier, _ := provider.verifier(t, nil)
	for name, changes := range tests {
		t.Run(name, func(t *testing.T) {
			token := key.sign(t, provider.claims(changes))
			_, err := verifier.Verify(t.Context(), token)
			assertRefused(t, err, token)
		})
	}
}

// A provider may let its users choose claims of their own: these must not stand in for the real ones.
func TestClaimsGoByTheirExactNames(t *testing.T) {
	key := ecKey("ec")
	provider := newIDP(t, key)
	verifier, _ := provider.verifier(t, nil)
	token := key.sign(t, provider.claims(map[string]any{"Email": "boss@example.com", "EMAIL_VERIFIED": true}))
	claims, err := verifier.Verify(t.Context(), token)
	if err != nil || claims.Email != "" {
		t.Errorf("Verify = %+v, %v; want no e-mail", claims, err)
	}
}

func TestATokenThatNoKeyOfTheProviderSignedIsRefused(t *testing.T) {
	key, stranger := rsaKey(), ecKey("stranger")
	provider := newIDP(t, key)
	verifier, _ := provider.verifier(t, nil)
	good := key.sign(t, provider.claims(nil))
	parts := strings.Split(good, ".")
	impostor := ecKey(key.id)
	unconfigured := signingKey{key.id, jose.PS256, key.private}
	tests := map[string]string{
		"unknown kid":                stranger.sign(t, provider.claims(nil)),
		"another key under that kid": impostor.sign(t, provider.claims(nil)),
		"altered payload":            parts[0] + "." + payloadOf(t, provider.claims(map[string]any{"sub": "bob"})) + "." + parts[2],
		"another token's signature":  parts[0] + "." + parts[1] + "." + strings.Split(stranger.sign(t, provider.claims(nil)), ".")[2],
		"alg none":                   encode(`{"alg":"none"}`) + "." + parts[1] + ".",
		"alg none with a signature":  encode(`{"alg":"none","kid":"rsa"}`) + "." + parts[1] + "." + parts[2],
		"alg not allowed":            unconfigured.sign(t, provider.claims(nil)),
		"HS256 with the public key":  hmacWithPublicKey(t, key, provider.claims(nil)),
		"a key of the token's own":   withOwnKey(t, stranger, provider.claims(nil)),
		"nothing":                    "",
		"an API key":                 "vg_live_00000000000000000000000000000000",
		"JSON serialization":         `{"protected":"` + parts[0] + `","payload":"` + parts[1] + `","signature":"` + parts[2] + `"}`,
		"surrounding spaces":         " " + good,
		"too long":                   good + strings.Repeat("A", 16<<10),
	}
	for name, token := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := verifier.Verify(t.Context(), token)
			assertRefused(t, err, token)
		})
	}
}

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func payloadOf(t *testing.T, claims map[string]any) string {
	t.Helper()
	data, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return encode(string(data))
}

// hmacWithPublicKey signs with what everybody knows, the public key, as if it were a shared secret.
func hmacWithPublicKey(t *testing.T, key signingKey, claims map[string]any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&key.private.(*rsa.PrivateKey).PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	return signingKey{key.id, jose.HS256, public}.sign(t, claims)
}

// withOwnKey makes a token that brings along the key that it is signed with.
func withOwnKey(t *testing.T, key signingKey, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: key.algorithm, Key: key.private}, &jose.SignerOptions{EmbedJWK: true})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign([]byte(mustJSON(t, claims)))
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func mustJSON(t *testing.T, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestTheCallerLearnsThatATokenHasExpired(t *testing.T) {
	key := ecKey("ec")
	provider := newIDP(t, key)
	verifier, at := provider.verifier(t, nil)
	token := key.sign(t, provider.claims(nil))
	at.advance(time.Hour + 61*time.Second)
	_, err := verifier.Verify(t.Context(), token)
	assertRefused(t, err, token)
	if got, want := fault.From(err).Detail, "The session token has expired. Sign in again."; got != want {
		t.Errorf("detail %q, want %q", got, want)
	}
}

// An e-mail that nobody verified may be anybody's.
func TestAnEmailCountsOnlyWhenTheProviderVerifiedIt(t *testing.T) {
	tests := map[string]struct {
		verified any
		want     string
	}{
		"true":             {true, "alice@example.com"},
		"true as a string": {"true", "alice@example.com"},
		"false":            {false, ""},
		"false, a string":  {"false", ""},
		"TRUE":             {"TRUE", ""},
		"1":                {1, ""},
		"null":             {nil, ""},
		"a list":           {[]bool{true}, ""},
	}
	key := ecKey("ec")
	provider := newIDP(t, key)
	verifier, _ := provider.verifier(t, nil)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			token := key.sign(t, provider.claims(map[string]any{"email": "alice@example.com", "email_verified": test.verified}))
			claims, err := verifier.Verify(t.Context(), token)
			if err != nil || claims.Email != test.want {
				t.Errorf("e-mail %q, %v; want %q", claims.Email, err, test.want)
			}
		})
	}
}

func TestAConfigurationThatBreaksARuleIsRefusedByName(t *testing.T) {
	good := session.Config{Issuer: "https://issuer.example", Audience: audience}
	tests := map[string]struct {
		change func(*session.Config)
		want   string
	}{
		"no issuer":          {func(c *session.Config) { c.Issuer = "" }, "Issuer:"},
		"issuer over http":   {func(c *session.Config) { c.Issuer = "http://issuer.example" }, "Issuer:"},
		"keys over http":     {func(c *session.Config) { c.JWKSURL = "http://issuer.example/keys" }, "JWKSURL:"},
		"no audience":        {func(c *session.Config) { c.Audience = "" }, "Audience:"},
		"a shared secret":    {func(c *session.Config) { c.Algorithms = []string{"HS256"} }, "Algorithms:"},
		"no signature":       {func(c *session.Config) { c.Algorithms = []string{"none"} }, "Algorithms:"},
		"a negative leeway":  {func(c *session.Config) { c.Leeway = -1 }, "Leeway:"},
		"all of them listed": {func(c *session.Config) { *c = session.Config{Leeway: -1} }, "Audience:"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			config := good
			test.change(&config)
			if _, err := session.NewVerifier(config); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v, want it to name %s", err, test.want)
			}
		})
	}
}

func TestLooksLikeTokenTellsATokenFromAKey(t *testing.T) {
	tests := map[string]bool{
		"aGk.aGk.aGk": true,
		"a-b_.c.d":    true,
		"vg_live_00000000000000000000000000000000": false,
		"a.b":     false,
		"a.b.c.d": false,
		"a.b.":    false,
		"..":      false,
		"":        false,
		"a b.c.d": false,
		"a.b.c=":  false,
		"a.b.c\n": false,
	}
	for text, want := range tests {
		if got := session.LooksLikeToken(text); got != want {
			t.Errorf("LooksLikeToken(%q) = %v, want %v", text, got, want)
		}
	}
}
