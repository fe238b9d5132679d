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

// due ranks a key by the second since which there is something to do: its expiry, or the end of its retention.
const due = `SELECT organization, id, min(since) AS due FROM (
		SELECT * FROM (SELECT organization, id, expires_at AS since FROM details
			WHERE released = 0 AND expires_at > 0 AND expires_at <= :now ORDER BY expires_at LIMIT :limit)
		UNION ALL
		SELECT * FROM (SELECT organization, id, ended_at + :retention FROM details
			WHERE ended_at > 0 AND ended_at < :ended ORDER BY ended_at LIMIT :limit))
	GROUP BY organization, id ORDER BY due, id LIMIT :limit`

// Due implements apikey.Cleaner. No change is ever cut off here: what is due is expiries and retentions.
func (s *Store) Due(ctx context.Context, request apikey.DueRequest) ([]apikey.DueKey, error) {
	ended := secondsOf(request.EndedBefore)
	rows, err := all(ctx, s.reads, due,
		sql.Named("now", request.Now.Unix()), sql.Named("limit", request.Limit),
		sql.Named("ended", ended), sql.Named("retention", request.Now.Unix()-ended))
	if err != nil {
		return nil, told(err, "listing what is due")
	}
	var keys []apikey.DueKey
	for _, row := range rows {
		keys = append(keys, apikey.DueKey{Organization: org.ID(row.text()), ID: apikey.ID(row.text())})
	}
	return keys, nil
}

// Settle implements apikey.Cleaner.
func (s *Store) Settle(ctx context.Context, key apikey.DueKey, now time.Time) (expired bool, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		expired, err = settle(ctx, tx, key, now)
		return err
	})
	if err != nil {
		return false, told(err, "settling %s", key.ID)
	}
	return expired, nil
}

func settle(ctx context.Context, tx *sql.Tx, due apikey.DueKey, now time.Time) (bool, error) {
	key, err := keyOf(ctx, tx, due.Organization, due.ID)
	if err != nil || key == nil || key.StatusAt(now) != apikey.Expired {
		return false, err
	}
	return release(ctx, tx, key.Organization, key.ID, now)
}

// Delete implements apikey.Cleaner.
func (s *Store) Delete(ctx context.Context, key apikey.DueKey, endedBefore time.Time) (deleted bool, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		deleted, err = s.remove(ctx, tx, key, endedBefore)
		return err
	})
	if err != nil {
		return false, told(err, "deleting %s", key.ID)
	}
	return deleted, nil
}

// remove deletes a key that ended before that time. One that expired and that nobody has released yet is
// released first.
func (s *Store) remove(ctx context.Context, tx *sql.Tx, due apikey.DueKey, endedBefore time.Time) (bool, error) {
	key, err := keyOf(ctx, tx, due.Organization, due.ID)
	if err != nil || key == nil {
		return false, err
	}
	if end := endOf(&key.Record); end.IsZero() || !end.Before(endedBefore) {
		return false, nil
	}
	now := s.Now()
	if _, err := release(ctx, tx, key.Organization, key.ID, now); err != nil {
		return false, err
	}
	if key.RevokedAt.IsZero() {
		if err := count(ctx, tx, key.Organization, 0, -1); err != nil {
			return false, err
		}
	}
	if err := deleteRows(ctx, tx, due); err != nil {
		return false, err
	}
	entry := audit.NewEntry(now, audit.System, audit.KeyDeleted, key.ID.String(), netip.Addr{})
	return true, insertActivity(ctx, tx, key.Organization, entry)
}

func deleteRows(ctx context.Context, tx *sql.Tx, key apikey.DueKey) error {
	for _, statement := range []string{
		"DELETE FROM idempotency WHERE organization = :organization AND key = :id",
		"DELETE FROM details WHERE organization = :organization AND id = :id",
		"DELETE FROM records WHERE organization = :organization AND id = :id",
	} {
		_, err := execute(ctx, tx, statement,
			sql.Named("organization", string(key.Organization)), sql.Named("id", string(key.ID)))
		if err != nil {
			return err
		}
	}
	return nil
}
