package sqlite

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// order is how an apikey.Order walks an index.
type order struct {
	columns    []string // of the index, behind the organization
	descending bool
	live       bool // it lists live keys alone: those that hold a name
	after      func(position string) ([]any, error)
}

var orders = map[apikey.Order]order{
	apikey.NewestFirst:    {columns: []string{"d.id"}, descending: true, after: afterText},
	apikey.OldestFirst:    {columns: []string{"d.id"}, after: afterText},
	apikey.ByName:         {columns: []string{"d.folded"}, live: true, after: afterText},
	apikey.ByNameReversed: {columns: []string{"d.folded"}, descending: true, live: true, after: afterText},
	apikey.SoonestExpiry:  {columns: []string{"d.soonest", "d.id"}, live: true, after: afterExpiry(math.MaxInt64)},
	apikey.LatestExpiry:   {columns: []string{"d.expires_at", "d.id"}, descending: true, live: true, after: afterExpiry(0)},
}

// Page implements apikey.Keys.
func (s *Store) Page(ctx context.Context, page apikey.PageRequest) (keys []*apikey.Key, next string, err error) {
	o, known := orders[page.Order]
	if !known {
		return nil, "", fmt.Errorf("listing keys: there is no order %q", page.Order)
	}
	page.Limit = max(page.Limit, 1)
	query, arguments, err := o.query(page)
	if err != nil {
		return nil, "", told(err, "listing keys after %q", page.After)
	}
	rows, err := all(ctx, s.reads, query, arguments...)
	if err != nil {
		return nil, "", told(err, "listing keys")
	}
	for i, row := range rows {
		if i == page.Limit { // one more than asked for: there is a next page
			return keys, keys[i-1].Position(page.Order), nil
		}
		key, err := row.key()
		if err != nil {
			return nil, "", told(err, "listing keys")
		}
		keys = append(keys, key)
	}
	return keys, "", nil
}

// query walks the index from the position on; whatever the number of keys, it touches those of the page alone.
func (o order) query(page apikey.PageRequest) (string, []any, error) {
	where, arguments := []string{"d.organization = ?"}, []any{string(page.Organization)}
	if o.live {
		where = append(where, "d.released = 0")
	}
	if page.NamePrefix != "" {
		where = append(where, "d.folded >= ? AND d.folded < ?")
		arguments = append(arguments, page.NamePrefix, page.NamePrefix+"\xff") // which no UTF-8 text contains
	}
	if page.After != "" {
		after, err := o.after(page.After)
		if err != nil {
			return "", nil, err
		}
		where = append(where, o.behind())
		arguments = append(arguments, after...)
	}
	query := `SELECT ` + recordColumns + `, ` + detailsColumns + `
		FROM details AS d CROSS JOIN records AS r ON r.id = d.id
		WHERE ` + strings.Join(where, " AND ") + ` ORDER BY ` + o.sequence() + ` LIMIT ?`
	return query, append(arguments, page.Limit+1), nil
}

// behind is the condition that a key lies behind a position.
func (o order) behind() string {
	sign := " > "
	if o.descending {
		sign = " < "
	}
	return "(" + strings.Join(o.columns, ", ") + ")" + sign + places(len(o.columns))
}

func (o order) sequence() string {
	direction := " ASC"
	if o.descending {
		direction = " DESC"
	}
	return strings.Join(o.columns, direction+", ") + direction
}

// afterText reads a position that is what the index has: an ID, or a folded name.
func afterText(position string) ([]any, error) { return []any{position}, nil }

var errPosition = errors.New("not a position in this order")

// afterExpiry reads an apikey.ExpiryPosition, for an index where keys that never expire have that rank.
func afterExpiry(never int64) func(string) ([]any, error) {
	return func(position string) ([]any, error) {
		expiry, id, found := strings.Cut(position, "#")
		if !found {
			return nil, errPosition
		}
		if position == apikey.ExpiryPosition(time.Time{}, apikey.ID(id)) {
			return []any{never, id}, nil
		}
		at, err := time.Parse(time.RFC3339, expiry)
		if err != nil {
			return nil, errPosition
		}
		return []any{at.Unix(), id}, nil
	}
}
