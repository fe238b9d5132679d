package dynamo

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// attemptTimeout bounds one request. With the retries of retry.go the longest chain of them on the hot path, two
// attempts, ends well inside a Lambda timeout of 5 s.
const attemptTimeout = time.Second

// NewClient makes the client for a Store. The SDK retries nothing: it cannot know what may be sent twice, so every
// retry is the store's (retry.go), where it is bounded, said why, and counted. Only where a connection that was used before
// turns out to be closed does net/http send a request again (reconnect.go).
func NewClient(cfg aws.Config) *dynamodb.Client {
	return dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) {
		o.Retryer = aws.NopRetryer{}
		o.HTTPClient = reconnecting{awshttp.NewBuildableClient().WithTimeout(attemptTimeout)}
	})
}
