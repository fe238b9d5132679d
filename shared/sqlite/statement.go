package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
)

// statement is a prepared statement of the committer's own connection, without what database/sql adds. One
// goroutine uses it at a time.
type statement struct {
	prepared  driver.Stmt
	arguments []driver.NamedValue
}

// statements are all that the committer asks and writes.
type statements struct {
	begin, beginWriting, commit, rollback *statement
	version                               *statement
	record, use, rehash                   *statement
	name, person, usePerson               *statement
	member, roles                         *statement
}

func newStatements(ctx context.Context, conn driver.Conn) (*statements, error) {
	s := &statements{}
	for query, statement := range map[string]**statement{
		"BEGIN":               &s.begin,
		"BEGIN IMMEDIATE":     &s.beginWriting,
		"COMMIT":              &s.commit,
		"ROLLBACK":            &s.rollback,
		"PRAGMA data_version": &s.version,
		"SELECT " + recordColumns + " FROM records AS r WHERE r.id = ?":                             &s.record,
		"UPDATE records SET counts = ?, total = ?, last_used_at = ?, last_used_ip = ? WHERE id = ?": &s.use,
		"UPDATE records SET digest = ?, retiring = ? WHERE id = ?":                                  &s.rehash,
		"SELECT name FROM details WHERE organization = ? AND id = ?":                                &s.name,
		memberQuery: &s.member,
		rolesQuery:  &s.roles,
		"SELECT counts FROM sessions WHERE person = ?":                                          &s.person,
		"INSERT INTO sessions VALUES (?, ?) ON CONFLICT DO UPDATE SET counts = excluded.counts": &s.usePerson,
	} {
		prepared, err := prepare(ctx, conn, query)
		if err != nil {
			return nil, err
		}
		*statement = prepared
	}
	return s, nil
}

func prepare(ctx context.Context, conn driver.Conn, query string) (*statement, error) {
	prepared, err := conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("preparing %q: %w", query, err)
	}
	return &statement{prepared: prepared}, nil
}

// execute runs the statement. It takes no context: one caller's patience must not end another caller's write.
func (s *statement) execute(values ...driver.Value) error {
	_, err := s.prepared.(driver.StmtExecContext).ExecContext(context.Background(), s.bind(values))
	return err
}

// one gives the first row of the result, nil where there is none.
func (s *statement) one(values ...driver.Value) (*row, error) {
	rows, err := s.prepared.(driver.StmtQueryContext).QueryContext(context.Background(), s.bind(values))
	if err != nil {
		return nil, err
	}
	r := &row{values: make([]driver.Value, len(rows.Columns()))}
	err = rows.Next(r.values)
	if closed := rows.Close(); err == nil {
		err = closed
	}
	switch {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, err
	default:
		return r, nil
	}
}

func (s *statement) bind(values []driver.Value) []driver.NamedValue {
	s.arguments = s.arguments[:0]
	for i, value := range values {
		s.arguments = append(s.arguments, driver.NamedValue{Ordinal: i + 1, Value: value})
	}
	return s.arguments
}
