// Package keys is the service behind the admin endpoints: what may be asked for, and what becomes of it. Rules about
// fields live here; how they are written on the wire, and how they are kept, does not.
//
// A create and a PATCH are the same edit (edit.go): a create is that of a key which has every default. Whatever an edit,
// an enabling or a new secret gives somebody is weighed against what the caller holds (grants.go, bounds.go).
package keys

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// Service manages the keys of organizations.
type Service struct {
	Store         apikey.Keys
	Organizations org.Store
	Catalog       *policy.Catalog
	Desk          grant.Desk       // who asks, and what they hold
	Keyring       *keyring.Keyring // nil where nothing is hashed
	Tokens        Tokens           // makes secrets in JWT format; nil where no secret is made
	Brand         string
	Now           func() time.Time
}

// Tokens makes secrets in JWT format; jwtkey.Issuer does.
type Tokens interface {
	// Issue signs a token for key as it is: its ID, environment, roles, and expiry as its exp.
	Issue(ctx context.Context, key *apikey.Key, now time.Time) (apikey.Secret, error)
}

// Caller is who asks, in which organization.
type Caller = grant.Caller

// Get is the key as it is now. A caller that is a key sees those of its own environment alone.
func (s *Service) Get(ctx context.Context, caller Caller, id apikey.ID) (*apikey.Key, error) {
	sight, err := s.sight(ctx, caller)
	if err != nil {
		return nil, err
	}
	return see(ctx, s.Store, caller.Organization, sight, id)
}

// sight is the environment whose keys the caller sees; empty: a member sees all.
func (s *Service) sight(ctx context.Context, caller Caller) (apikey.Environment, error) {
	if !caller.IsKey() {
		return "", nil
	}
	principal, err := s.Desk.Principal(ctx, caller)
	return sightOf(principal), err
}

func sightOf(principal grant.Principal) apikey.Environment { return principal.Holding.Environment }

// see is the key; what the caller does not see looks as if it did not exist.
func see(ctx context.Context, store apikey.Keys, organization org.ID, sight apikey.Environment, id apikey.ID) (*apikey.Key, error) {
	key, err := store.Key(ctx, organization, id)
	if err == nil && sight != "" && key.Environment != sight {
		return nil, apikey.NotFound()
	}
	return key, err
}

// now is the time in whole seconds, as everything is kept.
func (s *Service) now() time.Time { return wholeSeconds(s.Now()) }

func wholeSeconds(at time.Time) time.Time { return at.UTC().Truncate(time.Second) }
