package keys

import (
	"context"
	"errors"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
)

// Retiered is what a step of Retier did.
type Retiered struct {
	Examined int    `json:"examined"`
	Changed  int    `json:"changed"`
	Next     string `json:"next"` // where the next step starts; empty: all is done
}

// Retier is one step of applying the catalog's numbers to all keys that have a tier and no limit of their own: up to limit
// keys behind after. A step may be repeated with no harm. Keys of a tier that the catalog no longer has stay as they are.
func (f Follower) Retier(ctx context.Context, after string, limit int) (Retiered, error) {
	listed, next, err := f.Walker.Walk(ctx, after, limit)
	if err != nil {
		return Retiered{}, err
	}
	keys := make([]*apikey.Key, len(listed))
	err = each(indexes(listed), func(i int) (err error) {
		keys[i], err = f.Store.Key(ctx, listed[i].Organization, listed[i].ID)
		if errors.Is(err, fault.KeyNotFound) {
			err = nil // deleted meanwhile
		}
		return err
	})
	if err != nil {
		return Retiered{}, err
	}
	changed, err := f.retuneAll(ctx, present(keys), f.itsOwn)
	if err != nil {
		return Retiered{}, err
	}
	return Retiered{Examined: len(listed), Changed: changed, Next: next}, nil
}

// itsOwn is the aim at the tier that a key has.
func (f Follower) itsOwn(key *apikey.Key) (string, bool) {
	_, known := f.Catalog.Tier(key.Tier)
	return key.Tier, known
}

func present(keys []*apikey.Key) []*apikey.Key {
	var present []*apikey.Key
	for _, key := range keys {
		if key != nil {
			present = append(present, key)
		}
	}
	return present
}
