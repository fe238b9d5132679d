package keys

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/policy"
)

// Cleanup goes on with what could not be finished at once: keys that have to follow their organization's tier. And it
// tidies what time has ended: it finishes changes that were cut off, marks expired keys and deletes those whose retention
// is over. For that nobody waits: what has expired is expired without it.
type Cleanup struct {
	Store    apikey.Cleaner
	Follower *Follower // nil: no key follows a tier
	Catalog  *policy.Catalog
	Now      func() time.Time
}

// Cleaned is what one run did.
type Cleaned struct {
	Settled  int  `json:"settled"`  // keys looked at
	Expired  int  `json:"expired"`  // expiries marked
	Deleted  int  `json:"deleted"`  // keys deleted
	Followed int  `json:"followed"` // organizations all of whose keys have begun to follow its tier
	Finished bool `json:"finished"`
}

const (
	cleanupBatch = 100
	// followAtOnce is how many keys of one organization a run rewrites, so that none waits for another's.
	followAtOnce = 1000
	// cleanupMargin is how long before its deadline a run stops, so that it ends by itself. The next run goes on
	// where this one stopped: what is done is no longer due.
	cleanupMargin = 10 * time.Second
)

// Run works in batches until nothing is due, its deadline is near, or a batch has no key that this run has not tried. One failure stops nothing
// else: all are joined into the error.
func (c *Cleanup) Run(ctx context.Context) (Cleaned, error) {
	var cleaned Cleaned
	followed, unfollowed := c.follow(ctx, &cleaned)
	tried := trials{}
	for c.hasTime(ctx) {
		now := c.Now()
		due, err := c.Store.Due(ctx, apikey.DueRequest{Now: now, EndedBefore: c.Catalog.Retention.EndedBefore(now), Limit: cleanupBatch})
		if err != nil {
			return cleaned, errors.Join(err, unfollowed, tried.join())
		}
		if len(due) == 0 {
			cleaned.Finished = followed
			break
		}
		if worked := c.batch(ctx, due, now, &cleaned, tried); !worked {
			break
		}
	}
	return cleaned, errors.Join(unfollowed, tried.join())
}

// follow goes on rewriting the keys of organizations whose tier has changed. It reports whether that is done.
func (c *Cleanup) follow(ctx context.Context, cleaned *Cleaned) (done bool, err error) {
	if c.Follower == nil || !c.hasTime(ctx) {
		return c.Follower == nil, nil
	}
	waiting, err := c.Follower.Organizations.Following(ctx, cleanupBatch)
	if err != nil {
		return false, err
	}
	var failures []error
	for _, id := range waiting {
		if !c.hasTime(ctx) {
			break
		}
		done, err := c.Follower.Follow(ctx, id, followAtOnce)
		if err != nil {
			failures = append(failures, fmt.Errorf("following the tier of %s: %w", id, err))
		}
		if done {
			cleaned.Followed++
		}
	}
	return cleaned.Followed == len(waiting) && len(waiting) < cleanupBatch, errors.Join(failures...)
}

// trials are the keys that a run has tried, each once, with what came of it: one that fails is due in every batch, and an
// index that lags lists keys that need nothing any more.
type trials map[apikey.DueKey]error

func (t trials) join() error { return errors.Join(slices.Collect(maps.Values(t))...) }

// batch cleans the keys up; it reports whether there was one that had not been tried.
func (c *Cleanup) batch(ctx context.Context, due []apikey.DueKey, now time.Time, cleaned *Cleaned, tried trials) (worked bool) {
	for _, key := range due {
		if _, before := tried[key]; before {
			continue
		}
		if !c.hasTime(ctx) {
			break
		}
		worked, tried[key] = true, c.tidy(ctx, key, now, cleaned)
	}
	return worked
}

// tidy cleans one key up.
func (c *Cleanup) tidy(ctx context.Context, key apikey.DueKey, now time.Time, cleaned *Cleaned) error {
	expired, err := c.Store.Settle(ctx, key, now)
	if err != nil {
		return err
	}
	deleted, err := c.remove(ctx, key, now)
	if err != nil {
		return err
	}
	cleaned.Settled++
	if expired {
		cleaned.Expired++
	}
	if deleted {
		cleaned.Deleted++
	}
	return nil
}

func (c *Cleanup) remove(ctx context.Context, key apikey.DueKey, now time.Time) (bool, error) {
	endedBefore := c.Catalog.Retention.EndedBefore(now)
	if endedBefore.IsZero() {
		return false, nil
	}
	return c.Store.Delete(ctx, key, endedBefore)
}

func (c *Cleanup) hasTime(ctx context.Context) bool { return hasTime(ctx, cleanupMargin) }

// hasTime reports whether there is more than the margin before the deadline of ctx.
func hasTime(ctx context.Context, margin time.Duration) bool {
	deadline, limited := ctx.Deadline()
	return ctx.Err() == nil && (!limited || time.Until(deadline) > margin)
}
