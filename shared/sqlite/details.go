package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// detailsColumns are the columns that row.details reads.
const detailsColumns = `d.name, d.description, d.metadata, d.mask, d.created_at, d.created_by, d.updated_at,
	d.released, d.revision, d.idempotency, d.format, d.secret_until, d.locked, d.successor, d.ip_allow, d.ip_deny`

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
	details.Format = apikey.Format(r.text())
	details.SecretUntil = r.time()
	details.Locked = r.truth()
	details.Successor = apikey.ID(r.text())
	details.IPAllow, details.IPDeny = r.entries(), r.entries()
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

// proseColumns are the columns of details that people change.
const proseColumns = `name, folded, description, metadata, mask,
	format, secret_until, locked, successor, ip_allow, ip_deny`

// prose are the values of proseColumns.
func prose(d apikey.Details) []any {
	return []any{
		d.Name, apikey.FoldName(d.Name), d.Description, metadataOf(d.Metadata), d.Mask,
		string(d.Format), secondsOf(d.SecretUntil), truthOf(d.Locked), string(d.Successor), entriesOf(d.IPAllow), entriesOf(d.IPDeny),
	}
}

func metadataOf(metadata map[string]string) string {
	if len(metadata) == 0 {
		metadata = nil
	}
	return jsonOf(metadata)
}

// insertDetails adds the details of a key.
func insertDetails(ctx context.Context, tx *sql.Tx, key *apikey.Key) error {
	columns := append([]any{string(key.Organization), string(key.ID)}, prose(key.Details)...)
	columns = append(columns,
		secondsOf(key.CreatedAt), key.CreatedBy, secondsOf(key.UpdatedAt), truthOf(key.Released), key.Revision,
		string(key.Idempotency), secondsOf(key.ExpiresAt), secondsOf(endOf(&key.Record)))
	_, err := execute(ctx, tx, `INSERT INTO details (organization, id, `+proseColumns+`, created_at, created_by, updated_at,
		released, revision, idempotency, expires_at, ended_at) VALUES `+places(len(columns)), columns...)
	return err
}

// updateDetails stores the details of a key after a change.
func updateDetails(ctx context.Context, tx *sql.Tx, key *apikey.Key) error {
	columns := append(prose(key.Details),
		secondsOf(key.UpdatedAt), truthOf(key.Released), key.Revision,
		secondsOf(key.ExpiresAt), secondsOf(endOf(&key.Record)))
	_, err := execute(ctx, tx, `UPDATE details SET (`+proseColumns+`, updated_at, released, revision, expires_at, ended_at)
		= `+places(len(columns))+` WHERE organization = ? AND id = ?`, append(columns, string(key.Organization), string(key.ID))...)
	return err
}

// endOf is when the retention of a key begins: when it was revoked or expires, whichever is earlier; zero: never.
func endOf(r *apikey.Record) time.Time {
	if r.RevokedAt.IsZero() || (!r.ExpiresAt.IsZero() && r.ExpiresAt.Before(r.RevokedAt)) {
		return r.ExpiresAt
	}
	return r.RevokedAt
}
