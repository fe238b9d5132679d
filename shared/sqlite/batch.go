package sqlite

import (
	"context"
	"fmt"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
)

// remembered bounds how many rows the committer keeps in memory between its transactions.
const remembered = 10_000

// batch is the transaction at hand of the committer. It reads a row once, however many ask for it, and writes every
// row that changed once, at the end. Rows stay in memory from one transaction to the next for as long as SQLite
// says, inside the transaction, that no other connection has written to the file.
type batch struct {
	sql     *statements
	version int64 // of the file: SQLite's data_version grows when another connection commits
	records map[apikey.ID]*hot
	names   map[owned]string
	people  map[string]*person
	members map[seat]*org.Member // nil where there is none
	roles   map[org.ID]org.Roles
	changed []changed
}

// owned names a key of an organization.
type owned struct {
	organization org.ID
	id           apikey.ID
}

// changed is a row of a batch that is to be written.
type changed interface {
	// write is called once, when every request of the batch has run.
	write(*statements) error
}

func newBatch(sql *statements) *batch {
	return &batch{
		sql: sql, records: map[apikey.ID]*hot{}, names: map[owned]string{}, people: map[string]*person{},
		members: map[seat]*org.Member{}, roles: map[org.ID]org.Roles{},
	}
}

// begin starts a transaction, and forgets what another connection may have changed since the last.
func (b *batch) begin(writing bool) error {
	begin := b.sql.begin
	if writing {
		begin = b.sql.beginWriting
	}
	var version int64
	if err := patiently(context.Background(), func() (err error) {
		version, err = b.start(begin)
		return err
	}); err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	if version != b.version || b.size() > remembered {
		b.forget()
		b.version = version
	}
	return nil
}

// start begins a transaction, and gives the version of the file inside it.
func (b *batch) start(begin *statement) (int64, error) {
	if err := begin.execute(); err != nil {
		return 0, err
	}
	row, err := b.sql.version.one()
	if err != nil {
		_ = b.sql.rollback.execute()
		return 0, fmt.Errorf("reading the version of the file: %w", err)
	}
	return row.number(), nil
}

func (b *batch) size() int {
	return len(b.records) + len(b.names) + len(b.people) + len(b.members) + len(b.roles)
}

func (b *batch) forget() {
	clear(b.records)
	clear(b.names)
	clear(b.people)
	clear(b.members)
	clear(b.roles)
}

// rollback undoes the transaction, if there still is one, and forgets what it has counted in memory.
func (b *batch) rollback() {
	_ = b.sql.rollback.execute() // fails where SQLite has rolled back by itself
	b.forget()
	b.changed = b.changed[:0]
}

// commit writes what has changed and ends the transaction. It reports whether anything had.
func (b *batch) commit() (wrote bool, err error) {
	for _, row := range b.changed {
		if err := row.write(b.sql); err != nil {
			return false, err
		}
	}
	if err := b.sql.commit.execute(); err != nil {
		return false, fmt.Errorf("committing: %w", err)
	}
	wrote = len(b.changed) > 0
	b.changed = b.changed[:0]
	return wrote, nil
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

// name is what a key is called; empty where the organization has no such key.
func (b *batch) name(key owned) (string, error) {
	if known, found := b.names[key]; found {
		return known, nil
	}
	row, err := b.sql.name.one(string(key.organization), string(key.id))
	if err != nil {
		return "", fmt.Errorf("reading the name of %s: %w", key.id, err)
	}
	var name string
	if row != nil {
		if name = row.text(); row.err != nil {
			return "", row.err
		}
	}
	b.names[key] = name
	return name, nil
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
	fresh := &person{name: name}
	if row != nil {
		if fresh.counts = row.counts(); row.err != nil {
			return nil, row.err
		}
	}
	b.people[name] = fresh
	return fresh, nil
}
