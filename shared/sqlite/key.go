package sqlite

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
)

// Key implements apikey.Keys.
func (s *Store) Key(ctx context.Context, organization org.ID, id apikey.ID) (*apikey.Key, error) {
	key, err := keyOf(ctx, s.reads, organization, id)
	if err != nil {
		return nil, told(err, "reading %s", id)
	}
	if key == nil {
		return nil, apikey.NotFound()
	}
	return key, nil
}

// keyOf reads a key; nil where the organization has none of that ID.
func keyOf(ctx context.Context, from querier, organization org.ID, id apikey.ID) (*apikey.Key, error) {
	row, err := one(ctx, from, `SELECT `+recordColumns+`, `+detailsColumns+`
		FROM details AS d CROSS JOIN records AS r ON r.id = d.id
		WHERE d.organization = ? AND d.id = ?`, string(organization), string(id))
	if err != nil || row == nil {
		return nil, err
	}
	return row.key()
}
