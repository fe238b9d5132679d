package dynamo

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

// SpendSession is one conditional write, as Spend is, on an item that holds nothing but counters; the limit comes
// with the request. Stale minutes are removed
// when more than staleTolerated have come together.
func (s *Store) SpendSession(ctx context.Context, person org.Identity, limit int64, at time.Time) (ratelimit.Counts, bool, error) {
	if limit < 1 {
		held, err := s.get(ctx, "reading a session's counters", sessionKey(person))
		return countsOf(held), false, err
	}
	u := sessionUpdate(limit, at)
	out, err := retry(ctx, s.Watch, "spending for a session", counting, func() (*dynamodb.UpdateItemOutput, error) {
		return s.client.UpdateItem(ctx, u.input(s.table, sessionKey(person)))
	})
	if failed, refused := errors.AsType[*types.ConditionalCheckFailedException](err); refused {
		return countsOf(failed.Item), false, nil
	}
	if err != nil {
		return nil, false, err
	}
	counts := countsOf(out.Attributes)
	if len(counts) == 0 {
		return nil, false, fault.Outage("spending for a session", errNoRecord)
	}
	s.tidySession(ctx, person, counts.Stale(at))
	return counts, true, nil
}

func sessionUpdate(limit int64, at time.Time) *update {
	u := newUpdate()
	window := ratelimit.At(ratelimit.Minute, at).Name()
	minute := u.name(window)
	u.where("(attribute_not_exists(" + minute + ") OR " + minute + " < " + u.value(number(limit)) + ")")
	return u.add(window, 1)
}

// tidySession removes stale minutes once there are many of them. That it fails is no reason to refuse a request.
func (s *Store) tidySession(ctx context.Context, person org.Identity, stale []ratelimit.Window) {
	if len(stale) <= staleTolerated {
		return
	}
	u := newUpdate().whereExists()
	for _, window := range stale[:min(len(stale), staleRemoved)] {
		u.remove(window.Name())
	}
	_, _ = s.client.UpdateItem(ctx, u.input(s.table, sessionKey(person)))
}
