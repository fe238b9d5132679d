package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/journal"
	"github.com/keyward/keyward/shared/jwtkey"
	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/metric"
	"github.com/keyward/keyward/shared/replay"
	"github.com/keyward/keyward/shared/session"
)

// Parts is what the functions stand on. Each method builds one function; nothing is built that it does not use.
type Parts struct {
	Config  Config
	Store   apikey.Store
	Keyring *keyring.Keyring
	Signing keyring.Source // of the signing keys; nil where nothing is signed
	Vault   keyring.Vault  // of the signing keys, where they are made; nil elsewhere
	Now     func() time.Time
	Log     *slog.Logger
	Journal *journal.Journal // of decisions and requests; nil: none
	Tally   *metric.Tally    // counts what is asked of the store, for the journal; nil where nobody counts
	Session session.Config   // how the identity provider is reached, beside Config's issuer and audience
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
		Counters: p.Store,
		Catalog:  p.Config.Catalog,
		AppSync:  p.Config.AppSync,
		Now:      p.Now,
		Log:      p.Log,
		Journal:  p.Journal,
	}, nil
}

// Create is functions/create.
func (p Parts) Create() httpapi.Handler { return p.edge().Create(p.keys()) }

// List is functions/list.
func (p Parts) List() httpapi.Handler { return p.edge().List(p.keys()) }

// Get is functions/get.
func (p Parts) Get() httpapi.Handler { return p.edge().Get(p.keys()) }

// Update is functions/update: PATCH, disable and enable.
func (p Parts) Update() httpapi.Handler { return p.edge().UpdateOrSwitch(p.keys()) }

// Revoke is functions/revoke.
func (p Parts) Revoke() httpapi.Handler { return p.edge().Revoke(p.keys()) }

// Regenerate is functions/regenerate.
func (p Parts) Regenerate() httpapi.Handler { return p.edge().Regenerate(p.keys()) }

// Verify is functions/verify: verify and forward-auth.
func (p Parts) Verify() httpapi.Handler {
	service := p.authorize()
	return p.edge().VerifyOrForward(service, p.Store, p.explainer(service), p.Config.Proxies)
}

// Explain is functions/explain.
func (p Parts) Explain() httpapi.Handler { return p.edge().Explain(p.explainer(p.authorize())) }

// Account is functions/account.
func (p Parts) Account() httpapi.Handler { return p.edge().Account(p.team()) }

// Members is functions/members.
func (p Parts) Members() httpapi.Handler { return p.edge().Members(p.team()) }

// Roles is functions/roles.
func (p Parts) Roles() httpapi.Handler { return p.edge().Roles(p.team()) }

// Catalog is functions/catalog.
func (p Parts) Catalog() httpapi.Handler { return p.edge().Catalog(p.Config.Catalog, p.Store) }

// JWKS is functions/jwks.
func (p Parts) JWKS() httpapi.Handler { return p.edge().JWKS(p.Store) }

// Retier is functions/retier.
func (p Parts) Retier() httpapi.Retier { return p.edge().Retier(p.Follower()) }

// Replay is functions/replay.
func (p Parts) Replay() httpapi.Replay {
	return p.edge().Replay(replay.Service{Store: p.Store, Table: p.Config.Table, Closed: p.Config.RefuseAll, Catalog: p.Config.Catalog, Now: p.Now})
}

// Sample is functions/sample.
func (p Parts) Sample() httpapi.Handler { return p.edge().Sample() }

// Cleanup is functions/cleanup.
func (p Parts) Cleanup() func(ctx context.Context, event json.RawMessage) (keys.Cleaned, error) {
	follower := p.Follower()
	return p.edge().Cleanup(&keys.Cleanup{Store: p.Store, Follower: &follower, Catalog: p.Config.Catalog, Now: p.Now})
}

// SigningKeys is functions/signingkeys.
func (p Parts) SigningKeys() jwtkey.Custodian {
	return jwtkey.Custodian{Vault: p.Vault, Keys: p.Store, Algorithm: p.Config.KeyAlgorithm, Notice: jwtkey.Notice, Now: p.Now}
}
