package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// detailsColumns are the columns that row.details reads.
const detailsColumns = `d.name, d.description, d.metadata, d.mask, d.created_at, d.created_by, d.updated_at,
	d.released, d.revision, d.idempotency`

func (r *row) details() (apikey.Details, error) {
	details := apikey.Details{Name: r.text(), Description: r.text()}
	r.json(&details.Metadata)
	details.Mask = r.text()
	details.CreatedAt = r.time()
	details.CreatedBy = r.text()
	details.UpdatedAt = r.time()
	details.Released = r.truth()
	details.Revision = r.number()
	details.Idempotency = apikey.IdempotencyID(r.text())
	if r.err != nil {
		return apikey.Details{}, fmt.Errorf("reading the details of a key: %w", r.err)
	}
	return details, nil
}

// key reads recordColumns and detailsColumns.
func (r *row) key() (*apikey.Key, error) {
	record, err := r.record()
	if err != nil {
		return nil, err
	}
	details, err := r.details()
	return &apikey.Key{Record: *record, Details: details}, err
}

// prose are the columns of details that people change: name, folded, description, metadata and mask.
func prose(d apikey.Details) []any {
	metadata, err := json.Marshal(d.Metadata)
	if err != nil { // no map of strings fails
		panic(err)
	}
	return []any{d.Name, apikey.FoldName(d.Name), d.Description, string(metadata), d.Mask}
}

// insertDetails adds the details of a key.
func insertDetails(ctx context.Context, tx *sql.Tx, key *apikey.Key) error {
	columns := append([]any{string(key.Organization), string(key.ID)}, prose(key.Details)...)
	columns = append(columns,
		secondsOf(key.CreatedAt), key.CreatedBy, secondsOf(key.UpdatedAt), truthOf(key.Released), key.Revision,
		string(key.Idempotency), secondsOf(key.ExpiresAt), secondsOf(endOf(&key.Record)))
	_, err := execute(ctx, tx, `INSERT INTO details VALUES (?,?, ?,?,?,?,?, ?,?,?,?,?, ?,?,?)`, columns...)
	return err
}

// updateDetails stores the details of a key after a change.
func updateDetails(ctx context.Context, tx *sql.Tx, key *apikey.Key) error {
	columns := append(prose(key.Details),
		secondsOf(key.UpdatedAt), truthOf(key.Released), key.Revision,
		secondsOf(key.ExpiresAt), secondsOf(endOf(&key.Record)), string(key.Organization), string(key.ID))
	_, err := execute(ctx, tx, `UPDATE details SET (name, folded, description, metadata, mask,
		updated_at, released, revision, expires_at, ended_at)
		= (?,?,?,?,?, ?,?,?,?,?) WHERE organization = ? AND id = ?`, columns...)
	return err
}

// endOf is when the retention of a key begins: when it was revoked or expires, whichever is earlier; zero: never.
func endOf(r *apikey.Record) time.Time {
	if r.RevokedAt.IsZero() || (!r.ExpiresAt.IsZero() && r.ExpiresAt.Before(r.RevokedAt)) {
		return r.ExpiresAt
	}
	return r.RevokedAt
}
