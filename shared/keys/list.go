package keys

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

// MaxPage is how many keys a page holds at most, and how many records one page examines.
const MaxPage = 1000

// Query asks for a page of keys.
type Query struct {
	Limit       int             // 1 to MaxPage
	Order       apikey.Order    // "" is newest first
	Statuses    []apikey.Status // nil: all but revoked
	Environment apikey.Environment
	Owner       string // a subject; "me" is the caller
	Search      string // a prefix of the name, a masked key or a key id
	Cursor      string
}

// Listing is a page of keys.
type Listing struct {
	Keys    []*apikey.Key
	Total   int64 // of the whole list without filters; with them, of what was examined
	Partial bool  // with filters: more remain to be examined
	Next    string
}

// List is the page that query asks for. A caller that is a key lists those of its own environment alone.
func (s *Service) List(ctx context.Context, caller Caller, query Query) (Listing, error) {
	sight, err := s.sight(ctx, caller)
	if err != nil {
		return Listing{}, err
	}
	if sight != "" && query.Environment == "" {
		query.Environment = sight
	}
	if sight != "" && query.Environment != sight {
		return Listing{}, nil
	}
	organization, err := s.Organizations.Organization(ctx, caller.Organization)
	if err != nil {
		return Listing{}, err
	}
	cursors := newCursors(organization, query)
	after, err := cursors.open(query.Cursor)
	if err != nil {
		return Listing{}, err
	}
	listing, next, err := s.examine(ctx, caller, query, after)
	if err != nil {
		return Listing{}, err
	}
	if !query.filtered() {
		listing.Total, listing.Partial = query.counted(organization), false
	}
	listing.Next = cursors.seal(next)
	return listing, nil
}

// examine walks the records from after on: until one is left over where nothing is filtered, and through up to MaxPage of
// them. next is the position behind the page's last key or, where nothing that belongs into the list was left over,
// behind the last one examined: "" at the end.
func (s *Service) examine(ctx context.Context, caller Caller, query Query, after string) (listing Listing, next string, err error) {
	matches := query.matcher(caller, s.now())
	for examined := 0; examined < MaxPage; {
		keys, more, err := s.Store.Page(ctx, apikey.PageRequest{
			Organization: caller.Organization,
			Order:        query.order(),
			NamePrefix:   query.namePrefix(),
			After:        after,
			Limit:        query.step(int(listing.Total), examined),
		})
		if err != nil {
			return Listing{}, "", err
		}
		for _, key := range keys {
			if matches(key) {
				listing.add(key, query.Limit)
			}
		}
		examined += len(keys)
		after, listing.Partial = more, more != ""
		if more == "" || (listing.leftOver() && !query.filtered()) {
			break
		}
	}
	if listing.leftOver() {
		return listing, listing.Keys[len(listing.Keys)-1].Position(query.order()), nil
	}
	return listing, after, nil
}

// add counts a key, and puts it on the page where there is room.
func (l *Listing) add(key *apikey.Key, limit int) {
	l.Total++
	if len(l.Keys) < limit {
		l.Keys = append(l.Keys, key)
	}
}

// leftOver reports whether a key was counted that had no room.
func (l *Listing) leftOver() bool { return l.Total > int64(len(l.Keys)) }

func (q Query) filtered() bool {
	return q.Statuses != nil || q.Environment != "" || q.Owner != "" || q.Search != ""
}

func (q Query) order() apikey.Order {
	if q.Order == "" {
		return apikey.NewestFirst
	}
	return q.Order
}

// ranked reports whether the order lists live keys alone.
func (q Query) ranked() bool {
	return q.order() != apikey.NewestFirst && q.order() != apikey.OldestFirst
}

// counted is the length of the whole list where nothing is filtered.
func (q Query) counted(organization org.Organization) int64 {
	if q.ranked() {
		return organization.LiveKeys
	}
	return organization.Keys
}

// step is how many records to ask the store for: what the page still lacks and one more, so that the last page says
// that it is the last, or all that may be examined.
func (q Query) step(found, examined int) int {
	if q.filtered() {
		return MaxPage - examined
	}
	return min(q.Limit-found, MaxPage-examined) + 1
}

// namePrefix lets the store look up a prefix that it can.
func (q Query) namePrefix() string {
	if q.order() == apikey.ByName || q.order() == apikey.ByNameReversed {
		if !q.searchesKey() {
			return apikey.FoldName(q.Search)
		}
	}
	return ""
}

// searchesKey reports whether the search is for a key id or a masked key, not for a name.
func (q Query) searchesKey() bool {
	_, isID := apikey.ParseID(q.Search)
	return isID || strings.Contains(q.Search, "...")
}

// Orders are the orders that a list can be asked for.
var Orders = []apikey.Order{
	apikey.NewestFirst, apikey.OldestFirst, apikey.ByName, apikey.ByNameReversed, apikey.SoonestExpiry, apikey.LatestExpiry,
}

// Validate checks what a caller wrote.
func (q Query) Validate() error {
	if q.Limit < 1 || q.Limit > MaxPage {
		return fault.InvalidParam("limit", "limit must be a whole number from 1 to %d.", MaxPage)
	}
	if !slices.Contains(Orders, q.order()) {
		return fault.InvalidParam("sort", "sort must be one of -created_at, created_at, name, -name, expires_at, -expires_at, not %q.", q.Order)
	}
	for _, status := range q.Statuses {
		if !slices.Contains(apikey.Statuses, status) {
			return fault.InvalidParam("status", "status must be all, or some of active, inactive, expired and revoked, separated by commas, not %q.", status)
		}
	}
	if utf8.RuneCountInString(q.Search) > maxName {
		return fault.InvalidParam("q", "q must have at most %d characters: it is the beginning of a name, a masked key or a key id.", maxName)
	}
	if q.Environment != "" && !q.Environment.Valid() {
		return fault.InvalidParam("environment", "environment must be one of production, staging, development, test, not %q.", q.Environment)
	}
	return nil
}
