package house

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/wire"
)

// every is how often the schedule runs cleanup, as on AWS.
const every = 5 * time.Minute

// Schedule runs cleanup at once and then at its times, until ctx ends.
func (h *House) Schedule(ctx context.Context) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		h.cleanup(ctx)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

func cleanupOf(parts wire.Parts) func(context.Context) {
	cleanup := parts.Cleanup()
	row, _ := httpapi.FunctionOf("cleanup")
	return func(ctx context.Context) {
		bounded, cancel := context.WithTimeout(ctx, time.Duration(row.Seconds)*time.Second)
		defer cancel()
		_, _ = cleanup(bounded, nil) // it logs its own failures; the next run goes on
	}
}
