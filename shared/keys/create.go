package keys

import (
	"context"
	"errors"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
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

// Create makes a key that holds no more than the caller does. With an idempotency key, a create that already happened is
// replayed.
func (s *Service) Create(ctx context.Context, caller Caller, draft Draft, once *Once) (Created, error) {
	principal, err := s.Desk.Principal(ctx, caller)
	if err != nil {
		return Created{}, err
	}
	if once == nil {
		return s.createNew(ctx, principal, draft, nil)
	}
	return s.createOnce(ctx, principal, draft, once)
}

// createNew designs the key and makes it, again where the organization's tier, which it follows, moved in between.
func (s *Service) createNew(ctx context.Context, principal grant.Principal, draft Draft, once *sealer) (Created, error) {
	for attempt := range changeAttempts {
		organization, err := s.Organizations.Organization(ctx, principal.Organization)
		if err != nil {
			return Created{}, err
		}
		key, weight, err := s.design(ctx, principal, draft, organization)
		if err != nil {
			return Created{}, err
		}
		secret, err := s.make(ctx, principal, key, once)
		if err == nil {
			err = s.confirmCreated(ctx, principal, key)
			return createdOr(Created{Key: key, Secret: secret, Warnings: warnings(key, weight)}, err)
		}
		if !errors.Is(err, apikey.ErrMoved) {
			return Created{}, err
		}
		if err := Pause(ctx, attempt); err != nil {
			return Created{}, fault.Outage("creating a key", err)
		}
	}
	return Created{}, errBusy()
}

// createdOr keeps a secret from whoever is told of an error.
func createdOr(created Created, err error) (Created, error) {
	if err != nil {
		return Created{}, err
	}
	return created, nil
}

// design works out all of a key but its identity.
func (s *Service) design(ctx context.Context, principal grant.Principal, draft Draft, organization org.Organization) (*apikey.Key, weight, error) {
	editing := editing{
		Service: s, principal: principal, organization: organization, now: s.now(),
		saidAccounts: principal.IsKey() && s.Catalog.RequiresAccounts(principal.Record.Roles),
	}
	key, err := editing.blank(ctx, draft)
	if err == nil {
		err = editing.apply(ctx, key, draft.patch())
	}
	if err != nil {
		return nil, weight{}, err
	}
	if principal.IsKey() {
		capDefaults(key, principal.Record, draft)
	}
	key.Restamp(nil)
	weight, err := s.weigh(ctx, &key.Record)
	if err == nil {
		err = mayGive(principal, key, weight)
	}
	return key, weight, err
}

// blank is a key with every default, and with what can't be edited later.
func (e editing) blank(ctx context.Context, draft Draft) (*apikey.Key, error) {
	key := &apikey.Key{
		Record: apikey.Record{
			Organization: e.organization.ID,
			Environment:  draft.Environment,
			ExpiresAt:    e.Catalog.DefaultExpiry().From(e.now),
			Version:      1,
		},
		Details: apikey.Details{
			Format:    draft.Format,
			Locked:    draft.Locked,
			CreatedAt: e.now,
			CreatedBy: string(e.principal.Actor()),
			UpdatedAt: e.now,
		},
	}
	if e.principal.IsKey() {
		copyBounds(key, e.principal.Record)
	}
	return key, inOrder(
		func() error { return e.setEnvironment(key) },
		func() error { return e.setFormat(key) },
		func() (err error) { key.Owner, err = e.owner(ctx, draft.Owner); return err },
		func() error { return e.copyRules(ctx, key, draft) },
	)
}

// setEnvironment checks the environment asked for. Where none is, it is that of the key that asks, or production.
func (e editing) setEnvironment(key *apikey.Key) error {
	if key.Environment == "" {
		key.Environment = sightOf(e.principal)
	}
	if key.Environment == "" {
		key.Environment = apikey.Production
	}
	return validEnvironment(e.Catalog, key.Environment)
}

// copyRules gives a key that is given nothing else its creator's roles and permissions, but for what nobody can be given.
func (e editing) copyRules(ctx context.Context, key *apikey.Key, draft Draft) error {
	if draft.saysWhatItMayDo() {
		return nil
	}
	creator := e.principal.Holding
	if creator.Ceiling != nil { // a key that inherits, but not all that its owner has
		key.Permissions = policy.Ceiling(creator.Permissions())
		return nil
	}
	own, err := e.Desk.RolesFor(ctx, e.organization.ID, creator.Roles)
	if err != nil {
		return err
	}
	for _, id := range creator.Roles {
		if givable(e.Catalog, own, id) == nil {
			key.Roles = append(key.Roles, id)
		}
	}
	key.Permissions = clone(creator.Single)
	return nil
}

// make gives the key an identity and a secret, and stores it.
func (s *Service) make(ctx context.Context, principal grant.Principal, key *apikey.Key, once *sealer) (apikey.Secret, error) {
	var secret apikey.Secret
	var err error
	for attempt := range idAttempts {
		key.ID = apikey.NewID(s.Now().Add(time.Duration(attempt) * time.Millisecond)) // the next one has ids of its own
		if secret, err = s.renew(ctx, key, key.CreatedAt); err != nil {
			return apikey.Secret{}, err
		}
		err = s.Store.Create(ctx, creation(principal, key, secret, once))
		if !errors.Is(err, apikey.ErrIDTaken) {
			break
		}
	}
	return secret, err
}

func creation(principal grant.Principal, key *apikey.Key, secret apikey.Secret, once *sealer) apikey.Creation {
	creation := apikey.Creation{Key: key, Activity: createEntry(principal.Caller, key)}
	if once != nil {
		key.Idempotency = once.id
		creation.Idempotency = once.seal(key, secret)
	}
	return creation
}

func createEntry(caller Caller, key *apikey.Key) audit.Entry {
	entry := audit.NewEntry(key.CreatedAt, caller.Actor(), audit.KeyCreated, key.ID.String(), caller.Address)
	entry.After = described(key)
	return entry
}
