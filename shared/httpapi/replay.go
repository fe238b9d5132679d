package httpapi

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/replay"
)

// Replay is the function that an operator invokes on a table which was restored to an earlier time.
type Replay func(ctx context.Context, batch replay.Batch) (replay.Answer, error)

// replayMargin is how long before its deadline an invocation stops, so that it can say where the next one starts.
const replayMargin = 15 * time.Second

// Replay replays a batch of lines until all are done or its time is nearly up. Doing it again is harmless.
func (e Edge) Replay(service replay.Service) Replay {
	return func(ctx context.Context, batch replay.Batch) (replay.Answer, error) {
		answer, err := service.Run(ctx, batch, func() bool {
			deadline, limited := ctx.Deadline()
			return ctx.Err() == nil && (!limited || time.Until(deadline) > replayMargin)
		})
		e.Log.InfoContext(ctx, "replay done", "did", answer.Did, "failed", answer.Failed, "left_out", answer.Left, "next", answer.Next, "error", err)
		return answer, err
	}
}
