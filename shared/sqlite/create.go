package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// Create implements apikey.Keys.
func (s *Store) Create(ctx context.Context, creation apikey.Creation) error {
	err := s.write(ctx, func(tx *sql.Tx) error { return create(ctx, tx, creation) })
	if err != nil {
		return told(err, "creating %s", creation.Key.ID)
	}
	return nil
}

// create claims everything that a key claims. The Idempotency-Key comes first: a create that is repeated meets
// its own name.
func create(ctx context.Context, tx *sql.Tx, creation apikey.Creation) error {
	key, at := creation.Key, creation.Activity.At
	if err := claimIdempotency(ctx, tx, creation.Idempotency, at); err != nil {
		return err
	}
	fresh, err := insertRecord(ctx, tx, &key.Record)
	if err != nil {
		return err
	}
	if !fresh {
		return apikey.ErrIDTaken
	}
	if err := releaseHolder(ctx, tx, key.Organization, key.ID, apikey.FoldName(key.Name), at); err != nil {
		return err
	}
	if err := claimPlace(ctx, tx, key, at); err != nil {
		return err
	}
	if err := insertDetails(ctx, tx, key); err != nil {
		return err
	}
	return insertActivity(ctx, tx, key.Organization, creation.Activity)
}

// claimPlace counts one more key, if need be in the place of one that has expired by at. A key that follows the
// organization's tier has no place where that tier has moved.
func claimPlace(ctx context.Context, tx *sql.Tx, key *apikey.Key, at time.Time) error {
	organization, err := organizationOf(ctx, tx, key.Organization)
	if err != nil {
		return err
	}
	if key.TierInherited && key.Tier != organization.Tier {
		return apikey.ErrMoved
	}
	if organization.LiveKeys >= organization.KeyLimit {
		if err := releaseExpired(ctx, tx, organization.ID, at); err != nil {
			return err
		}
		if organization, err = organizationOf(ctx, tx, organization.ID); err != nil {
			return err
		}
	}
	if organization.LiveKeys >= organization.KeyLimit {
		return apikey.LimitReached(organization.KeyLimit)
	}
	return count(ctx, tx, organization.ID, +1, +1)
}
