package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
)

// attemptTimeout bounds one request. With the retries of retry.go the longest chain of them on the hot path, two
// attempts, ends well inside a Lambda timeout of 5 s.
const attemptTimeout = time.Second

// NewClient makes the client for a Store. The SDK retries nothing: it cannot know what may be sent twice, so every
// retry is the store's (retry.go), where it is bounded and said why. onThrottle is told of every request that DynamoDB
// refused because it was asked too often; nil: nobody is.
func NewClient(cfg aws.Config, onThrottle func()) *dynamodb.Client {
	return dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) {
		o.Retryer = aws.NopRetryer{}
		o.HTTPClient = awshttp.NewBuildableClient().WithTimeout(attemptTimeout)
		if onThrottle != nil {
			o.APIOptions = append(o.APIOptions, watch(onThrottle))
		}
	})
}

// watch tells of throttled requests as they come back.
func watch(onThrottle func()) func(*middleware.Stack) error {
	watcher := middleware.InitializeMiddlewareFunc("keywardThrottles",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			out, metadata, err := next.HandleInitialize(ctx, in)
			if err != nil && troubleOf(err) == throttled {
				onThrottle()
			}
			return out, metadata, err
		})
	return func(stack *middleware.Stack) error { return stack.Initialize.Add(watcher, middleware.After) }
}
