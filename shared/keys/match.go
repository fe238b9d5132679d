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
		owner = caller.Identity.Subject
	}
	search := q.searcher()
	return func(key *apikey.Key) bool {
		return q.lists(key, now) &&
			(q.Environment == "" || key.Environment == q.Environment) &&
			(owner == "" || key.Owner == owner) &&
			search(key)
	}
}

// lists reports whether the list has keys of the key's status. Sorted by name and by expiry it has live keys alone,
// whether or not cleanup has marked the others yet.
func (q Query) lists(key *apikey.Key, now time.Time) bool {
	status := key.StatusAt(now)
	if q.ranked() && !key.LiveAt(now) {
		return false
	}
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
