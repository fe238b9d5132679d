package keys

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// Follower gives keys the limit of the tier that they follow.
type Follower struct {
	Store         apikey.Keys
	Walker        apikey.Walker
	Organizations org.Store
	Catalog       *policy.Catalog
	Now           func() time.Time
}

const (
	followBatch = 200 // keys that a step of Follow looks at
	atOnce      = 16  // keys that are rewritten at a time
	// followMargin is how long before its deadline a Follow stops, so that it ends by itself.
	followMargin = 2 * time.Second
)

// Follow goes on rewriting the keys that follow the organization's tier, until that is done, limit of them have been
// rewritten, or the deadline is near. It reports whether it is done.
//
// It starts where the last one stopped. A step that it has done counts only while the organization is as it was: where the
// tier has changed again, all begins anew. Keys made meanwhile have the new tier, since a create is refused where it moved.
func (f Follower) Follow(ctx context.Context, id org.ID, limit int) (done bool, err error) {
	for {
		organization, err := f.Organizations.Organization(ctx, id)
		if err != nil || !organization.Following {
			return err == nil, err
		}
		if limit <= 0 || !hasTime(ctx, followMargin) {
			return false, nil
		}
		rewritten, err := f.step(ctx, organization, min(limit, followBatch))
		if err != nil {
			return false, err
		}
		limit -= rewritten
	}
}

// step rewrites up to limit keys, and notes how far it has come.
func (f Follower) step(ctx context.Context, organization org.Organization, limit int) (int, error) {
	page, next, err := f.Store.Page(ctx, apikey.PageRequest{
		Organization: organization.ID, Order: apikey.NewestFirst, After: organization.FollowedTo, Limit: limit,
	})
	if err != nil {
		return 0, err
	}
	rewritten, err := f.retuneAll(ctx, page, followed(organization))
	if err != nil {
		return rewritten, err
	}
	after := organization
	after.Following, after.FollowedTo = next != "", next
	_, err = f.Organizations.ChangeOrganization(ctx, organization, after, nil)
	if errors.Is(err, org.ErrMoved) {
		return rewritten, nil // what it is now says what is to be done
	}
	return rewritten, err
}

// aim says which tier a key is to have; it reports false where the key is not concerned.
type aim func(key *apikey.Key) (tier string, concerned bool)

// followed is the aim at the organization's tier, for keys that follow it.
func followed(organization org.Organization) aim {
	return func(key *apikey.Key) (string, bool) { return organization.Tier, key.TierInherited }
}

// retuneAll retunes those keys that need it, and counts them. One that fails stops no other.
func (f Follower) retuneAll(ctx context.Context, keys []*apikey.Key, aim aim) (int, error) {
	var needy []*apikey.Key
	for _, key := range keys {
		needs, err := f.tune(key.Clone(), aim)
		if err != nil {
			return 0, err
		}
		if needs && key.LiveAt(f.Now()) {
			needy = append(needy, key)
		}
	}
	return len(needy), each(needy, func(key *apikey.Key) error {
		_, err := f.retune(ctx, key, aim)
		return err
	})
}

// retune stores the key with the numbers of the tier that it is to have. One that is over or gone stays as it is.
func (f Follower) retune(ctx context.Context, key *apikey.Key, aim aim) (*apikey.Key, error) {
	errand := errand{organization: key.Organization, id: key.ID, actor: audit.System, action: audit.KeyUpdated}
	_, stored, err := changer{f.Store, f.Now}.change(ctx, errand, func(before, after *apikey.Key, now time.Time) (bool, error) {
		if !before.LiveAt(now) {
			return false, nil
		}
		return f.tune(after, aim)
	})
	if errors.Is(err, fault.KeyNotFound) {
		return key, nil
	}
	return stored, err
}

// tune gives the key the numbers of the tier that it is to have; it reports whether that changes anything.
func (f Follower) tune(key *apikey.Key, aim aim) (bool, error) {
	id, concerned := aim(key)
	if !concerned {
		return false, nil
	}
	tier, known := f.Catalog.Tier(id)
	if !known {
		return false, fmt.Errorf("key %s is to have the tier %q, which the catalog does not know", key.ID, id)
	}
	before := key.Tier
	limit := key.Limits.PerMinute
	key.Tier = tier.ID
	if !key.OwnLimit {
		key.Limits.PerMinute = tier.RequestsPerMinute
	}
	return key.Tier != before || key.Limits.PerMinute != limit, nil
}

// each does work on all of them, some at a time, and joins what failed.
func each[T any](all []T, work func(T) error) error {
	failures := make([]error, len(all))
	for chunk := range slices.Chunk(indexes(all), atOnce) {
		var group sync.WaitGroup
		for _, i := range chunk {
			group.Go(func() { failures[i] = work(all[i]) })
		}
		group.Wait()
	}
	return errors.Join(failures...)
}

func indexes[T any](all []T) []int {
	indexes := make([]int, len(all))
	for i := range indexes {
		indexes[i] = i
	}
	return indexes
}
