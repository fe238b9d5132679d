package sqlite

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
)

// walk goes along the primary key: a position is the ID of the key before it.
const walk = `SELECT id, organization FROM records WHERE id > ? ORDER BY id LIMIT ?`

// Walk implements apikey.Walker.
func (s *Store) Walk(ctx context.Context, after string, limit int) (keys []apikey.DueKey, next string, err error) {
	limit = max(limit, 1)
	rows, err := all(ctx, s.reads, walk, after, limit+1)
	if err != nil {
		return nil, "", told(err, "walking through all keys")
	}
	for i, row := range rows {
		if i == limit { // one more than asked for: there is a next step
			return keys, string(keys[i-1].ID), nil
		}
		keys = append(keys, apikey.DueKey{ID: apikey.ID(row.text()), Organization: org.ID(row.text())})
	}
	return keys, "", nil
}
