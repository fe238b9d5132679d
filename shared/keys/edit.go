package keys

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/org"
)

// editing makes keys what patches ask for. It checks each field by the rules for everybody; whether the caller holds what
// the key is given is judged afterwards.
type editing struct {
	*Service
	principal    grant.Principal
	organization org.Organization
	now          time.Time
	saidAccounts bool // that the key may do without a list of accounts
}

// apply makes key what patch asks for. What a key has already, it may keep: only what is added must be there to be given.
func (e editing) apply(ctx context.Context, key *apikey.Key, patch Patch) error {
	return inOrder(
		func() error { return e.editDetails(key, patch) },
		func() error { return e.editLimits(key, patch) },
		func() error { return editQuotas(key, patch) },
		func() error { return e.editExpiry(key, patch.Expiry) },
		func() error { return e.editRules(ctx, key, patch) },
		func() error { return e.editScope(key, patch.Scope) },
		func() error { return editNetworks(key, patch) },
		func() error { return e.editSuccessor(ctx, key, patch.Successor) },
		func() error { return editActive(key, patch.Active) },
	)
}

func (e editing) editDetails(key *apikey.Key, patch Patch) error {
	if patch.Name.Set {
		name, err := validName(patch.Name.Value)
		if err != nil {
			return err
		}
		if key.Name != "" && key.Name != name && (e.Catalog.Flags.ImmutableNames || e.organization.ImmutableNames) {
			return errNameImmutable()
		}
		key.Name = name
	}
	if patch.Description.Set {
		key.Description = patch.Description.Value
	}
	if patch.Metadata.Set {
		key.Metadata = patch.Metadata.Value
	}
	return firstError(validDescription(key.Description), validMetadata(key.Metadata))
}

// editExpiry sets when the key expires. A JWT says itself when it does, and no edit changes a secret: the key may only end
// before it.
func (e editing) editExpiry(key *apikey.Key, asked Expiry) error {
	if !asked.Asked() {
		return nil
	}
	at, err := asked.resolve(e.Catalog, e.now)
	if err != nil {
		return err
	}
	if later(at, key.SecretUntil) {
		return errSecretExpiryFixed(key.SecretUntil)
	}
	key.ExpiresAt = at
	return nil
}

func editActive(key *apikey.Key, asked Optional[bool]) error {
	if asked.Null {
		return fault.InvalidField("active", "active must be true or false.")
	}
	if asked.Set {
		key.Disabled = !asked.Value
	}
	return nil
}

// later reports whether one time is after another, where the zero time is never.
func later(one, other time.Time) bool {
	return !other.IsZero() && (one.IsZero() || one.After(other))
}

// inOrder takes one step after the other, up to the first that fails.
func inOrder(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
