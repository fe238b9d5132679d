package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keys"
)

// listJSON is a page of keys.
type listJSON struct {
	Keys           []keyJSON `json:"keys"`
	Total          int64     `json:"total"`
	TotalIsPartial bool      `json:"total_is_partial"`
	NextCursor     *string   `json:"next_cursor"`
}

// List is GET /v1/keys.
func (e Edge) List(service *keys.Service) Handler {
	return e.guardedEndpoint(func(ctx context.Context, call call) (reply, error) {
		query, err := call.listQuery()
		if err != nil {
			return reply{}, err
		}
		listing, err := service.List(ctx, call.caller(), query)
		if err != nil {
			return reply{}, err
		}
		return reply{status: http.StatusOK, message: "API keys retrieved successfully", data: e.listOf(listing)}, nil
	})
}

func (e Edge) listOf(listing keys.Listing) listJSON {
	out := listJSON{Keys: make([]keyJSON, len(listing.Keys)), Total: listing.Total, TotalIsPartial: listing.Partial}
	now := e.Now()
	for i, key := range listing.Keys {
		out.Keys[i] = keyOf(key, now)
	}
	if listing.Next != "" {
		out.NextCursor = &listing.Next
	}
	return out
}

// listQuery reads the query string: none but the parameters of a list, each at most once.
func (c call) listQuery() (keys.Query, error) {
	query := keys.Query{Limit: keys.MaxPage}
	for name, values := range c.query() {
		if !slices.Contains(listParameters, name) {
			return query, fault.InvalidParam(name, "There is no parameter %s. There are %s.", name, strings.Join(listParameters, ", "))
		}
		if len(values) > 1 {
			return query, fault.InvalidParam(name, "The parameter %s is there twice. Send it once.", name)
		}
		if err := setParameter(&query, name, values[0]); err != nil {
			return query, err
		}
	}
	return query, query.Validate()
}

var listParameters = []string{"limit", "cursor", "status", "environment", "owner", "q", "sort"}

func setParameter(query *keys.Query, name, value string) error {
	switch name {
	case "limit":
		limit, err := strconv.Atoi(value)
		if err != nil {
			return fault.InvalidParam("limit", "limit must be a whole number from 1 to %d.", keys.MaxPage)
		}
		query.Limit = limit
	case "cursor":
		query.Cursor = value
	case "status":
		query.Statuses = statusesOf(value)
	case "environment":
		query.Environment = apikey.Environment(value)
	case "owner":
		query.Owner = value
	case "q":
		query.Search = value
	case "sort":
		query.Order = apikey.Order(value)
	}
	return nil
}

func statusesOf(value string) []apikey.Status {
	if value == "all" {
		return apikey.Statuses
	}
	statuses := []apikey.Status{}
	for word := range strings.SplitSeq(value, ",") {
		statuses = append(statuses, apikey.Status(strings.TrimSpace(word)))
	}
	return statuses
}
