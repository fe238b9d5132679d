package sqlite

// steps make a file of one version into one of the next, an empty file first. A step that was released is never edited:
// files have been made by it. Where a keyward that knew the version before would admit too much, if it still had the
// file open, the step renames what that one reads.
var steps = []string{firstSchema, policySchema}

// Times are seconds since 1970, 0 for none; lists are lines of text; released and the like are 0 or 1.
// expires_at and ended_at of details repeat what the record says, so that lists and cleanup have an index to
// walk. soonest is expires_at with the keys that never expire last.
const firstSchema = `
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

// A key's rules, an organization's settings, its members' invitations and its own roles, and the keys that sign. A member's
// person is the Member.Hash. ip_allow, ip_deny and a list of roles are JSON; allow and deny are prefixes.
// Who reads the owner as before knows nothing of a key's rules, and reads no record any more.
const policySchema = `
ALTER TABLE organizations ADD COLUMN locked_keys     INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN immutable_names INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN following       INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN followed_to     TEXT NOT NULL DEFAULT '';
ALTER TABLE organizations ADD COLUMN revision        INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN roster_version  INTEGER NOT NULL DEFAULT 0;

CREATE INDEX to_follow ON organizations (id) WHERE following = 1;

ALTER TABLE members ADD COLUMN invited_at   INTEGER NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN last_seen_at INTEGER NOT NULL DEFAULT 0;

CREATE INDEX members_by_organization ON members (organization);

ALTER TABLE records RENAME COLUMN owner TO owner_subject;
ALTER TABLE records ADD COLUMN inherits  TEXT NOT NULL DEFAULT '';
ALTER TABLE records ADD COLUMN services  TEXT NOT NULL DEFAULT '';
ALTER TABLE records ADD COLUMN customers TEXT NOT NULL DEFAULT '';
ALTER TABLE records ADD COLUMN accounts  TEXT NOT NULL DEFAULT '';
ALTER TABLE records ADD COLUMN allow     TEXT NOT NULL DEFAULT '';
ALTER TABLE records ADD COLUMN deny      TEXT NOT NULL DEFAULT '';
ALTER TABLE records ADD COLUMN rules_id  TEXT NOT NULL DEFAULT '';

ALTER TABLE details ADD COLUMN format       TEXT NOT NULL DEFAULT 'opaque';
ALTER TABLE details ADD COLUMN secret_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE details ADD COLUMN locked       INTEGER NOT NULL DEFAULT 0;
ALTER TABLE details ADD COLUMN successor    TEXT NOT NULL DEFAULT '';
ALTER TABLE details ADD COLUMN ip_allow     TEXT NOT NULL DEFAULT 'null';
ALTER TABLE details ADD COLUMN ip_deny      TEXT NOT NULL DEFAULT 'null';

CREATE TABLE roles (
	organization TEXT PRIMARY KEY,
	list         TEXT NOT NULL,
	version      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE public_keys (
	id  TEXT PRIMARY KEY,
	jwk BLOB NOT NULL
) STRICT, WITHOUT ROWID;
`
