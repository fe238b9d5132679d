package dynamo

import (
	"context"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
)

// Key implements apikey.Keys: both items in one consistent request.
func (s *Store) Key(ctx context.Context, organization org.ID, id apikey.ID) (*apikey.Key, error) {
	st, err := s.state(ctx, organization, id)
	if err != nil {
		return nil, err
	}
	if st == nil || st.details == nil {
		return nil, apikey.NotFound()
	}
	return st.key(), nil
}

// maxPage is how many keys one page holds at most.
const maxPage = 1000

// Page implements apikey.Keys. It reads along the items that an order has, and then the keys behind them.
func (s *Store) Page(ctx context.Context, page apikey.PageRequest) (keys []*apikey.Key, next string, err error) {
	q, prefix := pageQuery(page)
	items, more, err := s.query(ctx, "listing keys", q)
	if err != nil {
		return nil, "", err
	}
	states, err := s.states(ctx, page.Organization, listed(items))
	if err != nil {
		return nil, "", err
	}
	for _, st := range states {
		if st.details != nil && listable(page.Order, st) {
			keys = append(keys, st.key())
		}
	}
	switch {
	case more:
		next = strings.TrimPrefix(keyOf(items[len(items)-1]).sk, prefix)
	case page.Order == apikey.LatestExpiry && !neverExpiring(page.After):
		next = beforeNever
	}
	return keys, next, nil
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

// listable leaves revoked keys out of the orders that list keys which hold their place, also where the cold items do
// not know of the revocation yet.
func listable(order apikey.Order, st *state) bool {
	byID := order == apikey.NewestFirst || order == apikey.OldestFirst
	return byID || st.record.RevokedAt.IsZero()
}

// beforeNever is the position in LatestExpiry behind all keys that expire: the highest of those that never do.
const beforeNever = never + "\U0010FFFF"

func neverExpiring(position string) bool { return strings.HasPrefix(position, never) }

// pageQuery is the query of a page, and the prefix that its sort keys have before a position.
func pageQuery(page apikey.PageRequest) (q query, prefix string) {
	q = query{partition: orgPartition(page.Organization), limit: min(max(page.Limit, 1), maxPage)}
	switch page.Order {
	case apikey.ByName, apikey.ByNameReversed:
		prefix = prefixName
		q.from, q.to = prefix+page.NamePrefix, top(prefix+page.NamePrefix)
		q.backwards = page.Order == apikey.ByNameReversed
	case apikey.SoonestExpiry, apikey.LatestExpiry:
		prefix = prefixExpiry
		q.from, q.to, q.backwards = expiryRange(page)
	default:
		prefix = prefixKey
		q.from, q.to = prefix, top(prefix)
		q.backwards = page.Order != apikey.OldestFirst
	}
	if page.After != "" {
		q.after = prefix + page.After
	}
	return q, prefix
}

// expiryRange is the part of the expiries that a page lies in. Backwards there are two parts, since keys that never
// expire come last in both directions.
func expiryRange(page apikey.PageRequest) (from, to string, backwards bool) {
	switch {
	case page.Order == apikey.SoonestExpiry:
		return prefixExpiry, top(prefixExpiry), false
	case neverExpiring(page.After):
		return prefixExpiry + never, top(prefixExpiry + never), true
	default:
		return prefixExpiry, prefixExpiry + never, true
	}
}
