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
	r.owner_subject, r.inherits, r.disabled, r.revoked_at, r.expires_at, r.digest, r.retiring, r.grace_until,
	r.roles, r.permissions, r.services, r.customers, r.accounts, r.allow, r.deny, r.rules_id,
	r.tier, r.tier_inherited, r.own_limit, r.per_minute, r.per_day, r.per_month,
	r.version, r.counts, r.total, r.last_used_at, r.last_used_ip`

func (r *row) record() (*apikey.Record, error) {
	record := &apikey.Record{
		ID:            apikey.ID(r.text()),
		Organization:  org.ID(r.text()),
		Environment:   apikey.Environment(r.text()),
		Owner:         r.text(),
		Inherits:      r.text(),
		Disabled:      r.truth(),
		RevokedAt:     r.time(),
		ExpiresAt:     r.time(),
		Digest:        apikey.Digest(r.text()),
		Retiring:      apikey.Digest(r.text()),
		GraceUntil:    r.time(),
		Roles:         r.list(),
		Permissions:   r.list(),
		Scope:         apikey.Scope{Services: r.limit(), Customers: r.limit(), Accounts: r.limit()},
		Networks:      apikey.Networks{Allow: r.prefixes(), Deny: r.prefixes()},
		RulesID:       r.text(),
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

// termColumns are the columns of a record that a change may change.
const termColumns = `owner_subject, inherits, disabled, revoked_at, expires_at, digest, retiring, grace_until,
	roles, permissions, services, customers, accounts, allow, deny, rules_id,
	tier, tier_inherited, own_limit, per_minute, per_day, per_month`

// terms are the values of termColumns.
func terms(r *apikey.Record) []any {
	return []any{
		r.Owner, r.Inherits, truthOf(r.Disabled), secondsOf(r.RevokedAt), secondsOf(r.ExpiresAt),
		string(r.Digest), string(r.Retiring), secondsOf(r.GraceUntil),
		linesOf(r.Roles), linesOf(r.Permissions),
		limitOf(r.Scope.Services), limitOf(r.Scope.Customers), limitOf(r.Scope.Accounts),
		prefixLinesOf(r.Networks.Allow), prefixLinesOf(r.Networks.Deny), r.RulesID,
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
	return execute(ctx, tx, `INSERT INTO records (id, organization, environment, `+termColumns+`,
		version, counts, total, last_used_at, last_used_ip) VALUES `+places(len(columns))+` ON CONFLICT DO NOTHING`, columns...)
}

// updateRecord stores what a change may change; counters and last use stay as they are.
func updateRecord(ctx context.Context, tx *sql.Tx, r *apikey.Record) error {
	columns := append(terms(r), r.Version)
	_, err := execute(ctx, tx, `UPDATE records SET (`+termColumns+`, version) = `+places(len(columns))+` WHERE id = ?`,
		append(columns, string(r.ID))...)
	return err
}
