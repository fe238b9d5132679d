package org

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/ratelimit"
)

// Sessions counts the requests that people make with session tokens.
type Sessions interface {
	// SpendSession takes one request from person's current minute if it has admitted fewer than limit. It
	// returns the counters after it, or as they were when it was refused. Like apikey.Spender.Spend it
	// never admits more than limit, whoever races.
	SpendSession(ctx context.Context, person Identity, limit int64, at time.Time) (counts ratelimit.Counts, spent bool, err error)
}
