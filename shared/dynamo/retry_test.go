package dynamo

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/fault"
)

func cancelledBy(code string) error {
	return &types.TransactionCanceledException{CancellationReasons: []types.CancellationReason{{Code: aws.String("None")}, {Code: &code}}}
}

// Each trouble is tried again as often as it may be, within a second or, for a change, five, and what comes of it is an outage.
func TestRetriesAreBounded(t *testing.T) {
	for name, test := range map[string]struct {
		err   error
		safe  safety
		calls int
	}{
		"throttled":                        {&types.ProvisionedThroughputExceededException{}, repeatable, 1 + throttleRetries},
		"throttled spend":                  {&types.ThrottlingException{}, counting, 1 + throttleRetries},
		"request limit":                    {&types.RequestLimitExceeded{}, counting, 1 + throttleRetries},
		"throttled change":                 {&types.ThrottlingException{}, changing, 1 + patientThrottleRetries},
		"throttled transaction":            {cancelledBy(reasonThrottling), changing, 1 + patientThrottleRetries},
		"conflict with a transaction":      {&types.TransactionConflictException{}, counting, 1 + conflictRetries},
		"conflict of a transaction":        {cancelledBy(reasonConflict), repeatable, 1 + conflictRetries},
		"transaction under way":            {&types.TransactionInProgressException{}, repeatable, 1 + conflictRetries},
		"lost reply":                       {errors.New("connection reset"), repeatable, 1 + unclearRetries},
		"lost reply of a spend":            {errors.New("connection reset"), counting, 1},
		"error of DynamoDB":                {&types.InternalServerError{}, repeatable, 1 + unclearRetries},
		"error of DynamoDB during a spend": {&types.InternalServerError{}, counting, 1},
		"no such table":                    {&types.ResourceNotFoundException{}, repeatable, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls, begun := 0, time.Now()
				_, err := retry(t.Context(), nobody{}, "testing", test.safe, func() (int, error) { calls++; return 0, test.err })
				if calls != test.calls || !errors.Is(err, fault.Unavailable) || !errors.Is(err, test.err) {
					t.Errorf("%d calls, want %d; error %v", calls, test.calls, err)
				}
				if took, longest := time.Since(begun), map[bool]time.Duration{false: time.Second, true: 5 * time.Second}[test.safe == changing]; took > longest {
					t.Errorf("the pauses took %v", took)
				}
			})
		})
	}
}

// A condition that does not hold is an answer, not trouble.
func TestAVerdictIsNotTriedAgain(t *testing.T) {
	for name, verdict := range map[string]error{
		"single write": &types.ConditionalCheckFailedException{}, "transaction": cancelledBy(reasonCondition),
		"token used otherwise": &types.IdempotentParameterMismatchException{},
	} {
		calls := 0
		_, err := retry(t.Context(), nobody{}, "testing", repeatable, func() (int, error) { calls++; return 0, verdict })
		if calls != 1 || !errors.Is(err, verdict) || errors.Is(err, fault.Unavailable) {
			t.Errorf("%s: %d calls, error %v", name, calls, err)
		}
	}
}

func TestACallerThatIsGoneEndsTheRetries(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	_, err := retry(ctx, nobody{}, "testing", repeatable, func() (int, error) {
		calls++
		cancel()
		return 0, &types.TransactionConflictException{}
	})
	if calls != 1 || !errors.Is(err, fault.Unavailable) {
		t.Errorf("%d calls, error %v", calls, err)
	}
}
