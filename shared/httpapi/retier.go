package httpapi

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/keys"
)

// Retier is the function that an operator invokes to apply the catalog's tiers to existing keys.
type Retier func(ctx context.Context, asked RetierRequest) (keys.Retiered, error)

// RetierRequest says where to start: the Next of the answer before, or "".
type RetierRequest struct {
	After string `json:"after"`
}

const (
	retierBatch = 100
	// retierMargin is how long before its deadline an invocation stops, so that it can say where the next one starts.
	retierMargin = 10 * time.Second
)

// Retier works in batches until all keys have been looked at or its time is nearly up. What it answers says where to go
// on, also where it fails: whatever was done is done, and doing it again changes nothing.
func (e Edge) Retier(follower keys.Follower) Retier {
	return func(ctx context.Context, asked RetierRequest) (keys.Retiered, error) {
		total, start := keys.Retiered{Next: asked.After}, time.Now()
		for {
			step, err := follower.Retier(ctx, total.Next, retierBatch)
			if err != nil {
				e.ran(ctx, "retier", err, start)
				e.Log.ErrorContext(ctx, "retier stopped", "error", err, "examined", total.Examined, "changed", total.Changed, "next", total.Next)
				return total, err
			}
			total = keys.Retiered{Examined: total.Examined + step.Examined, Changed: total.Changed + step.Changed, Next: step.Next}
			deadline, limited := ctx.Deadline()
			if step.Next == "" || ctx.Err() != nil || limited && time.Until(deadline) < retierMargin {
				break
			}
		}
		e.ran(ctx, "retier", nil, start)
		e.Log.InfoContext(ctx, "retier done", "examined", total.Examined, "changed", total.Changed, "next", total.Next)
		return total, nil
	}
}
