package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
)

// order is how an apikey.Order walks an index. Keys of one rank go by ID, in the same direction.
type order struct {
	rank       string // a column of details; empty: the ID alone ranks
	numeric    bool
	descending bool
}

// Ranked orders list live keys: what holds a name.
var orders = map[apikey.Order]order{
	apikey.NewestFirst:    {descending: true},
	apikey.OldestFirst:    {},
	apikey.ByName:         {rank: "folded"},
	apikey.ByNameReversed: {rank: "folded", descending: true},
	apikey.SoonestExpiry:  {rank: "soonest", numeric: true},
	apikey.LatestExpiry:   {rank: "latest", numeric: true},
}

var errPosition = errors.New("not a position in this list")

// Page implements apikey.Keys. A position is the ID of the last key, a colon, and its rank.
func (s *Store) Page(ctx context.Context, page apikey.PageRequest) (keys []*apikey.Key, next string, err error) {
	o, known := orders[page.Order]
	if !known {
		return nil, "", fmt.Errorf("listing keys: there is no order %q", page.Order)
	}
	query, arguments, err := o.query(page)
	if err != nil {
		return nil, "", fmt.Errorf("listing keys after %q: %w", page.After, err)
	}
	rows, err := all(ctx, s.reads, query, arguments...)
	if err != nil {
		return nil, "", fmt.Errorf("listing keys: %w", err)
	}
	for i, row := range rows {
		if i == page.Limit { // one more than asked for: there is a next page
			return keys, next, nil
		}
		next = row.position()
		key, err := row.key()
		if err != nil {
			return nil, "", fmt.Errorf("listing keys: %w", err)
		}
		keys = append(keys, key)
	}
	return keys, "", nil
}

// query walks the index from the position on; whatever the number of keys, it touches those of the page alone.
func (o order) query(page apikey.PageRequest) (string, []any, error) {
	where, arguments := []string{"d.organization = ?"}, []any{string(page.Organization)}
	if o.rank != "" {
		where = append(where, "d.released = 0")
	}
	if o.rank == "folded" && page.NamePrefix != "" {
		where = append(where, "d.folded >= ? AND d.folded < ?")
		arguments = append(arguments, page.NamePrefix, page.NamePrefix+"\xff") // which no UTF-8 text contains
	}
	if page.After != "" {
		after, err := o.after(page.After)
		if err != nil {
			return "", nil, err
		}
		where = append(where, o.columns()+o.sign()+o.places())
		arguments = append(arguments, after...)
	}
	query := `SELECT d.id, ` + o.rankColumn() + `, ` + recordColumns + `, ` + detailsColumns + `
		FROM details AS d CROSS JOIN records AS r ON r.id = d.id
		WHERE ` + strings.Join(where, " AND ") + ` ORDER BY ` + o.sequence() + ` LIMIT ?`
	return query, append(arguments, page.Limit+1), nil
}

func (o order) after(position string) ([]any, error) {
	id, rank, found := strings.Cut(position, ":")
	switch {
	case !found:
		return nil, errPosition
	case o.rank == "":
		return []any{id}, nil
	case !o.numeric:
		return []any{rank, id}, nil
	}
	number, err := strconv.ParseInt(rank, 10, 64)
	if err != nil {
		return nil, errPosition
	}
	return []any{number, id}, nil
}

func (o order) rankColumn() string {
	if o.rank == "" {
		return "''"
	}
	return "d." + o.rank
}

func (o order) columns() string {
	if o.rank == "" {
		return "d.id"
	}
	return "(d." + o.rank + ", d.id)"
}

func (o order) places() string {
	if o.rank == "" {
		return "?"
	}
	return "(?, ?)"
}

func (o order) sign() string {
	if o.descending {
		return " < "
	}
	return " > "
}

func (o order) sequence() string {
	direction := ""
	if o.descending {
		direction = " DESC"
	}
	if o.rank == "" {
		return "d.id" + direction
	}
	return "d." + o.rank + direction + ", d.id" + direction
}

// position reads the ID and the rank of a row.
func (r *row) position() string { return fmt.Sprintf("%s:%v", r.value(), r.value()) }
