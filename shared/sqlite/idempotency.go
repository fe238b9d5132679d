package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
)

// forgottenAtOnce bounds how many creates that can't be replayed any more one create forgets.
const forgottenAtOnce = 10

// Idempotent implements apikey.Keys.
func (s *Store) Idempotent(ctx context.Context, id apikey.IdempotencyID) (*apikey.Idempotency, error) {
	found, err := one(ctx, s.reads, `SELECT id, organization, key, body, digest, sealed, created_at
		FROM idempotency WHERE id = ? AND created_at > ?`, string(id), termBegan(s.Now()))
	if err != nil {
		return nil, told(err, "reading what was created under an idempotency key")
	}
	if found == nil {
		return nil, nil
	}
	return &apikey.Idempotency{
		ID:        apikey.IdempotencyID(found.text()),
		Org:       org.ID(found.text()),
		Key:       apikey.ID(found.text()),
		Body:      found.bytes(),
		Digest:    apikey.Digest(found.text()),
		Sealed:    found.bytes(),
		CreatedAt: found.time(),
	}, nil
}

// claimIdempotency notes what a create is asked for under, if anything, or gives ErrIdempotencyUsed.
func claimIdempotency(ctx context.Context, tx *sql.Tx, claim *apikey.Idempotency, at time.Time) error {
	if claim == nil {
		return nil
	}
	_, err := execute(ctx, tx, `DELETE FROM idempotency WHERE id = ? AND created_at <= ?
		OR id IN (SELECT id FROM idempotency WHERE created_at <= ? ORDER BY created_at LIMIT ?)`,
		string(claim.ID), termBegan(at), termBegan(at), forgottenAtOnce)
	if err != nil {
		return err
	}
	claimed, err := execute(ctx, tx, `INSERT INTO idempotency VALUES (?,?,?,?,?,?,?) ON CONFLICT DO NOTHING`,
		string(claim.ID), string(claim.Org), string(claim.Key), claim.Body, string(claim.Digest), claim.Sealed,
		secondsOf(claim.CreatedAt))
	if err == nil && !claimed {
		return apikey.ErrIdempotencyUsed
	}
	return err
}

// forgetSecret deletes the sealed secret of the create that made the key.
func forgetSecret(ctx context.Context, tx *sql.Tx, id apikey.ID) error {
	_, err := execute(ctx, tx, `UPDATE idempotency SET sealed = NULL WHERE key = ? AND sealed IS NOT NULL`, string(id))
	return err
}

// termBegan is the second before which, itself included, a create is too old to be replayed at now.
func termBegan(now time.Time) int64 { return now.Add(-apikey.IdempotencyTerm).Unix() }
