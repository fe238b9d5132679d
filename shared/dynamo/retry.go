package dynamo

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/keyward/keyward/shared/fault"
)

// trouble is what went wrong with a request, as far as trying again is concerned.
type trouble int

const (
	final     trouble = iota // trying again gives the same
	throttled                // nothing was written, too much is being asked
	conflict                 // nothing was written, another write of the item is under way
	unclear                  // the reply did not come: it may have been written
)

// How often each trouble is tried again. A conflict passes within milliseconds, but comes back under load; the
// longest chain of pauses is about half a second. A change is patient with a throttled item, for up to about three
// seconds: whoever hammers a leaked key must not be able to keep it from being revoked.
const (
	throttleRetries        = 1
	patientThrottleRetries = 12
	conflictRetries        = 12
	unclearRetries         = 1
	pauseStep              = 4 * time.Millisecond
	pauseCap               = 80 * time.Millisecond
	patientCap             = 400 * time.Millisecond
)

// safety says whether a request whose reply was lost may be sent again, and how patient it is.
type safety int

const (
	// counting requests would count twice for one allow.
	counting safety = iota
	// repeatable requests do the same however often they arrive: reads, updates with a condition that their own
	// success makes false. Somebody's request waits for them.
	repeatable
	// changing requests are repeatable, transactions with a token among them, and what they do matters more than
	// when.
	changing
)

// budget is how often each trouble of such a request is tried again.
func (s safety) budget() map[trouble]int {
	switch s {
	case counting:
		return map[trouble]int{throttled: throttleRetries, conflict: conflictRetries}
	case repeatable:
		return map[trouble]int{throttled: throttleRetries, conflict: conflictRetries, unclear: unclearRetries}
	default:
		return map[trouble]int{throttled: patientThrottleRetries, conflict: conflictRetries, unclear: unclearRetries}
	}
}

// longest is the longest pause before such a request is sent again.
func (s safety) longest() time.Duration {
	if s == changing {
		return patientCap
	}
	return pauseCap
}

// retry sends a request until it succeeds or trying again is of no use. Whatever is not a verdict on a condition
// comes back as a fault.Outage that names doing.
func retry[Out any](ctx context.Context, watch Watcher, doing string, safe safety, send func() (Out, error)) (Out, error) {
	budget := safe.budget()
	for attempt := 0; ; attempt++ {
		watch.Requested()
		out, err := send()
		if err == nil || isVerdict(err) {
			return out, err
		}
		kind := troubleOf(err)
		if kind == throttled {
			watch.Throttled()
		}
		if budget[kind] == 0 || wait(ctx, attempt, safe.longest()) != nil {
			watch.Failed()
			return out, fault.Outage(doing, err)
		}
		budget[kind]--
		watch.Retried()
	}
}

// pause waits between two rounds of a change.
func pause(ctx context.Context, attempt int) error { return wait(ctx, attempt, pauseCap) }

// wait waits a random time that grows with attempt up to longest, or until ctx ends.
func wait(ctx context.Context, attempt int, longest time.Duration) error {
	longest = min(pauseStep<<min(attempt, 8), longest)
	timer := time.NewTimer(rand.N(longest) + time.Millisecond)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// isVerdict reports whether err is DynamoDB's answer that a condition does not hold.
func isVerdict(err error) bool {
	if _, failed := errors.AsType[*types.ConditionalCheckFailedException](err); failed {
		return true
	}
	if cancelled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		return reasonsHold(cancelled, reasonCondition)
	}
	_, mismatch := errors.AsType[*types.IdempotentParameterMismatchException](err)
	return mismatch
}

func troubleOf(err error) trouble {
	if cancelled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		return troubleOfReasons(cancelled)
	}
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return unclear
	}
	switch api.ErrorCode() {
	case "ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded", "Throttling":
		return throttled
	case "TransactionConflictException", "TransactionInProgressException", "ReplicatedWriteConflictException":
		return conflict
	}
	if api.ErrorFault() == smithy.FaultClient {
		return final
	}
	return unclear
}

// The codes of a transaction's cancellation reasons.
const (
	reasonCondition  = "ConditionalCheckFailed"
	reasonConflict   = "TransactionConflict"
	reasonThroughput = "ProvisionedThroughputExceeded"
	reasonThrottling = "ThrottlingError"
)

func troubleOfReasons(cancelled *types.TransactionCanceledException) trouble {
	switch {
	case reasonsHold(cancelled, reasonConflict):
		return conflict
	case reasonsHold(cancelled, reasonThroughput), reasonsHold(cancelled, reasonThrottling):
		return throttled
	default:
		return final
	}
}

func reasonsHold(cancelled *types.TransactionCanceledException, code string) bool {
	for _, reason := range cancelled.CancellationReasons {
		if reason.Code != nil && *reason.Code == code {
			return true
		}
	}
	return false
}
