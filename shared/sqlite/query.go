package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"
)

// querier is a transaction, or the pool of readers.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// one gives the first row of a result, nil where there is none.
func one(ctx context.Context, from querier, query string, args ...any) (*row, error) {
	rows, err := all(ctx, from, query, args...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// all gives every row of a result.
func all(ctx context.Context, from querier, query string, args ...any) ([]*row, error) {
	result, err := from.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer result.Close()
	columns, err := result.Columns()
	if err != nil {
		return nil, err
	}
	var rows []*row
	for result.Next() {
		r := &row{values: make([]driver.Value, len(columns))}
		if err := result.Scan(r.pointers()...); err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, result.Err()
}

func (r *row) pointers() []any {
	pointers := make([]any, len(r.values))
	for i := range r.values {
		pointers[i] = (*any)(&r.values[i])
	}
	return pointers
}

// places are n places for values, in brackets.
func places(n int) string { return "(" + strings.Repeat(", ?", n)[2:] + ")" }
