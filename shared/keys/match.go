package keys

import (
	"slices"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// matcher reports whether a key belongs into the list that q asks for.
func (q Query) matcher(caller Caller, now time.Time) func(*apikey.Key) bool {
	owner := q.Owner
	if owner == "me" {
		owner = caller.Subject
	}
	search := q.searcher()
	return func(key *apikey.Key) bool {
		return q.matchesStatus(key.StatusAt(now)) &&
			(q.Environment == "" || key.Environment == q.Environment) &&
			(owner == "" || key.Owner == owner) &&
			search(key)
	}
}

func (q Query) matchesStatus(status apikey.Status) bool {
	if q.Statuses == nil {
		return status != apikey.Revoked
	}
	return slices.Contains(q.Statuses, status)
}

// searcher finds a key by its id, by its mask, or by the beginning of its name.
func (q Query) searcher() func(*apikey.Key) bool {
	if id, isID := apikey.ParseID(q.Search); isID {
		return func(key *apikey.Key) bool { return key.ID == id }
	}
	if q.searchesKey() {
		return func(key *apikey.Key) bool { return key.Mask == q.Search }
	}
	prefix := apikey.FoldName(q.Search)
	return func(key *apikey.Key) bool { return strings.HasPrefix(apikey.FoldName(key.Name), prefix) }
}
