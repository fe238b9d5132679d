package dynamo

import (
	"context"

	"github.com/keyward/keyward/shared/org"
)

// Standing implements apikey.Spender in one consistent request, whatever of the two items is there.
func (s *Store) Standing(ctx context.Context, organization org.ID, owner string) (org.Standing, error) {
	keys := []key{rolesKey(organization)}
	if owner != "" {
		keys = append(keys, memberKey(organization, owner))
	}
	items, err := s.batchGet(ctx, "reading what a key depends on", keys)
	if err != nil {
		return org.Standing{}, err
	}
	standing := org.Standing{Roles: rolesOf(items[keys[0]])}
	if i := items[memberKey(organization, owner)]; i != nil {
		member := memberOf(keyOf(i), i)
		standing.Owner = &member
	}
	return standing, nil
}
