package keys

import (
	"context"
	"errors"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
)

// Created is a new key with its secret: the only time that the secret is shown.
type Created struct {
	Key      *apikey.Key
	Secret   apikey.Secret
	Warnings []string
	Replayed bool // an earlier create under the same Idempotency-Key made it
}

// idAttempts bounds how often an ID is drawn again because it was taken.
const idAttempts = 5

// Create makes a key. With an idempotency key, a create that already happened is replayed.
func (s *Service) Create(ctx context.Context, caller Caller, draft Draft, once *Once) (Created, error) {
	draft, err := draft.validate(s.Catalog)
	if err != nil {
		return Created{}, err
	}
	if once == nil {
		return s.createNew(ctx, caller, draft, nil)
	}
	return s.createOnce(ctx, caller, draft, once)
}

func (s *Service) createNew(ctx context.Context, caller Caller, draft Draft, once *sealer) (Created, error) {
	organization, err := s.Organizations.Organization(ctx, caller.Organization)
	if err != nil {
		return Created{}, err
	}
	key, err := s.design(caller, draft, organization)
	if err != nil {
		return Created{}, err
	}
	return s.make(ctx, caller, key, once)
}

// design works out all of a key but its identity.
func (s *Service) design(caller Caller, draft Draft, organization org.Organization) (*apikey.Key, error) {
	now := s.now()
	key := &apikey.Key{
		Record: apikey.Record{
			Organization: caller.Organization,
			Owner:        caller.Subject,
			Environment:  draft.Environment,
			Roles:        caller.Roles,
			Version:      1,
		},
		Details: apikey.Details{
			Name:        draft.Name,
			Description: draft.Description,
			Metadata:    draft.Metadata,
			CreatedAt:   now,
			CreatedBy:   string(caller.Actor),
			UpdatedAt:   now,
		},
	}
	if err := setLimits(key, s.Catalog, organization, draft.Tier, draft.RateLimit); err != nil {
		return nil, err
	}
	expiresAt, err := draft.Expiry.resolve(s.Catalog, now)
	key.ExpiresAt = expiresAt
	return key, err
}

// make gives the key an identity and stores it.
func (s *Service) make(ctx context.Context, caller Caller, key *apikey.Key, once *sealer) (Created, error) {
	ring, err := s.Keyring.Ring(ctx)
	if err != nil {
		return Created{}, err
	}
	for range idAttempts {
		key.ID = apikey.NewID(s.Now())
		secret := apikey.NewSecret(s.Brand, key.Environment, key.ID)
		key.Digest, key.Mask = ring.Current(secret), secret.Mask()
		err = s.Store.Create(ctx, s.creation(caller, key, secret, once))
		if err == nil {
			return Created{Key: key, Secret: secret, Warnings: warnings(key)}, nil
		}
		if !errors.Is(err, apikey.ErrIDTaken) {
			break
		}
	}
	return Created{}, err
}

func (s *Service) creation(caller Caller, key *apikey.Key, secret apikey.Secret, once *sealer) apikey.Creation {
	creation := apikey.Creation{Key: key, Activity: createEntry(caller, key)}
	if once != nil {
		key.Idempotency = once.id
		creation.Idempotency = once.seal(key, secret)
	}
	return creation
}

func createEntry(caller Caller, key *apikey.Key) audit.Entry {
	entry := audit.NewEntry(key.CreatedAt, caller.Actor, audit.KeyCreated, key.ID.String(), caller.Address)
	entry.After = described(key)
	return entry
}

// warnings tell what is allowed but unwise about a key.
func warnings(key *apikey.Key) []string {
	warnings := []string{}
	if key.ExpiresAt.IsZero() {
		warnings = append(warnings, "The key never expires. Set expires_at, so that a forgotten key does not work for ever.")
	}
	return warnings
}
