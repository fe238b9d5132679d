package session

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

// Spender counts the requests that people make with session tokens.
type Spender interface {
	// SpendSession takes one request from person's current minute if it has admitted fewer than limit. It
	// returns the counters after it, or as they were when it was refused. Like apikey.Spender.Spend it
	// never admits more than limit, whoever races.
	SpendSession(ctx context.Context, person org.Identity, limit int64, at time.Time) (counts ratelimit.Counts, spent bool, err error)
}
