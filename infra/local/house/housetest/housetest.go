// Package housetest opens houses for tests: behind a real listener, with the development identity provider, over
// whatever store a test brings.
package housetest

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/acceptance"
	"github.com/keyward/keyward/infra/local/house"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/jwtkey"
	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/session"
	"github.com/keyward/keyward/shared/session/devoidc"
	"github.com/keyward/keyward/shared/sqlite"
	"github.com/keyward/keyward/shared/wire"
)

// Operator is the member who operates the houses that Open opens.
const Operator = "operator"

// Open opens two houses over the same store until the test ends: one that trusts no proxy, and one that trusts this
// machine.
func Open(t testing.TB, store apikey.Store) acceptance.Target {
	t.Helper()
	dir := t.TempDir()
	provider, err := devoidc.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	parts := Parts(t, store, dir)
	url := serve(t, parts, provider)
	parts.Config.Proxies = httpapi.Proxies{netip.MustParsePrefix("127.0.0.0/8")}
	return acceptance.Target{
		URL:         url,
		TrustingURL: serve(t, parts, provider),
		Sample:      func(environment string) string { return url + "/sample/" + environment },
		Token: func(t testing.TB, member string) string {
			t.Helper()
			token, err := provider.Token(member, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			return token
		},
		Operator: Operator,
		Parallel: 4,
	}
}

// Parts are those of a house over store, whose peppers are in dir. They say nothing of how the identity provider is
// reached.
func Parts(t testing.TB, store apikey.Store, dir string) wire.Parts {
	t.Helper()
	catalog, err := policy.Load(policy.Shipped)
	if err != nil {
		t.Fatal(err)
	}
	vault := jwtkey.File{Path: filepath.Join(dir, "signing.json")}
	parts := wire.Parts{
		Config: wire.Config{
			Catalog:      catalog,
			Brand:        apikey.DefaultBrand,
			Issuer:       devoidc.Issuer,
			Audience:     devoidc.Audience,
			Signup:       session.SignupPersonal,
			Operators:    []string{Operator},
			KeyIssuer:    "keyward",
			KeyAlgorithm: jwtkey.EdDSA,
		},
		Store:   store,
		Signing: vault,
		Vault:   vault,
		Keyring: keyring.New(keyring.File{Path: filepath.Join(dir, "peppers.json")}, func(err error) { t.Error(err) }),
		Now:     time.Now,
		Log:     slog.New(slog.NewTextHandler(failures{t}, &slog.HandlerOptions{Level: slog.LevelError})),
	}
	if err := house.EnsureSigningKeys(t.Context(), parts); err != nil {
		t.Fatal(err)
	}
	return parts
}

// SQLite is an empty store, closed when the test ends.
func SQLite(t testing.TB) *sqlite.Store {
	t.Helper()
	store, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "keyward.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// serve answers on a port of its own, until the test ends.
func serve(t testing.TB, parts wire.Parts, provider *devoidc.Provider) (url string) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	t.Cleanup(server.Close)
	url = "http://" + server.Listener.Addr().String()
	parts.Session = session.Config{JWKSURL: url + "/oidc/jwks.json"}
	home, err := house.New(parts, provider.Handler())
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = home
	server.Start()
	return url
}

// failures makes a test fail where the house logs an error: none of what a caller does is one.
type failures struct{ t testing.TB }

func (f failures) Write(line []byte) (int, error) {
	f.t.Errorf("the house logged an error: %s", line)
	return len(line), nil
}
