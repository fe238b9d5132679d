package dynamo

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/metric"
)

// Whoever watches is told of each request, each repetition, each refusal for want of capacity, and of what is given up.
func TestEveryRequestIsCounted(t *testing.T) {
	throttle := &types.ProvisionedThroughputExceededException{}
	lost := errors.New("connection reset")
	for name, test := range map[string]struct {
		safe    safety
		answers []error
		want    metric.Counts
	}{
		"an answer":                    {repeatable, []error{nil}, metric.Counts{Requests: 1}},
		"a condition that fails":       {counting, []error{&types.ConditionalCheckFailedException{}}, metric.Counts{Requests: 1}},
		"throttled once":               {counting, []error{throttle, nil}, metric.Counts{Requests: 2, Retries: 1, Throttled: 1}},
		"throttled twice":              {counting, []error{throttle, throttle}, metric.Counts{Requests: 2, Retries: 1, Throttled: 2, Failed: 1}},
		"a reply lost":                 {repeatable, []error{lost, nil}, metric.Counts{Requests: 2, Retries: 1}},
		"a reply lost, of a spend":     {counting, []error{lost}, metric.Counts{Requests: 1, Failed: 1}},
		"a conflict, then a condition": {counting, []error{&types.TransactionConflictException{}, &types.ConditionalCheckFailedException{}}, metric.Counts{Requests: 2, Retries: 1}},
		"no such table":                {repeatable, []error{&types.ResourceNotFoundException{}}, metric.Counts{Requests: 1, Failed: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var tally metric.Tally
				answers := test.answers
				_, _ = retry(t.Context(), &tally, "testing", test.safe, func() (int, error) {
					err := answers[0]
					answers = answers[1:]
					return 0, err
				})
				if diff := cmp.Diff(test.want, tally.Take()); diff != "" || len(answers) > 0 {
					t.Errorf("%d answers left (-want +got)\n%s", len(answers), diff)
				}
			})
		})
	}
}

// unwilling is a table that leaves every key of a batch unprocessed.
type unwilling struct{ API }

func (unwilling) BatchGetItem(_ context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	return &dynamodb.BatchGetItemOutput{UnprocessedKeys: in.RequestItems}, nil
}

// DynamoDB throttles a batch by leaving keys out, without an error.
func TestABatchThatIsLeftUndoneIsThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tally metric.Tally
		store := New(unwilling{}, "table")
		store.Watch = &tally
		err := store.batch(t.Context(), "testing", []key{{"KEY#1", "AUTH"}}, map[key]item{})
		want := metric.Counts{Requests: batchRounds, Retries: batchRounds, Throttled: batchRounds, Failed: 1}
		if diff := cmp.Diff(want, tally.Take()); diff != "" || !errors.Is(err, errUnprocessed) {
			t.Errorf("error %v (-want +got)\n%s", err, diff)
		}
	})
}
