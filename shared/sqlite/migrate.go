package sqlite

import (
	"context"
	"database/sql"
	"fmt"
)

// migrate brings a file up to the latest version, in one transaction, and loses nothing. Whoever opens the file first
// does; a file of a later keyward is refused.
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
	switch {
	case version > len(steps):
		return fmt.Errorf("the file has schema %d; this keyward knows %d", version, len(steps))
	case version == len(steps):
		return nil
	}
	for from, step := range steps[version:] {
		if _, err := tx.ExecContext(ctx, step); err != nil {
			return fmt.Errorf("migrating from schema %d: %w", version+from, err)
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(steps))); err != nil {
		return err
	}
	return tx.Commit()
}
