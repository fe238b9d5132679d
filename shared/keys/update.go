package keys

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
)

// Updated is a key after a change.
type Updated struct {
	Key      *apikey.Key
	Warnings []string
}

// Update changes the fields that patch sets. With a version, the key must still be at it.
func (s *Service) Update(ctx context.Context, caller Caller, id apikey.ID, patch Patch, version *int64) (Updated, error) {
	organization, err := s.Organizations.Organization(ctx, caller.Organization)
	if err != nil {
		return Updated{}, err
	}
	key, err := s.change(ctx, caller, id, version, audit.KeyUpdated, func(key *apikey.Key, now time.Time) (bool, error) {
		return patch.edit(key, s.Catalog, organization, now)
	})
	if err != nil {
		return Updated{}, err
	}
	return Updated{key, warnings(key)}, nil
}

// Revoke ends the key for good, at once. Revoking it again answers as the first time.
func (s *Service) Revoke(ctx context.Context, caller Caller, id apikey.ID, version *int64) (*apikey.Key, error) {
	return s.change(ctx, caller, id, version, audit.KeyRevoked, func(key *apikey.Key, now time.Time) (bool, error) {
		if !key.RevokedAt.IsZero() {
			return false, nil
		}
		key.RevokedAt = now
		return true, nil
	})
}
