package authorize_test

import (
	"context"
	"net/netip"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
)

// calls are how often a store was asked each thing.
type calls struct{ Spends, Reads, Rules, Standings, Rehashes, Touches int }

// counting is a store that counts what it is asked, and that can be made to fail.
type counting struct {
	apikey.Spender
	calls
	err         error  // what every call answers
	unexplained int    // how many spends are refused although the record admits them
	moved       int    // how many times the rules asked for have moved meanwhile
	spending    func() // runs ahead of each spend
	standing    func() // runs ahead of each read of a standing
	unread      error  // what every read of a standing answers
}

func (c *counting) Spend(ctx context.Context, spend apikey.Spend) (apikey.Outcome, error) {
	c.Spends++
	if c.spending != nil {
		c.spending()
	}
	switch {
	case c.err != nil:
		return apikey.Outcome{}, c.err
	case c.unexplained > 0:
		c.unexplained--
		record, err := c.Spender.Read(ctx, spend.ID)
		return apikey.Outcome{Record: record}, err
	}
	return c.Spender.Spend(ctx, spend)
}

func (c *counting) Rules(ctx context.Context, id apikey.ID, rulesID string) (*apikey.Rules, error) {
	c.calls.Rules++
	switch {
	case c.err != nil:
		return nil, c.err
	case c.moved > 0:
		c.moved--
		return nil, nil
	}
	return c.Spender.Rules(ctx, id, rulesID)
}

func (c *counting) Standing(ctx context.Context, organization org.ID, owner string) (org.Standing, error) {
	c.Standings++
	if c.standing != nil {
		c.standing()
	}
	if c.unread != nil {
		return org.Standing{}, c.unread
	}
	return c.Spender.Standing(ctx, organization, owner)
}

func (c *counting) Read(ctx context.Context, id apikey.ID) (*apikey.Record, error) {
	c.Reads++
	if c.err != nil {
		return nil, c.err
	}
	return c.Spender.Read(ctx, id)
}

func (c *counting) Rehash(ctx context.Context, id apikey.ID, old, new apikey.Digest) error {
	c.Rehashes++
	if c.err != nil {
		return c.err
	}
	return c.Spender.Rehash(ctx, id, old, new)
}

func (c *counting) Touch(ctx context.Context, id apikey.ID, at time.Time, from netip.Addr) error {
	c.Touches++
	if c.err != nil {
		return c.err
	}
	return c.Spender.Touch(ctx, id, at, from)
}

// untouchable is a store that fails to note uses and new digests.
type untouchable struct{ apikey.Spender }

func (untouchable) Touch(context.Context, apikey.ID, time.Time, netip.Addr) error { return errReadOnly }

func (untouchable) Rehash(context.Context, apikey.ID, apikey.Digest, apikey.Digest) error {
	return errReadOnly
}
