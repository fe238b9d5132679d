package devoidc_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/session"
	"github.com/keyward/keyward/shared/session/devoidc"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, dir string) *devoidc.Provider {
	t.Helper()
	provider, err := devoidc.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return provider
}

// verifier verifies as the local run does: issuer and audience are the package's, the keys those that handler serves.
func verifier(t *testing.T, handler http.Handler, now time.Time) *session.Verifier {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	verifier, err := session.NewVerifier(session.Config{
		Issuer:   devoidc.Issuer,
		Audience: devoidc.Audience,
		JWKSURL:  server.URL + "/jwks.json",
		Now:      func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	return verifier
}

func TestItsTokensAreGoodForTwelveHours(t *testing.T) {
	provider := open(t, t.TempDir())
	token, err := provider.Token("dev", noon)
	if err != nil {
		t.Fatal(err)
	}
	want := session.Claims{Identity: org.Identity{Issuer: devoidc.Issuer, Subject: "dev"}, Email: "dev@keyward.localhost"}
	claims, err := verifier(t, provider.Handler(), noon.Add(12*time.Hour)).Verify(t.Context(), token)
	if err != nil || claims != want {
		t.Errorf("Verify = %+v, %v; want %+v", claims, err, want)
	}
	if _, err := verifier(t, provider.Handler(), noon.Add(12*time.Hour+61*time.Second)).Verify(t.Context(), token); err == nil {
		t.Error("the token was accepted after its time")
	}
}

func TestItsTokensOutliveARestart(t *testing.T) {
	dir := t.TempDir()
	token, err := open(t, dir).Token("alice", noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verifier(t, open(t, dir).Handler(), noon).Verify(t.Context(), token); err != nil {
		t.Errorf("refused after a restart: %v", err)
	}
}

func TestFirstStartsAtOnceEndWithOneKey(t *testing.T) {
	dir := t.TempDir()
	published := make([]string, 16)
	var all sync.WaitGroup
	for i := range published {
		all.Go(func() {
			provider, err := devoidc.Open(dir)
			if err != nil {
				t.Error(err)
				return
			}
			published[i] = get(provider, "/jwks.json").Body.String()
		})
	}
	all.Wait()
	for _, keys := range published {
		if keys != published[0] {
			t.Fatalf("keys %v, want one", published)
		}
	}
}

func get(provider *devoidc.Provider, path string) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	provider.Handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
	return recorder
}

func TestDiscoveryNamesTheIssuerAndItsKeys(t *testing.T) {
	answer := get(open(t, t.TempDir()), "/.well-known/openid-configuration")
	for _, want := range []string{`"issuer":"http://keyward.localhost/oidc"`, `"jwks_uri":"http://keyward.localhost/oidc/jwks.json"`} {
		if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), want) {
			t.Errorf("%d %s, want %s", answer.Code, answer.Body, want)
		}
	}
}

// The published key must not be the one that signs.
func TestThePrivateKeyStaysInItsFile(t *testing.T) {
	dir := t.TempDir()
	if keys := get(open(t, dir), "/jwks.json").Body.String(); strings.Contains(keys, `"d":`) || !strings.Contains(keys, `"kid":`) {
		t.Errorf("published %s", keys)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v, %v; want one", files, err)
	}
	if info, err := files[0].Info(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
}

func TestAFileWithoutAKeyIsRefusedAndNamed(t *testing.T) {
	for _, content := range []string{"", "{}", `{"kty":"oct","k":"c2VjcmV0","alg":"ES256"}`} {
		dir := t.TempDir()
		path := filepath.Join(dir, "oidc-key.json")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := devoidc.Open(dir); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: error = %v, want it to name %s", content, err, path)
		}
	}
}

func TestAMembersNameHasOneTo64PlainCharacters(t *testing.T) {
	provider := open(t, t.TempDir())
	tests := map[string]bool{
		"dev":                   true,
		"Alice_B.c@example-1":   true,
		strings.Repeat("a", 64): true,
		strings.Repeat("a", 65): false,
		"":                      false,
		"a b":                   false,
		"é":                     false,
		"dev\n":                 false,
	}
	for member, want := range tests {
		_, err := provider.Token(member, noon)
		if (err == nil) != want || (!want && !strings.Contains(err.Error(), "1-64 characters")) {
			t.Errorf("Token(%q): error = %v, want accepted: %v", member, err, want)
		}
	}
}
