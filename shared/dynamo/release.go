package dynamo

import (
	"context"
	"net/netip"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
)

// releasedAtOnce is how many expired keys a create releases in its transaction: each takes four writes of DynamoDB's
// hundred.
const releasedAtOnce = 20

// expire releases the name and place of an expired key, and says so in the activity. It is refused where the details
// have moved, so it happens once. It gives the activity's id.
func (t *tx) expire(st *state, now time.Time) (activity string) {
	d := st.details
	t.move(d, d.expired())
	entry := audit.NewEntry(now, audit.System, audit.KeyExpired, d.id.String(), netip.Addr{})
	entry.After = map[string]any{"status": string(apikey.Expired)}
	t.putActivity(d.organization, entry.ID, entry.Target, activityItem(entry))
	return entry.ID
}

// release expires a key in a transaction of its own, after its sealed secret has gone. It reports whether it was this
// call that did it.
func (s *Store) release(ctx context.Context, st *state, now time.Time) (bool, error) {
	if err := s.forgetSecret(ctx, st.details); err != nil {
		return false, err
	}
	t := s.newTx(st.details.organization)
	activity := t.expire(st, now)
	err := stepped(s.commit(ctx, "settling an expiry", activity, t))
	return err == nil, err
}

// expiredHolder is the key behind a name that is in the way, where it has expired and still holds the name; nil where
// it holds it no longer. It is fault.NameTaken where it lives.
func (s *Store) expiredHolder(ctx context.Context, o org.ID, name item, now time.Time) (*state, error) {
	st, err := s.settled(ctx, o, apikey.ID(name.text(nameHolder)))
	switch {
	case err != nil:
		return nil, err
	case st == nil || st.details == nil || st.details.Released:
		return nil, nil
	case st.expiredUnreleased(now):
		return st, nil
	}
	return nil, apikey.NameTaken()
}

// expiredKeys are keys of an organization that have expired and still hold their places, those in known left out; the
// longest expired first, and not all of them.
func (s *Store) expiredKeys(ctx context.Context, o org.ID, now time.Time, known *releases) ([]*state, error) {
	q := query{partition: orgPartition(o), from: prefixExpiry, to: prefixExpiry + dueTime(now.Add(time.Second)), limit: batchKeys}
	items, _, err := s.query(ctx, "looking for expired keys", q)
	if err != nil {
		return nil, err
	}
	var expired []*state
	for _, i := range items {
		id := idOf(keyOf(i))
		if known.keys[id] != nil {
			continue
		}
		st, err := s.settled(ctx, o, id)
		if err != nil {
			return nil, err
		}
		if st != nil && st.expiredUnreleased(now) {
			expired = append(expired, st)
		}
	}
	return expired, nil
}
