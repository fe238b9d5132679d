package protect

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/emulator"
	"github.com/keyward/keyward/infra/emulator/emulatortest"
)

// A customer's stack with three lines for each API, infra/protect/example, beside keyward's in the same account: who has no key
// doesn't get in, who has one does, until it is revoked, and as often as its limit says.
func TestExample_isProtected(t *testing.T) {
	provider, issuer := emulatortest.Identities(t)
	emulated := emulatortest.Start(t, emulator.Options{})
	build := emulatortest.NewBuild(t)
	ours, err := emulated.Deploy(t.Context(), build.App, build.Context(issuer, nil), "--all")
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := emulated.Deploy(t.Context(), buildExample(t), nil, "zones")
	if err != nil {
		t.Fatal(err)
	}
	target := emulatortest.Target(emulated, ours["keyward"], provider)
	account := admin{target.URL, target.Token(t, "customer")}
	t.Run("REST", func(t *testing.T) { protects(t, account, restURL(t, emulated, theirs["zones"]), ofREST) })
	t.Run("HTTP", func(t *testing.T) { protects(t, account, httpURL(emulated, theirs["zones"]), ofHTTP) })
	t.Run("what is public needs no key", func(t *testing.T) {
		status := restURL(t, emulated, theirs["zones"]) + "/status"
		if got := send(t, http.MethodGet, status, nil, nil); got.status != http.StatusOK {
			t.Errorf("GET /status is %d, want 200: %s", got.status, got.text)
		}
	})
	if t.Failed() {
		t.Log(emulated.Log())
	}
}

// refusals are the statuses that a kind of API refuses with.
type refusals struct{ unauthorized, limited int }

// The emulator makes a 500 of an HTTP API's authorizer that answers Unauthorized, of which docs/fidelity.md takes for granted
// that AWS makes a 401.
var (
	ofREST = refusals{http.StatusUnauthorized, http.StatusTooManyRequests}
	ofHTTP = refusals{http.StatusInternalServerError, http.StatusForbidden}
)

// protects holds an API with GET /zones to what a protected API promises.
func protects(t *testing.T, account admin, api string, of refusals) {
	get := func(headers map[string]string) answer { return send(t, http.MethodGet, api+"/zones", headers, nil) }
	if got := get(nil); got.status != of.unauthorized {
		t.Errorf("without a key: %d, want %d: %s", got.status, of.unauthorized, got.text)
	}
	if got := get(map[string]string{"X-API-Key": "vg_live_00000000000000000000000000000000"}); got.status != of.unauthorized {
		t.Errorf("with a wrong key: %d, want %d: %s", got.status, of.unauthorized, got.text)
	}
	secret, id := account.create(t, map[string]any{"name": t.Name(), "rate_limit": 100})
	for _, headers := range []map[string]string{{"X-API-Key": secret}, {"Authorization": "Bearer " + secret}} {
		got := get(headers)
		if got.status != http.StatusOK || !strings.Contains(got.text, id) {
			t.Errorf("with a key: %d, want 200 and %s: %s", got.status, id, got.text)
		}
		if limit := got.headers.Get("X-RateLimit-Limit"); limit != "100" {
			t.Errorf("X-RateLimit-Limit is %q, want 100", limit)
		}
	}
	account.revoke(t, id)
	if got := get(map[string]string{"X-API-Key": secret}); got.status != of.unauthorized {
		t.Errorf("with a revoked key: %d, want %d: %s", got.status, of.unauthorized, got.text)
	}
	secret, _ = account.create(t, map[string]any{"name": t.Name() + " again", "rate_limit": 1})
	isLimited(t, func() answer { return get(map[string]string{"X-API-Key": secret}) }, of.limited)
}

// isLimited sends three requests with a key that has one a minute. Even where the minute rolls over between them, one is refused.
func isLimited(t *testing.T, get func() answer, refused int) {
	t.Helper()
	var got []int
	for range 3 {
		got = append(got, get().status)
	}
	strange := slices.ContainsFunc(got, func(status int) bool { return status != http.StatusOK && status != refused })
	if got[0] != http.StatusOK || !slices.Contains(got, refused) || strange {
		t.Errorf("a key with one request a minute: %v, want 200 and then %d", got, refused)
	}
}
