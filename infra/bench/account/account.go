// Package account is an organization on a store in this process, with the services that measure what it costs to use.
package account

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"path/filepath"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/authorize"
	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// Store is what the services of an account stand on.
type Store interface {
	apikey.Spender
	apikey.Keys
	org.Store
}

// ID is the organization that measurements are made with.
const ID = org.ID("org_bench")

// tier is the tier of every key: its limit is one that nobody comes near.
const tier = "enterprise"

// Account is the organization's services.
type Account struct {
	Keys      *keys.Service
	Authorize *authorize.Service
	Ring      *keyring.Ring
}

// Open opens the account on store, and founds its organization where there is none. Its peppers are in dir.
func Open(ctx context.Context, store Store, dir string) (*Account, error) {
	catalog, err := policy.Load(policy.Shipped)
	if err != nil {
		return nil, err
	}
	catalog.Tiers[len(catalog.Tiers)-1].RequestsPerMinute = math.MaxInt32
	peppers := keyring.New(keyring.File{Path: filepath.Join(dir, "peppers.json")}, func(error) {})
	ring, err := peppers.Ring(ctx)
	if err != nil {
		return nil, err
	}
	return &Account{
		Ring: ring,
		Keys: &keys.Service{
			Store: store, Organizations: store, Catalog: catalog, Keyring: peppers, Brand: apikey.DefaultBrand, Now: time.Now,
		},
		Authorize: &authorize.Service{
			Store: store, Keyring: peppers, Catalog: catalog, Brand: apikey.DefaultBrand, Now: time.Now, Log: slog.New(slog.DiscardHandler),
			Refusals: authorize.NewRefusals(), Suspects: authorize.NewSuspects(), Touches: authorize.NewTouches(),
		},
	}, found(ctx, store)
}

func found(ctx context.Context, store Store) error {
	now := time.Now().UTC().Truncate(time.Second)
	admin := org.Identity{Issuer: "https://id.example", Subject: "bench"}
	return store.Found(ctx,
		org.Organization{ID: ID, Name: "Bench", Tier: tier, MaxTier: tier, KeyLimit: math.MaxInt32, CreatedAt: now, CursorKey: make([]byte, 32)},
		org.Member{Identity: admin, Organization: ID, Roles: []string{policy.FirstRole}, Status: org.MemberActive, JoinedAt: now},
		audit.NewEntry(now, audit.MemberActor(admin.Subject), audit.OrganizationCreated, string(ID), netip.Addr{}))
}

// Caller is the organization's Admin.
func (a *Account) Caller() keys.Caller {
	return keys.Caller{Organization: ID, Actor: audit.MemberActor("bench"), Subject: "bench", Roles: []string{policy.FirstRole}}
}

// Create makes the nth key.
func (a *Account) Create(ctx context.Context, n int) (keys.Created, error) {
	return a.Keys.Create(ctx, a.Caller(), keys.Draft{Name: fmt.Sprintf("bench %d", n), Tier: tier}, nil)
}

// Admit authorizes a request with that secret. That it is refused is an error.
func (a *Account) Admit(ctx context.Context, secret apikey.Secret) error {
	decision, err := a.Authorize.Authorize(ctx, authorize.Request{
		Credential: secret.Reveal(), Environment: apikey.Production, Address: netip.AddrFrom4([4]byte{192, 0, 2, 1}),
		Service: a.Authorize.Catalog.Service("dns"), Method: "GET", Path: "/zones",
	})
	if err == nil && !decision.Allowed() {
		err = fmt.Errorf("a request was refused: %s", decision.Reason)
	}
	return err
}
