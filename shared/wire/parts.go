package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/authorize"
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/metric"
	"github.com/keyward/keyward/shared/session"
)

// Parts is what the functions stand on. Each method builds one function; nothing is built that it does not use.
type Parts struct {
	Config  Config
	Store   apikey.Store
	Keyring *keyring.Keyring
	Now     func() time.Time
	Log     *slog.Logger
	Count   metric.Counter
	Session session.Config // how the identity provider is reached, beside Config's issuer and audience
}

// Authorizer is functions/authorizer.
func (p Parts) Authorizer() (*httpapi.Authorizer, error) {
	sessions, err := p.sessions()
	if err != nil {
		return nil, err
	}
	for id, api := range p.Config.AppSync {
		if p.Config.Catalog.Service(api.Service) == nil {
			return nil, fmt.Errorf("KEYWARD_APPSYNC: %s: service %q is not one of the catalog", id, api.Service)
		}
	}
	return &httpapi.Authorizer{
		Keys:     p.authorize(),
		Sessions: sessions,
		Catalog:  p.Config.Catalog,
		AppSync:  p.Config.AppSync,
		Now:      p.Now,
		Log:      p.Log,
		Count:    p.Count,
	}, nil
}

func (p Parts) sessions() (*session.Service, error) {
	config := p.Session
	config.Issuer, config.Audience, config.Now = p.Config.Issuer, p.Config.Audience, p.Now
	verifier, err := session.NewVerifier(config)
	if err != nil {
		return nil, fmt.Errorf("KEYWARD_ISSUER and KEYWARD_AUDIENCE: %w", err)
	}
	return &session.Service{
		Verifier:         verifier,
		Organizations:    p.Store,
		Spender:          p.Store,
		Catalog:          p.Config.Catalog,
		Signup:           p.Config.Signup,
		FirstAdmin:       p.Config.FirstAdmin,
		OrganizationName: p.Config.Organization,
		Now:              p.Now,
	}, nil
}

// Create is functions/create.
func (p Parts) Create() httpapi.Handler { return p.edge().Create(p.keys()) }

// List is functions/list.
func (p Parts) List() httpapi.Handler { return p.edge().List(p.keys()) }

// Get is functions/get.
func (p Parts) Get() httpapi.Handler { return p.edge().Get(p.keys()) }

// Update is functions/update.
func (p Parts) Update() httpapi.Handler { return p.edge().Update(p.keys()) }

// Revoke is functions/revoke.
func (p Parts) Revoke() httpapi.Handler { return p.edge().Revoke(p.keys()) }

// Verify is functions/verify: verify and forward-auth.
func (p Parts) Verify() httpapi.Handler {
	return p.edge().VerifyOrForward(p.authorize(), p.Store, p.Config.Proxies)
}

// Sample is functions/sample.
func (p Parts) Sample() httpapi.Handler { return p.edge().Sample() }

// Cleanup is functions/cleanup.
func (p Parts) Cleanup() func(ctx context.Context, event json.RawMessage) (keys.Cleaned, error) {
	return p.edge().Cleanup(&keys.Cleanup{Store: p.Store, Catalog: p.Config.Catalog, Now: p.Now})
}

func (p Parts) edge() httpapi.Edge { return httpapi.Edge{Now: p.Now, Log: p.Log, Count: p.Count} }

func (p Parts) keys() *keys.Service {
	return &keys.Service{
		Store:         p.Store,
		Organizations: p.Store,
		Catalog:       p.Config.Catalog,
		Keyring:       p.Keyring,
		Brand:         p.Config.Brand,
		Now:           p.Now,
	}
}

func (p Parts) authorize() *authorize.Service {
	return &authorize.Service{
		Store:    p.Store,
		Keyring:  p.Keyring,
		Catalog:  p.Config.Catalog,
		Brand:    p.Config.Brand,
		Now:      p.Now,
		Log:      p.Log,
		Refusals: authorize.NewRefusals(),
		Suspects: authorize.NewSuspects(),
		Touches:  authorize.NewTouches(),
	}
}
