package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

// recordColumns are the columns that row.record reads.
const recordColumns = `r.id, r.organization, r.environment,
	r.owner, r.disabled, r.revoked_at, r.expires_at, r.digest, r.retiring, r.grace_until, r.roles, r.permissions,
	r.tier, r.tier_inherited, r.own_limit, r.per_minute, r.per_day, r.per_month,
	r.version, r.counts, r.total, r.last_used_at, r.last_used_ip`

func (r *row) record() (*apikey.Record, error) {
	record := &apikey.Record{
		ID:            apikey.ID(r.text()),
		Organization:  org.ID(r.text()),
		Environment:   apikey.Environment(r.text()),
		Owner:         r.text(),
		Disabled:      r.truth(),
		RevokedAt:     r.time(),
		ExpiresAt:     r.time(),
		Digest:        apikey.Digest(r.text()),
		Retiring:      apikey.Digest(r.text()),
		GraceUntil:    r.time(),
		Roles:         r.list(),
		Permissions:   r.list(),
		Tier:          r.text(),
		TierInherited: r.truth(),
		OwnLimit:      r.truth(),
		Limits:        ratelimit.Limits{PerMinute: r.number(), PerDay: r.number(), PerMonth: r.number()},
		Version:       r.number(),
		Counts:        r.counts(),
		Total:         r.number(),
		LastUsedAt:    r.time(),
		LastUsedIP:    r.address(),
	}
	if r.err != nil {
		return nil, fmt.Errorf("reading the record of %s: %w", record.ID, r.err)
	}
	return record, nil
}

// terms are the columns of a record that a change may change, owner to per_month.
func terms(r *apikey.Record) []any {
	return []any{
		r.Owner, truthOf(r.Disabled), secondsOf(r.RevokedAt), secondsOf(r.ExpiresAt),
		string(r.Digest), string(r.Retiring), secondsOf(r.GraceUntil), linesOf(r.Roles), linesOf(r.Permissions),
		r.Tier, truthOf(r.TierInherited), truthOf(r.OwnLimit),
		r.Limits.PerMinute, r.Limits.PerDay, r.Limits.PerMonth,
	}
}

// insertRecord adds a record. It reports false, and does nothing, where its ID is taken.
func insertRecord(ctx context.Context, tx *sql.Tx, r *apikey.Record) (bool, error) {
	columns := slices.Concat(
		[]any{string(r.ID), string(r.Organization), string(r.Environment)},
		terms(r),
		[]any{r.Version, countsText(r.Counts), r.Total, secondsOf(r.LastUsedAt), addressOf(r.LastUsedIP)},
	)
	return execute(ctx, tx, `INSERT INTO records VALUES (?,?,?, ?,?,?,?,?,?,?,?,?, ?,?,?,?,?,?, ?,?,?,?,?)
		ON CONFLICT DO NOTHING`, columns...)
}

// updateRecord stores what a change may change; counters and last use stay as they are.
func updateRecord(ctx context.Context, tx *sql.Tx, r *apikey.Record) error {
	_, err := execute(ctx, tx, `UPDATE records SET (owner, disabled, revoked_at, expires_at, digest, retiring, grace_until,
		roles, permissions, tier, tier_inherited, own_limit, per_minute, per_day, per_month, version)
		= (?,?,?,?,?,?,?, ?,?,?,?,?,?,?,?,?) WHERE id = ?`, append(terms(r), r.Version, string(r.ID))...)
	return err
}
