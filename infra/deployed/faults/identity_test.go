package faults

import (
	"net/http"
	"testing"
	"time"
)

// An identity provider that gives no keys keeps members out with a 503, and nobody else: keys never ask it. A second after it
// answers again everybody is in.
func TestAStartWithoutTheIdentityProviderIsAnOutageUntilItAnswers(t *testing.T) {
	for name, happens := range map[string]mishap{
		"an internal error": internalError, "nobody there": unavailable, "a proxy's 502": gateway, "no connection": cutBefore,
		"half an answer": cutMiddle, "no JSON": garbled,
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			token := h.token("ann")
			w := h.newWorker("provider", token, 1)
			w.create()
			h.url = h.another(0)
			h.identities.broken(every(1, nil, happens))
			if got := h.ask("GET", "/v1/keys", token, ""); got.status != http.StatusServiceUnavailable {
				t.Errorf("a session: status %d %v", got.status, got.body)
			}
			if got := w.use(w.keys[0]); got.status != http.StatusOK {
				t.Errorf("a key: status %d %v", got.status, got.body)
			}
			h.identities.mend()
			h.clock.Advance(time.Second)
			w.recover()
		})
	}
}

// Whose keys were read once stays believed while the provider is away, also when they would be read again.
func TestAProviderThatGoesAwayKeepsNobodyOut(t *testing.T) {
	h := open(t)
	token := h.token("ann")
	w := h.newWorker("provider", token, 1)
	w.create()
	h.identities.broken(every(1, nil, cutBefore))
	for range 3 {
		if got := h.ask("GET", "/v1/keys", token, ""); got.status != http.StatusOK {
			t.Errorf("status %d %v", got.status, got.body)
		}
		h.clock.Advance(61 * time.Minute)
	}
	if got := h.ask("GET", "/v1/keys", token[:len(token)-8]+"AAAAAAAA", ""); got.status != http.StatusUnauthorized {
		t.Errorf("a forged session: status %d %v", got.status, got.body)
	}
}

// The public keys of JWT-format keys are in the table. A process that can't read them lets no such key in, and each at once when
// it can.
func TestAStartWithoutThePublicKeysIsAnOutageUntilTheyCanBeRead(t *testing.T) {
	for name, happens := range map[string]mishap{"throttled": throughput, "an internal error": internalError, "no connection": cutBefore, "no JSON": garbled} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			token := h.token("ann")
			made := h.ask("POST", "/v1/keys", token, `{"name":"jwt","format":"jwt","permissions":["dns:read"]}`)
			h.url = h.another(0)
			h.dynamo.broken(every(1, func(c call) bool { return c.operation == "Query" }, happens))
			for path, credential := range map[string]string{zones: made.text("api_key"), "/.well-known/jwks.json": ""} {
				if got := h.ask("GET", path, credential, ""); got.status != http.StatusServiceUnavailable {
					t.Errorf("%s: status %d %v", path, got.status, got.body)
				}
			}
			h.dynamo.mend()
			for path, credential := range map[string]string{zones: made.text("api_key"), "/.well-known/jwks.json": ""} {
				if got := h.ask("GET", path, credential, ""); got.status != http.StatusOK {
					t.Errorf("%s, with nothing broken any more: status %d %v", path, got.status, got.body)
				}
			}
		})
	}
}
