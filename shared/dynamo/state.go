package dynamo

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
)

// state is a key as its items stand: the hot record and the details. The two are not read at one instant; every write
// that follows from a state is conditional on what it was read from.
type state struct {
	hot     item
	record  *apikey.Record
	pending []pending
	details *details // nil where the key is being deleted
}

func (s *Store) state(ctx context.Context, o org.ID, id apikey.ID) (*state, error) {
	states, err := s.states(ctx, o, []apikey.ID{id}, nil)
	if err != nil || len(states) == 0 {
		return nil, err
	}
	return states[0], nil
}

// states reads keys of an organization, in the order of ids. Those that do not exist, or are another's, are left out.
// Details that were read a moment ago, in seen, are not read again.
func (s *Store) states(ctx context.Context, o org.ID, ids []apikey.ID, seen map[key]item) ([]*state, error) {
	keys := make([]key, 0, 2*len(ids))
	for _, id := range ids {
		keys = append(keys, authKey(id))
		if seen[detailsKey(o, id)] == nil {
			keys = append(keys, detailsKey(o, id))
		}
	}
	items, err := s.batchGet(ctx, "reading keys", keys)
	if err != nil {
		return nil, err
	}
	maps.Copy(items, seen)
	var states []*state
	for _, id := range ids {
		if st := stateOf(items[authKey(id)], items[detailsKey(o, id)]); st != nil && st.record.Organization == o {
			states = append(states, st)
		}
	}
	return states, nil
}

func stateOf(hot, cold item) *state {
	if hot == nil {
		return nil
	}
	st := &state{hot: hot, record: recordOf(hot), pending: pendingsOf(hot)}
	if cold != nil {
		st.details = detailsOf(cold)
	}
	return st
}

// now is st with the hot record as a write has just returned it.
func (st *state) now(hot item) *state {
	return &state{hot: hot, record: recordOf(hot), pending: pendingsOf(hot), details: st.details}
}

// shows reports whether the record shows the change with that id, and the cold items may not.
func (st *state) shows(id string) bool {
	for _, p := range st.pending {
		if p.id == id {
			return true
		}
	}
	return false
}

// renewed reports whether the record shows a new secret, and the one that the create sealed may still be kept.
func (st *state) renewed() bool {
	for _, p := range st.pending {
		if p.renewed {
			return true
		}
	}
	return false
}

func (st *state) unfinished() bool {
	return len(st.pending) > 0 || (st.details != nil && st.details.intent != nil)
}

// expiredUnreleased reports whether an expired key still holds its name and place. Both its record and its details say
// that it has expired, and no change is under way that could say otherwise.
func (st *state) expiredUnreleased(now time.Time) bool {
	d := st.details
	return d != nil && !st.unfinished() && !d.Released && st.record.StatusAt(now) == apikey.Expired &&
		!d.expiry.IsZero() && !now.Before(d.expiry)
}

// key is the key as callers see it: a change that the record shows is seen whole, also where the details do not have
// it yet.
func (st *state) key() *apikey.Key {
	seen := st.details
	if n := seen.intent; n != nil && st.shows(n.id) {
		seen = seen.fulfilled(st.record)
		seen.Released = st.details.Released
	}
	k := &apikey.Key{Record: *st.record, Details: seen.Details}
	for _, p := range st.pending {
		if p.activity != nil && p.version > st.details.applied {
			k.UpdatedAt = p.updated
		}
	}
	return k
}

// wrote reports whether the change with that activity has been carried through.
func (s *Store) wrote(ctx context.Context, o org.ID, activity string) (bool, error) {
	entry, err := s.get(ctx, "looking for an activity", activityKey(o, activity))
	return entry != nil, err
}

const (
	// batchKeys is how many items DynamoDB reads at once.
	batchKeys = 100
	// batchRounds is how often what DynamoDB left out of a batch is asked for again.
	batchRounds = 8
)

var errUnprocessed = errors.New("DynamoDB left items out of a batch again and again")

// batchGet reads items consistently, as many requests as it takes. Items that do not exist are not in the result.
func (s *Store) batchGet(ctx context.Context, doing string, keys []key) (map[key]item, error) {
	found := make(map[key]item, len(keys))
	for len(keys) > 0 {
		n := min(len(keys), batchKeys)
		if err := s.batch(ctx, doing, keys[:n], found); err != nil {
			return nil, err
		}
		keys = keys[n:]
	}
	return found, nil
}

func (s *Store) batch(ctx context.Context, doing string, keys []key, found map[key]item) error {
	consistently := true
	wanted := types.KeysAndAttributes{ConsistentRead: &consistently}
	for _, k := range keys {
		wanted.Keys = append(wanted.Keys, k.item())
	}
	for round := range batchRounds {
		out, err := retry(ctx, s.Watch, doing, repeatable, func() (*dynamodb.BatchGetItemOutput, error) {
			return s.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
				RequestItems: map[string]types.KeysAndAttributes{s.table: wanted},
			})
		})
		if err != nil {
			return err
		}
		for _, i := range out.Responses[s.table] {
			found[keyOf(i)] = i
		}
		if len(out.UnprocessedKeys[s.table].Keys) == 0 {
			return nil
		}
		wanted.Keys = out.UnprocessedKeys[s.table].Keys
		s.Watch.Throttled() // what it leaves out, it was asked too much for
		if err := pause(ctx, round); err != nil {
			return s.giveUp(doing, err)
		}
		s.Watch.Retried()
	}
	return s.giveUp(doing, errUnprocessed)
}
