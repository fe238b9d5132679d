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
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/jwtkey"
	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// Store is what the services of an account stand on.
type Store interface {
	apikey.Spender
	apikey.Keys
	apikey.PublicKeys
	org.Store
}

// ID is the organization that measurements are made with.
const ID = org.ID("org_bench")

// tier is the tier of every key: its limit is one that nobody comes near.
const tier = "enterprise"

// issuer is that of keys in JWT format.
const issuer = "bench"

// Account is the organization's services.
type Account struct {
	Keys      *keys.Service
	Authorize *authorize.Service

	store Store
	dir   string
}

// Open opens the account on store, and founds its organization where there is none. Its peppers are in dir, and what
// signs keys in JWT format.
func Open(ctx context.Context, store Store, dir string) (*Account, error) {
	catalog, err := policy.Load(policy.Shipped)
	if err != nil {
		return nil, err
	}
	catalog.Tiers[len(catalog.Tiers)-1].RequestsPerMinute = math.MaxInt32
	peppers := keyring.New(keyring.File{Path: filepath.Join(dir, "peppers.json")}, func(error) {})
	a := &Account{
		store: store, dir: dir,
		Keys: &keys.Service{
			Store: store, Organizations: store, Catalog: catalog, Keyring: peppers, Brand: apikey.DefaultBrand, Now: time.Now,
			Desk: grant.Desk{Records: store, Organizations: store, Catalog: catalog, Now: time.Now},
		},
		Authorize: &authorize.Service{
			Store: store, Keyring: peppers, Catalog: catalog, Brand: apikey.DefaultBrand, Now: time.Now, Log: slog.New(slog.DiscardHandler),
			Refusals: authorize.NewRefusals(), Suspects: authorize.NewSuspects(), Touches: authorize.NewTouches(),
		},
	}
	a.Forget()
	a.ForgetSigners()
	return a, found(ctx, store)
}

// Forget makes what authorizes a process that has seen no key yet.
func (a *Account) Forget() { a.Authorize.Known = authorize.NewKnown() }

// ForgetSigners makes it one that has seen no key in JWT format yet.
func (a *Account) ForgetSigners() {
	a.Authorize.Tokens = jwtkey.NewVerifier(issuer, a.store, func(error) {})
}

// Sign has keys in JWT format signed with that algorithm from now on.
func (a *Account) Sign(ctx context.Context, algorithm jwtkey.Algorithm) error {
	vault := jwtkey.File{Path: filepath.Join(a.dir, string(algorithm)+".json")}
	_, err := jwtkey.Custodian{Vault: vault, Keys: a.store, Algorithm: algorithm, Now: time.Now}.Ensure(ctx)
	a.Keys.Tokens = jwtkey.Issuer{Name: issuer, Source: vault}
	return err
}

// GiveRole gives the organization a role of its own, and none beside it.
func (a *Account) GiveRole(ctx context.Context, role org.Role) error {
	roles, err := a.store.Roles(ctx, ID)
	if err != nil {
		return err
	}
	entry := audit.NewEntry(time.Now(), audit.MemberActor(admin.Subject), audit.RoleUpdated, role.Name, netip.Addr{})
	return a.store.ChangeRoles(ctx, org.RolesChange{Organization: ID, Version: roles.Version, After: []org.Role{role}, Activity: &entry})
}

// admin is the organization's first member.
var admin = org.Identity{Issuer: "https://id.example", Subject: "bench"}

func found(ctx context.Context, store Store) error {
	now := time.Now().UTC().Truncate(time.Second)
	return store.Found(ctx,
		org.Organization{ID: ID, Name: "Bench", Tier: tier, MaxTier: tier, KeyLimit: math.MaxInt32, CreatedAt: now, CursorKey: make([]byte, 32)},
		org.Member{Identity: admin, Organization: ID, Roles: []string{policy.FirstRole}, Status: org.MemberActive, JoinedAt: now},
		audit.NewEntry(now, audit.MemberActor(admin.Subject), audit.OrganizationCreated, string(ID), netip.Addr{}))
}

// Caller is the organization's Admin.
func (a *Account) Caller() keys.Caller {
	return keys.Caller{Organization: ID, Identity: admin, Roles: []string{policy.FirstRole}}
}

// Create makes the nth key, which has all that its creator has.
func (a *Account) Create(ctx context.Context, n int) (keys.Created, error) {
	return a.Make(ctx, keys.Draft{Name: fmt.Sprintf("bench %d", n)})
}

// Make makes a key as the draft describes it, of a tier whose limit nobody comes near.
func (a *Account) Make(ctx context.Context, draft keys.Draft) (keys.Created, error) {
	draft.Tier = tier
	return a.Keys.Create(ctx, a.Caller(), draft, nil)
}

// Admit authorizes a request with that secret. That it is refused is an error.
func (a *Account) Admit(ctx context.Context, secret apikey.Secret) error {
	return a.AdmitFrom(ctx, secret, netip.AddrFrom4([4]byte{192, 0, 2, 1}), "")
}

// AdmitFrom is Admit of a request from an address, about a customer where one is named.
func (a *Account) AdmitFrom(ctx context.Context, secret apikey.Secret, address netip.Addr, customer string) error {
	decision, err := a.Authorize.Authorize(ctx, authorize.Request{
		Credential: secret.Reveal(), Environment: apikey.Production, Address: address, Customer: customer,
		Service: a.Authorize.Catalog.Service("dns"), Method: "GET", Path: "/zones",
	})
	if err == nil && !decision.Allowed() {
		err = fmt.Errorf("a request was refused: %s", decision.Reason)
	}
	return err
}
