package sqlite

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
)

// Name implements apikey.Namer. It is asked beside a spend, and shares that one's transaction.
func (s *Store) Name(ctx context.Context, organization org.ID, id apikey.ID) (string, error) {
	var name string
	err := s.committer.read(ctx, func(b *batch) (err error) {
		name, err = b.name(owned{organization, id})
		return err
	})
	if err != nil {
		return "", told(err, "reading the name of %s", id)
	}
	return name, nil
}
