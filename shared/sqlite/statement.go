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
