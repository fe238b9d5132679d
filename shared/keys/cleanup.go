package keys

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/policy"
)

// Cleanup tidies what time has ended: it finishes changes that were cut off, marks expired keys and deletes those
// whose retention is over. Nothing waits for it: what has expired is expired without it.
type Cleanup struct {
	Store   apikey.Cleaner
	Catalog *policy.Catalog
	Now     func() time.Time
}

// Cleaned is what one run did.
type Cleaned struct {
	Settled  int  `json:"settled"` // keys looked at
	Expired  int  `json:"expired"` // expiries marked
	Deleted  int  `json:"deleted"` // keys deleted
	Finished bool `json:"finished"`
}

const (
	cleanupBatch = 100
	// cleanupMargin is how long before its deadline a run stops, so that it ends by itself. The next run goes on
	// where this one stopped: what is done is no longer due.
	cleanupMargin = 10 * time.Second
)

// Run works in batches until nothing is due, its deadline is near, or a batch made no progress. One key's failure stops no other's
// cleaning: all failures are joined into the error.
func (c *Cleanup) Run(ctx context.Context) (Cleaned, error) {
	var cleaned Cleaned
	failed := failures{}
	for c.hasTime(ctx) {
		now := c.Now()
		due, err := c.Store.Due(ctx, apikey.DueRequest{Now: now, EndedBefore: c.Catalog.Retention.EndedBefore(now), Limit: cleanupBatch})
		if err != nil {
			return cleaned, errors.Join(err, failed.join())
		}
		if len(due) == 0 {
			cleaned.Finished = true
			break
		}
		if worked := c.batch(ctx, due, now, &cleaned, failed); !worked {
			break
		}
	}
	return cleaned, failed.join()
}

// failures are the errors of the keys that could not be cleaned up. Such a key is due in every batch of a run, and is
// tried in the first.
type failures map[apikey.DueKey]error

func (f failures) join() error { return errors.Join(slices.Collect(maps.Values(f))...) }

// batch cleans the keys up; it reports whether any of them needed it. An index that lags lists keys that no longer do.
func (c *Cleanup) batch(ctx context.Context, due []apikey.DueKey, now time.Time, cleaned *Cleaned, failed failures) (worked bool) {
	for _, key := range due {
		if failed[key] != nil {
			continue
		}
		if !c.hasTime(ctx) {
			break
		}
		expired, err := c.Store.Settle(ctx, key, now)
		if err != nil {
			failed[key] = err
			continue
		}
		deleted, err := c.remove(ctx, key, now)
		if err != nil {
			failed[key] = err
			continue
		}
		cleaned.Settled++
		if expired {
			cleaned.Expired++
		}
		if deleted {
			cleaned.Deleted++
		}
		worked = worked || expired || deleted
	}
	return worked
}

func (c *Cleanup) remove(ctx context.Context, key apikey.DueKey, now time.Time) (bool, error) {
	endedBefore := c.Catalog.Retention.EndedBefore(now)
	if endedBefore.IsZero() {
		return false, nil
	}
	return c.Store.Delete(ctx, key, endedBefore)
}

func (c *Cleanup) hasTime(ctx context.Context) bool {
	deadline, limited := ctx.Deadline()
	return ctx.Err() == nil && (!limited || time.Until(deadline) > cleanupMargin)
}
