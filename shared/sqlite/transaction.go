package sqlite

import (
	"context"
	"database/sql"
	"fmt"
)

// write runs do in one transaction, and returns once it is on disk. If do fails nothing has happened, and its
// error comes back as it is.
func (s *Store) write(ctx context.Context, do func(*sql.Tx) error) error {
	if err := s.turn.take(ctx); err != nil {
		return err
	}
	defer s.turn.end()
	var tx *sql.Tx
	if err := patiently(ctx, func() (err error) {
		tx, err = s.writes.BeginTx(ctx, nil)
		return err
	}); err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	defer rollback(tx)
	if err := do(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// rollback undoes what was not committed. Where it fails SQLite has undone it already, or will when the file is
// opened next.
func rollback(tx *sql.Tx) { _ = tx.Rollback() }

// execute runs a statement and reports whether it changed anything.
func execute(ctx context.Context, tx *sql.Tx, statement string, args ...any) (bool, error) {
	result, err := tx.ExecContext(ctx, statement, args...)
	if err != nil {
		return false, err
	}
	changed, err := result.RowsAffected()
	return changed > 0, err
}
