package sqlite

import (
	"context"
	"database/sql"
	"net/netip"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
)

// releasedAtOnce bounds how many expired keys one create releases. The others give their places to later ones.
const releasedAtOnce = 25

// releaseHolder frees a folded name for key id: where an expired key still holds it, that one is released; where
// a live one does, the name is taken.
func releaseHolder(ctx context.Context, tx *sql.Tx, organization org.ID, id apikey.ID, folded string, at time.Time) error {
	holder, err := one(ctx, tx, `SELECT id, expires_at FROM details
		WHERE organization = ? AND folded = ? AND released = 0 AND id <> ?`, string(organization), folded, string(id))
	if err != nil || holder == nil {
		return err
	}
	holderID, expiresAt := apikey.ID(holder.text()), holder.time()
	if expiresAt.IsZero() || at.Before(expiresAt) {
		return apikey.NameTaken()
	}
	_, err = release(ctx, tx, organization, holderID, at)
	return err
}

// releaseExpired frees the places of some keys that have expired by at.
func releaseExpired(ctx context.Context, tx *sql.Tx, organization org.ID, at time.Time) error {
	expired, err := all(ctx, tx, `SELECT id FROM details
		WHERE organization = ? AND released = 0 AND soonest <= ? ORDER BY soonest, id LIMIT ?`,
		string(organization), at.Unix(), releasedAtOnce)
	for _, row := range expired {
		if _, err := release(ctx, tx, organization, apikey.ID(row.text()), at); err != nil {
			return err
		}
	}
	return err
}

// release frees name and place of an expired key, and writes that in the activity. It reports false, and does
// nothing, where that was done before.
func release(ctx context.Context, tx *sql.Tx, organization org.ID, id apikey.ID, at time.Time) (bool, error) {
	released, err := execute(ctx, tx, `UPDATE details SET released = 1, revision = revision + 1
		WHERE organization = ? AND id = ? AND released = 0`, string(organization), string(id))
	if err != nil || !released {
		return false, err
	}
	if err := count(ctx, tx, organization, -1, 0); err != nil {
		return false, err
	}
	if err := forgetSecret(ctx, tx, id); err != nil {
		return false, err
	}
	entry := audit.NewEntry(at, audit.System, audit.KeyExpired, id.String(), netip.Addr{})
	entry.After = map[string]any{"status": string(apikey.Expired)}
	return true, insertActivity(ctx, tx, organization, entry)
}
