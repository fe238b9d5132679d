package sqlite

import (
	"context"
	"fmt"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
)

// Name implements apikey.Namer.
func (s *Store) Name(ctx context.Context, organization org.ID, id apikey.ID) (string, error) {
	row, err := one(ctx, s.reads, `SELECT name FROM details WHERE organization = ? AND id = ?`, string(organization), string(id))
	if err != nil {
		return "", fmt.Errorf("reading the name of %s: %w", id, err)
	}
	if row == nil {
		return "", nil
	}
	return row.text(), row.err
}
