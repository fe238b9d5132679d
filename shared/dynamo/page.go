package dynamo

import (
	"context"
	"errors"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

// Key implements apikey.Keys: both items in one consistent request, and in another rules that are kept apart.
func (s *Store) Key(ctx context.Context, organization org.ID, id apikey.ID) (*apikey.Key, error) {
	var st *state
	record, err := s.whole(ctx, func() (_ *apikey.Record, err error) {
		if st, err = s.state(ctx, organization, id); st == nil || st.details == nil {
			return nil, err
		}
		return st.record, err
	})
	if err != nil {
		return nil, err
	}
	if record == nil {
		return nil, apikey.NotFound()
	}
	return st.key(), nil
}

// Page implements apikey.Keys. It reads along the items that an order has, and then the keys behind them.
func (s *Store) Page(ctx context.Context, page apikey.PageRequest) (keys []*apikey.Key, next string, err error) {
	limit := max(page.Limit, 1)
	items, more, err := s.along(ctx, page, limit)
	if err != nil {
		return nil, "", err
	}
	states, err := s.states(ctx, page.Organization, listed(items), detailsAmong(items))
	if err != nil {
		return nil, "", err
	}
	if keys, err = s.keys(ctx, page.Order, states); err != nil {
		return nil, "", err
	}
	if more {
		next = position(items[len(items)-1])
	}
	return keys, next, nil
}

// keys are those of states that an order lists, with their rules. Where those were replaced since the state was read,
// the key is read again.
func (s *Store) keys(ctx context.Context, order apikey.Order, states []*state) ([]*apikey.Key, error) {
	if err := s.complete(ctx, states); err != nil {
		return nil, err
	}
	var keys []*apikey.Key
	for _, st := range states {
		if st.details == nil || !listable(order, st.record) {
			continue
		}
		key, err := st.key(), error(nil)
		if st.record.Apart {
			key, err = s.Key(ctx, st.record.Organization, st.record.ID)
		}
		switch {
		case errors.Is(err, fault.NotFound):
		case err != nil:
			return nil, err
		case listable(order, &key.Record):
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// along gives up to limit items of the order, and whether there may be more behind them: DynamoDB does not say whether a
// page that is full is the last. The order by latest expiry has two parts, since keys that never expire come last in it
// too.
func (s *Store) along(ctx context.Context, page apikey.PageRequest, limit int) (items []item, more bool, err error) {
	for _, q := range pageQueries(page) {
		if len(items) == limit {
			return items, true, nil
		}
		q.limit = limit - len(items)
		part, cut, err := s.query(ctx, "listing keys", q)
		if err != nil {
			return nil, false, err
		}
		items = append(items, part...)
		if cut && len(part) > 0 {
			return items, true, nil
		}
	}
	return items, false, nil
}

// listed are the keys behind items, without those that only claim a name.
func listed(items []item) []apikey.ID {
	ids := make([]apikey.ID, 0, len(items))
	for _, i := range items {
		switch {
		case i.flag(nameClaimed):
		case i.text(nameHolder) != "":
			ids = append(ids, apikey.ID(i.text(nameHolder)))
		default:
			ids = append(ids, idOf(keyOf(i)))
		}
	}
	return ids
}

// detailsAmong are those of items that are details: all of them, in the orders by time.
func detailsAmong(items []item) map[key]item {
	seen := make(map[key]item, len(items))
	for _, i := range items {
		if k := keyOf(i); strings.HasPrefix(k.sk, prefixKey) {
			seen[k] = i
		}
	}
	return seen
}

// listable leaves revoked keys out of the orders that list keys which hold their place, also where the cold items do
// not know of the revocation yet.
func listable(order apikey.Order, record *apikey.Record) bool {
	byID := order == apikey.NewestFirst || order == apikey.OldestFirst
	return byID || record.RevokedAt.IsZero()
}

// position is where an item stands in its order: what follows the first # of its sort key.
func position(i item) string {
	_, position, _ := strings.Cut(keyOf(i).sk, "#")
	return position
}

// pageQueries are the parts of an order that a page may lie in, one behind the other.
func pageQueries(page apikey.PageRequest) []query {
	switch page.Order {
	case apikey.ByName, apikey.ByNameReversed:
		return []query{pageQuery(page, prefixName, page.NamePrefix, top(page.NamePrefix), page.Order == apikey.ByNameReversed)}
	case apikey.SoonestExpiry:
		return []query{pageQuery(page, prefixExpiry, "", top(""), false)}
	case apikey.LatestExpiry:
		nevers := pageQuery(page, prefixExpiry, never, top(never), true)
		if strings.HasPrefix(page.After, never) {
			return []query{nevers}
		}
		nevers.after = ""
		return []query{pageQuery(page, prefixExpiry, "", never, true), nevers}
	default:
		return []query{pageQuery(page, prefixKey, "", top(""), page.Order != apikey.OldestFirst)}
	}
}

// pageQuery reads the items whose sort keys have that prefix and then lie between from and to.
func pageQuery(page apikey.PageRequest, prefix, from, to string, backwards bool) query {
	q := query{partition: orgPartition(page.Organization), from: prefix + from, to: prefix + to, backwards: backwards}
	if page.After != "" {
		q.after = prefix + page.After
	}
	return q
}
