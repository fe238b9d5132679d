package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/ratelimit"
)

// batch is a transaction of the committer. It reads every record once, however many ask for it, and writes
// every record that changed once, at the end.
type batch struct {
	records map[apikey.ID]*hot
	people  map[string]*person
	sql     statements
}

// hot is a record within a batch. record is nil where there is no such key.
type hot struct {
	record   *apikey.Record
	used     bool // counters and last use are to be written
	rehashed bool // digests are to be written
}

// person is the counters of a person's sessions within a batch.
type person struct {
	counts ratelimit.Counts
	used   bool
}

type statements struct {
	begin, beginWriting, commit, rollback *statement
	record, use, rehash                   *statement
	person, usePerson                     *statement
}

func newBatch(ctx context.Context, conn driver.Conn) (*batch, error) {
	b := &batch{records: map[apikey.ID]*hot{}, people: map[string]*person{}}
	for query, statement := range map[string]**statement{
		"BEGIN":           &b.sql.begin,
		"BEGIN IMMEDIATE": &b.sql.beginWriting,
		"COMMIT":          &b.sql.commit,
		"ROLLBACK":        &b.sql.rollback,
		"SELECT " + recordColumns + " FROM records AS r WHERE r.id = ?":                                  &b.sql.record,
		"UPDATE records SET counts = ?, total = ?, last_used_at = ?, last_used_ip = ? WHERE id = ?":      &b.sql.use,
		"UPDATE records SET digest = ?, retiring = ? WHERE id = ?":                                       &b.sql.rehash,
		"SELECT counts FROM sessions WHERE person = ?":                                                   &b.sql.person,
		"INSERT INTO sessions VALUES (?, ?) ON CONFLICT (person) DO UPDATE SET counts = excluded.counts": &b.sql.usePerson,
	} {
		prepared, err := prepare(ctx, conn, query)
		if err != nil {
			return nil, err
		}
		*statement = prepared
	}
	return b, nil
}

func (b *batch) begin(writing bool) error {
	clear(b.records)
	clear(b.people)
	if writing {
		return b.sql.beginWriting.execute()
	}
	return b.sql.begin.execute()
}

// rollback undoes the transaction. Where it fails SQLite has already done so.
func (b *batch) rollback() { _ = b.sql.rollback.execute() }

// commit writes what has changed and ends the transaction. It reports whether anything had.
func (b *batch) commit() (wrote bool, err error) {
	for id, hot := range b.records {
		wrote = wrote || hot.used || hot.rehashed
		if err := b.writeRecord(id, hot); err != nil {
			return false, fmt.Errorf("writing the record of %s: %w", id, err)
		}
	}
	for name, person := range b.people {
		if !person.used {
			continue
		}
		wrote = true
		if err := b.sql.usePerson.execute(name, countsText(person.counts)); err != nil {
			return false, fmt.Errorf("writing the counters of a session: %w", err)
		}
	}
	if err := b.sql.commit.execute(); err != nil {
		return false, fmt.Errorf("committing: %w", err)
	}
	return wrote, nil
}

func (b *batch) writeRecord(id apikey.ID, hot *hot) error {
	r := hot.record
	if hot.used {
		err := b.sql.use.execute(countsText(r.Counts), r.Total, secondsOf(r.LastUsedAt), addressOf(r.LastUsedIP), string(id))
		if err != nil {
			return err
		}
	}
	if hot.rehashed {
		return b.sql.rehash.execute(string(r.Digest), string(r.Retiring), string(id))
	}
	return nil
}

// record is the record of a key, as this batch has left it so far.
func (b *batch) record(id apikey.ID) (*hot, error) {
	if known, found := b.records[id]; found {
		return known, nil
	}
	row, err := b.sql.record.one(string(id))
	if err != nil {
		return nil, fmt.Errorf("reading the record of %s: %w", id, err)
	}
	fresh := &hot{}
	if row != nil {
		if fresh.record, err = row.record(); err != nil {
			return nil, err
		}
	}
	b.records[id] = fresh
	return fresh, nil
}

// person is the counters of a person's sessions, as this batch has left them so far.
func (b *batch) person(name string) (*person, error) {
	if known, found := b.people[name]; found {
		return known, nil
	}
	row, err := b.sql.person.one(name)
	if err != nil {
		return nil, fmt.Errorf("reading the counters of a session: %w", err)
	}
	fresh := &person{}
	if row != nil {
		fresh.counts = row.counts()
		err = row.err
	}
	b.people[name] = fresh
	return fresh, err
}
