-- What a keyward left that knew the first schema alone: two keys, the second one revoked, and three spends on the first.
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
INSERT INTO organizations VALUES('org_acme','Acme','pro','enterprise',100,1,1,1773144030,X'33322062797465732074686174207365616c20736f6d6520637572736f72732e');
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
INSERT INTO members VALUES('7141LVYDMByepgxArQoSvg','org_acme','https://id.example','ann','ann@example.com',replace('admin\nreader','\n',char(10)),'active',1773144030);
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
INSERT INTO records VALUES('00000001','org_acme','production','ann',0,0,1773316830,'k1.mPtZIxvDlJ7Fxk7sJXqlT5QaQUr0ZoE6fG6v00000001','k0.retiring',1773147630,replace('reader\nwriter','\n',char(10)),replace('dns:read\ndns:write','\n',char(10)),'pro',1,1,7,70,700,1,'mhles0=3 dfu2=3 Mire=3',3,1773144030,'2001:db8::1');
INSERT INTO records VALUES('00000002','org_acme','production','ann',0,1773144030,0,'k1.mPtZIxvDlJ7Fxk7sJXqlT5QaQUr0ZoE6fG6v00000002','',0,replace('reader\nwriter','\n',char(10)),replace('dns:read\ndns:write','\n',char(10)),'enterprise',0,0,1125899906842624,2251799813685248,4503599627370496,2,'',0,0,'');
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
INSERT INTO details VALUES('org_acme','00000001','Key 1','key 1',replace('Früh übt sich\n"quoted"','\n',char(10)),'{"empty":"","team":"edge"}','vg_live_abcd...wxyz',1773144030,'member:ann',1773144030,0,1,'once',1773316830,1773316830);
INSERT INTO details VALUES('org_acme','00000002','Key 2','key 2','','null','vg_live_abcd...wxyz',1773144030,'member:ann',1773144030,1,0,'',0,1773144030);
CREATE TABLE sessions (
	person TEXT PRIMARY KEY,
	counts TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO sessions VALUES('7141LVYDMByepgxArQoSvg','mhles0=1 dfu2=1 Mire=1');
CREATE TABLE idempotency (
	id           TEXT PRIMARY KEY,
	organization TEXT NOT NULL,
	key          TEXT NOT NULL,
	body         BLOB,
	digest       TEXT NOT NULL,
	sealed       BLOB,
	created_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO idempotency VALUES('once','org_acme','00000001',X'626f6479','k1.mPtZIxvDlJ7Fxk7sJXqlT5QaQUr0ZoE6fG6v00000001',X'7365616c6564',1773144030);
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
INSERT INTO activity VALUES('org_acme','01KKBSXESGFTF8EFP2NHG4WHWJ',1773144030,'keyward','key.revoke','key_00000002','','null','null');
INSERT INTO activity VALUES('org_acme','01KKBSXESGR5TZNNMNPAYBN246',1773144030,'keyward','organization.create','org_acme','','null','null');
INSERT INTO activity VALUES('org_acme','01KKBSXESGS0KXSWGC28ZXJZJ1',1773144030,'keyward','key.create','key_00000002','','null','null');
INSERT INTO activity VALUES('org_acme','01KKBSXESGT3G1RP8PB2KNK1WX',1773144030,'keyward','key.create','key_00000001','','null','null');
CREATE UNIQUE INDEX live_by_name ON details (organization, folded) WHERE released = 0;
CREATE INDEX live_by_soonest ON details (organization, soonest, id) WHERE released = 0;
CREATE INDEX live_by_latest ON details (organization, expires_at, id) WHERE released = 0;
CREATE INDEX to_settle ON details (expires_at) WHERE released = 0 AND expires_at > 0;
CREATE INDEX to_delete ON details (ended_at) WHERE ended_at > 0;
CREATE INDEX idempotency_by_age ON idempotency (created_at);
CREATE INDEX idempotency_by_key ON idempotency (key);
PRAGMA user_version = 1;
