package onaws

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// margin is how long before the platform's deadline a function's own is. A function that is out of time so answers 503 by
// itself, where Lambda would kill it and the gateway answer for it.
const margin = 300 * time.Millisecond

// early is a handler with a deadline before the platform's.
type early struct{ lambda.Handler }

// Invoke implements lambda.Handler.
func (e early) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if deadline, limited := ctx.Deadline(); limited {
		bounded, cancel := context.WithDeadline(ctx, deadline.Add(-margin))
		defer cancel()
		ctx = bounded
	}
	return e.Handler.Invoke(ctx, payload)
}
