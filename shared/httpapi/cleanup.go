package httpapi

import (
	"context"
	"encoding/json"
	"time"

	"github.com/keyward/keyward/shared/keys"
)

// Cleanup is the scheduled function: it works until nothing is due or its time is nearly up, and says what it did.
func (e Edge) Cleanup(service *keys.Cleanup) func(ctx context.Context, event json.RawMessage) (keys.Cleaned, error) {
	return func(ctx context.Context, _ json.RawMessage) (keys.Cleaned, error) {
		start := time.Now()
		cleaned, err := service.Run(ctx)
		e.ran(ctx, "cleanup", err, start)
		if err != nil {
			e.Log.ErrorContext(ctx, "cleanup stopped", "error", err,
				"settled", cleaned.Settled, "expired", cleaned.Expired, "deleted", cleaned.Deleted, "followed", cleaned.Followed)
			return cleaned, err
		}
		e.Log.InfoContext(ctx, "cleanup done",
			"settled", cleaned.Settled, "expired", cleaned.Expired, "deleted", cleaned.Deleted, "followed", cleaned.Followed, "finished", cleaned.Finished)
		return cleaned, nil
	}
}
