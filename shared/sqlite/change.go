package sqlite

import (
	"context"
	"database/sql"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
)

// Change implements apikey.Keys.
func (s *Store) Change(ctx context.Context, c apikey.Change) (*apikey.Key, error) {
	var stored *apikey.Key
	err := s.write(ctx, func(tx *sql.Tx) (err error) {
		stored, err = change(ctx, tx, c)
		return err
	})
	if err != nil {
		return nil, told(err, "changing %s", c.Before.ID)
	}
	return stored, nil
}

// change writes what the change makes of the key as it stands.
func change(ctx context.Context, tx *sql.Tx, c apikey.Change) (*apikey.Key, error) {
	current, err := keyOf(ctx, tx, c.Before.Organization, c.Before.ID)
	if err != nil {
		return nil, err
	}
	if current == nil || moved(c, current) {
		return nil, apikey.ErrMoved
	}
	next := merge(c, current)
	if err := claimName(ctx, tx, c, next); err != nil {
		return nil, err
	}
	if err := settleRevocation(ctx, tx, current, next); err != nil {
		return nil, err
	}
	if err := settleSecret(ctx, tx, c); err != nil {
		return nil, err
	}
	if err := updateRecord(ctx, tx, &next.Record); err != nil {
		return nil, err
	}
	if err := updateDetails(ctx, tx, next); err != nil {
		return nil, err
	}
	return next, insertActivity(ctx, tx, next.Organization, c.Activity)
}

// moved reports whether current is no longer what the change was made for. A change of one part alone does not
// mind that the other has changed; but none may give life to a key that has expired, or was released, meanwhile.
func moved(c apikey.Change, current *apikey.Key) bool {
	recordMoved := current.Record.Version != c.Before.Record.Version
	detailsMoved := current.Revision != c.Before.Revision
	revives := c.After.RevokedAt.IsZero() && current.StatusAt(c.Activity.At) == apikey.Expired
	return current.Released != c.Before.Released || revives ||
		recordMoved && (c.Exclusive || changesRecord(c)) ||
		detailsMoved && (c.Exclusive || changesDetails(c))
}

func changesRecord(c apikey.Change) bool {
	return !slices.Equal(terms(&c.Before.Record), terms(&c.After.Record))
}

func changesDetails(c apikey.Change) bool {
	return !slices.Equal(prose(c.Before.Details), prose(c.After.Details))
}

// merge is current with what the change changes.
func merge(c apikey.Change, current *apikey.Key) *apikey.Key {
	next := current.Clone()
	next.UpdatedAt = c.After.UpdatedAt
	if changesRecord(c) {
		next.Record = mergeRecord(c, current)
		next.Record.Version++
	}
	if changesDetails(c) {
		next.Details = mergeDetails(c, current)
		next.Revision++
	}
	return next
}

// mergeRecord takes all from After but what no change may change. A digest that the change leaves alone stays
// as it is: it may have moved to another pepper since the key was read.
func mergeRecord(c apikey.Change, current *apikey.Key) apikey.Record {
	next := *c.After.Record.Clone()
	next.ID, next.Organization, next.Environment = current.ID, current.Organization, current.Environment
	next.Version = current.Record.Version
	next.Counts, next.Total = current.Counts, current.Total
	next.LastUsedAt, next.LastUsedIP = current.LastUsedAt, current.LastUsedIP
	if c.After.Digest == c.Before.Digest {
		next.Digest = current.Digest
	}
	if c.After.Retiring == c.Before.Retiring {
		next.Retiring = current.Retiring
	}
	return next
}

// mergeDetails takes all from After but what no change may change.
func mergeDetails(c apikey.Change, current *apikey.Key) apikey.Details {
	next := c.After.Clone().Details
	next.CreatedAt, next.CreatedBy, next.Idempotency = current.CreatedAt, current.CreatedBy, current.Idempotency
	next.Released, next.Revision = current.Released, current.Revision
	return next
}

// claimName claims the name of a renamed key, unless it folds like the one before.
func claimName(ctx context.Context, tx *sql.Tx, c apikey.Change, next *apikey.Key) error {
	folded := apikey.FoldName(next.Name)
	if next.Released || folded == apikey.FoldName(c.Before.Name) {
		return nil
	}
	return releaseHolder(ctx, tx, next.Organization, next.ID, folded, c.Activity.At)
}

// settleRevocation gives back what a key holds when it is revoked.
func settleRevocation(ctx context.Context, tx *sql.Tx, current, next *apikey.Key) error {
	if !current.RevokedAt.IsZero() || next.RevokedAt.IsZero() {
		return nil
	}
	live := 0
	if !current.Released {
		live = -1
		next.Released = true
	}
	return count(ctx, tx, next.Organization, live, -1)
}

// settleSecret forgets the sealed secret of a key that is revoked, or that has a new one.
func settleSecret(ctx context.Context, tx *sql.Tx, c apikey.Change) error {
	if c.After.RevokedAt.IsZero() && c.After.Digest == c.Before.Digest {
		return nil
	}
	return forgetSecret(ctx, tx, c.Before.ID)
}
