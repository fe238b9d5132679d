package onaws

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// A function ends by itself before the platform ends it.
func TestAFunctionsDeadlineIsBeforeThePlatforms(t *testing.T) {
	var seen time.Time
	handler := early{lambda.NewHandler(func(ctx context.Context) error {
		seen, _ = ctx.Deadline()
		return nil
	})}
	platforms := time.Now().Add(5 * time.Second)
	ctx, cancel := context.WithDeadline(t.Context(), platforms)
	defer cancel()
	if _, err := handler.Invoke(ctx, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if want := platforms.Add(-margin); !seen.Equal(want) {
		t.Errorf("the deadline is %s, want %s", seen, want)
	}
	if _, err := handler.Invoke(t.Context(), []byte("{}")); err != nil || !seen.IsZero() {
		t.Errorf("without a deadline: %s, %v", seen, err)
	}
}
