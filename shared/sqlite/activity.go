package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
)

// insertActivity adds a line to the activity of an organization.
func insertActivity(ctx context.Context, tx *sql.Tx, organization org.ID, entry audit.Entry) error {
	before, err := json.Marshal(entry.Before)
	if err != nil {
		return fmt.Errorf("writing activity: %w", err)
	}
	after, err := json.Marshal(entry.After)
	if err != nil {
		return fmt.Errorf("writing activity: %w", err)
	}
	_, err = execute(ctx, tx, `INSERT INTO activity VALUES (?,?,?,?,?,?,?,?,?)`,
		string(organization), entry.ID, secondsOf(entry.At), string(entry.Actor), string(entry.Action), entry.Target,
		addressOf(entry.Address), string(before), string(after))
	return err
}
