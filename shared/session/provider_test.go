package session_test

import (
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/session"
)

func assertAccepted(t *testing.T, verifier *session.Verifier, token string) {
	t.Helper()
	if _, err := verifier.Verify(t.Context(), token); err != nil {
		t.Errorf("refused: %v", err)
	}
}

func assertOutage(t *testing.T, verifier *session.Verifier, token string) {
	t.Helper()
	if _, err := verifier.Verify(t.Context(), token); !errors.Is(err, fault.Unavailable) {
		t.Errorf("error = %v, want fault.Unavailable", err)
	}
}

func TestTheProviderIsAskedOnceAndAtFirstUse(t *testing.T) {
	key := ecKey("ec")
	provider := newIDP(t, key)
	verifier, _ := provider.verifier(t, nil)
	provider.assertAsked(t, "/.well-known/openid-configuration", 0)
	token := key.sign(t, provider.claims(nil))
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() { assertAccepted(t, verifier, token) })
	}
	all.Wait()
	provider.assertAsked(t, "/.well-known/openid-configuration", 1)
	provider.assertAsked(t, "/keys", 1)
}

func TestAConfiguredKeyURLNeedsNoDiscovery(t *testing.T) {
	key := ecKey("ec")
	provider := newIDP(t, key)
	verifier, _ := provider.verifier(t, func(c *session.Config) {
		c.Issuer, c.JWKSURL = "https://issuer.example", provider.URL+"/keys"
	})
	assertAccepted(t, verifier, key.sign(t, provider.claims(map[string]any{"iss": "https://issuer.example"})))
	provider.assertAsked(t, "/.well-known/openid-configuration", 0)
}

func TestANewKeyOfTheProviderIsPickedUp(t *testing.T) {
	old, next := ecKey("old"), ecKey("next")
	provider := newIDP(t, old)
	verifier, at := provider.verifier(t, nil)
	assertAccepted(t, verifier, old.sign(t, provider.claims(nil)))
	provider.publish(old, next)
	at.advance(10 * time.Second)
	assertAccepted(t, verifier, next.sign(t, provider.claims(nil)))
	provider.assertAsked(t, "/keys", 2)
}

func TestAKeyThatTheProviderWithdrewDiesWithinTheHour(t *testing.T) {
	key := ecKey("ec")
	provider := newIDP(t, key)
	verifier, at := provider.verifier(t, nil)
	token := key.sign(t, provider.claims(map[string]any{"exp": noon.Add(24 * time.Hour).Unix()}))
	assertAccepted(t, verifier, token)
	provider.publish(ecKey("other"))
	at.advance(time.Hour)
	_, err := verifier.Verify(t.Context(), token)
	assertRefused(t, err, token)
}

// Anybody can invent kids: they must not be able to make us flood the provider.
func TestAFloodOfUnknownKidsAsksTheProviderOnce(t *testing.T) {
	key := ecKey("ec")
	provider := newIDP(t, key)
	verifier, at := provider.verifier(t, nil)
	assertAccepted(t, verifier, key.sign(t, provider.claims(nil)))
	at.advance(10 * time.Second)
	tokens := make([]string, 64)
	for i := range tokens {
		tokens[i] = ecKey(fmt.Sprint("invented", i)).sign(t, provider.claims(nil))
	}
	var all sync.WaitGroup
	for _, token := range tokens {
		all.Go(func() {
			for range 4 {
				if _, err := verifier.Verify(t.Context(), token); !errors.Is(err, fault.Unauthorized) {
					t.Errorf("error = %v, want fault.Unauthorized", err)
				}
			}
		})
	}
	all.Wait()
	provider.assertAsked(t, "/keys", 2)
}

func TestAMalformedTokenNeverReachesTheProvider(t *testing.T) {
	provider := newIDP(t, rsaKey())
	verifier, _ := provider.verifier(t, nil)
	for _, token := range []string{"a.b.c", hmacWithPublicKey(t, rsaKey(), provider.claims(nil))} {
		_, err := verifier.Verify(t.Context(), token)
		assertRefused(t, err, token)
	}
	provider.assertAsked(t, "/.well-known/openid-configuration", 0)
	provider.assertAsked(t, "/keys", 0)
}

func TestAProviderThatGivesNoKeysIsAnOutageThatEndsByItself(t *testing.T) {
	tests := map[string]http.HandlerFunc{
		"down":    down,
		"no JSON": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"an endless answer": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"pad":"` + strings.Repeat("a", 300<<10) + `"}`))
		},
		"a redirection": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"another issuer": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"issuer":"https://issuer.example"}`))
		},
		"keys over http": func(w http.ResponseWriter, r *http.Request) {
			_, _ = fmt.Fprintf(w, `{"issuer":"http://%s","jwks_uri":"http://issuer.example/keys"}`, r.Host)
		},
	}
	for name, how := range tests {
		t.Run(name, func(t *testing.T) {
			key := ecKey("ec")
			provider := newIDP(t, key)
			provider.breakdown(how)
			verifier, at := provider.verifier(t, nil)
			token := key.sign(t, provider.claims(nil))
			assertOutage(t, verifier, token)
			provider.breakdown(nil)
			at.advance(10 * time.Second)
			assertAccepted(t, verifier, token)
		})
	}
}

func TestKeysThatCannotBeFetchedAreAnOutageForOneSecond(t *testing.T) {
	key := ecKey("ec")
	provider := newIDP(t, key)
	verifier, at := provider.verifier(t, func(c *session.Config) { c.JWKSURL = provider.URL + "/keys" })
	token := key.sign(t, provider.claims(nil))
	provider.breakdown(down)
	for range 100 {
		assertOutage(t, verifier, token)
	}
	provider.assertAsked(t, "/keys", 1)
	provider.breakdown(nil)
	at.advance(time.Second)
	// go-oidc lets its waiters go before it forgets what they waited for: the next may still join that.
	for range 100 {
		if _, err := verifier.Verify(t.Context(), token); err == nil {
			break
		}
		runtime.Gosched()
	}
	assertAccepted(t, verifier, token)
}

func TestKnownKeysGoOnWhileTheProviderIsDown(t *testing.T) {
	key, stranger := ecKey("ec"), ecKey("stranger")
	provider := newIDP(t, key)
	verifier, at := provider.verifier(t, nil)
	token := key.sign(t, provider.claims(map[string]any{"exp": noon.Add(24 * time.Hour).Unix()}))
	assertAccepted(t, verifier, token)
	provider.breakdown(down)
	for range 3 {
		at.advance(time.Hour)
		assertAccepted(t, verifier, token)
	}
	unknown := stranger.sign(t, provider.claims(map[string]any{"exp": noon.Add(24 * time.Hour).Unix()}))
	_, err := verifier.Verify(t.Context(), unknown)
	assertRefused(t, err, unknown)
}

// transport is a way to the provider that a test sets.
type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(request *http.Request) (*http.Response, error) { return t(request) }

func TestAProviderThatHangsIsGivenUpAfterThreeSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		verifier, err := session.NewVerifier(session.Config{
			Issuer:   "https://issuer.example",
			Audience: audience,
			HTTP: transport(func(request *http.Request) (*http.Response, error) {
				<-request.Context().Done()
				return nil, request.Context().Err()
			}),
		})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		assertOutage(t, verifier, ecKey("ec").sign(t, map[string]any{"sub": "alice"}))
		if waited := time.Since(began); waited != 3*time.Second {
			t.Errorf("gave up after %s, want 3s", waited)
		}
	})
}
