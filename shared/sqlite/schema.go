package sqlite

import (
	"context"
	"database/sql"
	"fmt"
)

// schemaVersion is the user_version of a file with this schema.
const schemaVersion = 1

// Times are seconds since 1970, 0 for none; lists are lines of text; released and the like are 0 or 1.
// expires_at and ended_at of details repeat what the record says, so that lists and cleanup have an index to
// walk. soonest is expires_at with the keys that never expire last.
const schema = `
CREATE TABLE organizations (
	id         TEXT PRIMARY KEY,
	name       TEXT NOT NULL,
	tier       TEXT NOT NULL,
	max_tier   TEXT NOT NULL,
	key_limit  INTEGER NOT NULL,
	live_keys  INTEGER NOT NULL,
	keys       INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	cursor_key BLOB
) STRICT, WITHOUT ROWID;

CREATE TABLE members (
	person       TEXT NOT NULL,
	organization TEXT NOT NULL,
	issuer       TEXT NOT NULL,
	subject      TEXT NOT NULL,
	email        TEXT NOT NULL,
	roles        TEXT NOT NULL,
	status       TEXT NOT NULL,
	joined_at    INTEGER NOT NULL,
	PRIMARY KEY (person, organization)
) STRICT, WITHOUT ROWID;

CREATE TABLE records (
	id             TEXT PRIMARY KEY,
	organization   TEXT NOT NULL,
	environment    TEXT NOT NULL,
	owner          TEXT NOT NULL,
	disabled       INTEGER NOT NULL,
	revoked_at     INTEGER NOT NULL,
	expires_at     INTEGER NOT NULL,
	digest         TEXT NOT NULL,
	retiring       TEXT NOT NULL,
	grace_until    INTEGER NOT NULL,
	roles          TEXT NOT NULL,
	permissions    TEXT NOT NULL,
	tier           TEXT NOT NULL,
	tier_inherited INTEGER NOT NULL,
	own_limit      INTEGER NOT NULL,
	per_minute     INTEGER NOT NULL,
	per_day        INTEGER NOT NULL,
	per_month      INTEGER NOT NULL,
	version        INTEGER NOT NULL,
	counts         TEXT NOT NULL,
	total          INTEGER NOT NULL,
	last_used_at   INTEGER NOT NULL,
	last_used_ip   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE details (
	organization TEXT NOT NULL,
	id           TEXT NOT NULL,
	name         TEXT NOT NULL,
	folded       TEXT NOT NULL,
	description  TEXT NOT NULL,
	metadata     TEXT NOT NULL,
	mask         TEXT NOT NULL,
	created_at   INTEGER NOT NULL,
	created_by   TEXT NOT NULL,
	updated_at   INTEGER NOT NULL,
	released     INTEGER NOT NULL,
	revision     INTEGER NOT NULL,
	idempotency  TEXT NOT NULL,
	expires_at   INTEGER NOT NULL,
	ended_at     INTEGER NOT NULL,
	soonest      INTEGER GENERATED ALWAYS AS (CASE expires_at WHEN 0 THEN 9223372036854775807 ELSE expires_at END),
	PRIMARY KEY (organization, id)
) STRICT;

CREATE UNIQUE INDEX live_by_name ON details (organization, folded) WHERE released = 0;
CREATE INDEX live_by_soonest ON details (organization, soonest, id) WHERE released = 0;
CREATE INDEX live_by_latest ON details (organization, expires_at, id) WHERE released = 0;
CREATE INDEX to_settle ON details (expires_at) WHERE released = 0 AND expires_at > 0;
CREATE INDEX to_delete ON details (ended_at) WHERE ended_at > 0;

CREATE TABLE sessions (
	person TEXT PRIMARY KEY,
	counts TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
	id           TEXT PRIMARY KEY,
	organization TEXT NOT NULL,
	key          TEXT NOT NULL,
	body         BLOB,
	digest       TEXT NOT NULL,
	sealed       BLOB,
	created_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_by_age ON idempotency (created_at);
CREATE INDEX idempotency_by_key ON idempotency (key);

CREATE TABLE activity (
	organization TEXT NOT NULL,
	id           TEXT NOT NULL,
	at           INTEGER NOT NULL,
	actor        TEXT NOT NULL,
	action       TEXT NOT NULL,
	target       TEXT NOT NULL,
	address      TEXT NOT NULL,
	before       TEXT NOT NULL,
	after        TEXT NOT NULL,
	PRIMARY KEY (organization, id)
) STRICT, WITHOUT ROWID;
`

// migrate brings a file up to schemaVersion. Whoever opens a new file first makes the schema; a file of a later
// keyward is refused.
func migrate(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer rollback(tx)
	var version int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	switch version {
	case schemaVersion:
		return nil
	case 0:
		if _, err := tx.ExecContext(ctx, fmt.Sprintf("%s; PRAGMA user_version = %d", schema, schemaVersion)); err != nil {
			return err
		}
		return tx.Commit()
	default:
		return fmt.Errorf("the file has schema %d; this keyward knows %d", version, schemaVersion)
	}
}
