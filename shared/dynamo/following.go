package dynamo

import (
	"context"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/org"
)

// follow puts an organization into the index of those whose keys have still to follow their tier, or takes it out.
// One that waits already keeps its place: the longest waiting comes first.
func (u *update) follow(o org.ID, waits bool, since time.Time) *update {
	if !waits {
		return u.remove(attrDuePK).remove(attrDueSK)
	}
	place := followAt(since, o)
	sort := u.name(attrDueSK)
	u.sets = append(u.sets, sort+" = if_not_exists("+sort+", "+u.value(text(place.sk))+")")
	return u.set(attrDuePK, text(place.pk))
}

// Following implements org.Store. It asks the index, which may be a moment behind.
func (s *Store) Following(ctx context.Context, limit int) ([]org.ID, error) {
	found, err := s.dueFor(ctx, "listing whose keys have still to follow", whyFollow, top(""), limit)
	if err != nil {
		return nil, err
	}
	slices.Sort(found)
	var ids []org.ID
	for _, sort := range found[:min(len(found), max(limit, 0))] {
		ids = append(ids, followerOf(sort))
	}
	return ids, nil
}
