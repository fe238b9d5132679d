package size

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"time"

	"github.com/keyward/keyward/infra/local/house"
	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/session"
	"github.com/keyward/keyward/shared/session/devoidc"
	"github.com/keyward/keyward/shared/sqlite"
	"github.com/keyward/keyward/shared/wire"
)

// home is the local run in this process, without its listener, and a member who is signed in.
type home struct {
	handler    http.Handler
	identities *httptest.Server
	token      string
}

func openHome(store *sqlite.Store, dir string) (*home, error) {
	provider, err := devoidc.Open(dir)
	if err != nil {
		return nil, err
	}
	token, err := provider.Token("dev", time.Now())
	if err != nil {
		return nil, err
	}
	config, err := boundlessConfig()
	if err != nil {
		return nil, err
	}
	identities := httptest.NewServer(provider.Handler())
	handler, err := house.New(wire.Parts{
		Config:  config,
		Store:   store,
		Keyring: peppers(dir),
		Now:     time.Now,
		Log:     slog.New(slog.DiscardHandler),
		Session: session.Config{JWKSURL: identities.URL + "/jwks.json"},
	}, provider.Handler())
	return &home{handler, identities, token}, err
}

// boundlessConfig is the local run's configuration, but that nobody comes near any limit.
func boundlessConfig() (wire.Config, error) {
	config, err := wire.ReadConfig(func(name string) string {
		return map[string]string{
			"KEYWARD_ISSUER": devoidc.Issuer, "KEYWARD_AUDIENCE": devoidc.Audience, "KEYWARD_SIGNUP": string(session.SignupPersonal),
		}[name]
	}, policy.Load)
	if err != nil {
		return config, err
	}
	config.Catalog.Organization.KeyLimit = math.MaxInt32
	config.Catalog.Sessions.RequestsPerMinute = math.MaxInt32
	config.Catalog.Tiers[len(config.Catalog.Tiers)-1].RequestsPerMinute = math.MaxInt32
	return config, nil
}

func peppers(dir string) *keyring.Keyring {
	return keyring.New(keyring.File{Path: filepath.Join(dir, "peppers.json")}, func(error) {})
}

// key is a key that was created through the API.
type key struct {
	ID     string `json:"key_id"`
	Secret string `json:"api_key"`
}

func (h *home) create(ctx context.Context, name string) (key, error) {
	body, err := h.ask(ctx, http.MethodPost, "/v1/keys", fmt.Sprintf(`{"name":%q,"tier":"enterprise"}`, name), "Authorization: Bearer "+h.token)
	var created struct {
		Data key `json:"data"`
	}
	return created.Data, errors.Join(err, json.Unmarshal([]byte(body), &created))
}

// ask makes a request, and gives the body of its answer. A refusal is an error.
func (h *home) ask(ctx context.Context, method, path, body, header string) (string, error) {
	request := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	name, value, _ := strings.Cut(header, ": ")
	request.Header.Set(name, value)
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	h.handler.ServeHTTP(recorder, request)
	if recorder.Code >= http.StatusBadRequest {
		return "", fmt.Errorf("%s %s: %d %s", method, path, recorder.Code, recorder.Body)
	}
	return recorder.Body.String(), nil
}
