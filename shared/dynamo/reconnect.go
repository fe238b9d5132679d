package dynamo

import (
	"bytes"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// reconnecting lets net/http send a request again where the connection that it took from its pool turns out to be closed.
//
// Lambda stops a process between two events, and meanwhile DynamoDB closes the connections that it holds: the first request
// after that can be written to one before its end is noticed, and net/http sends no POST again by itself. It does so where a
// request says that it is idempotent, if the connection was used before and not one byte of an answer has come on it; a
// connection of the request's own is never tried again. See https://pkg.go.dev/net/http#Transport.
//
// All our requests but a spend are: retry.go sends those again too. A spend could count twice, where DynamoDB has done it and
// lost the connection before it said so. That admits nobody beyond a limit; answering 503 to whoever comes first after a pause
// would be worse.
type reconnecting struct{ aws.HTTPClient }

// idempotent is the header by which net/http is told. Without a value it is not sent.
const idempotent = "Idempotency-Key"

// Do sends a request, whose body must fit into memory as DynamoDB's do.
func (c reconnecting) Do(request *http.Request) (*http.Response, error) {
	if request.Body != nil && request.GetBody == nil {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		if err := request.Body.Close(); err != nil {
			return nil, err
		}
		request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		if request.Body, err = request.GetBody(); err != nil {
			return nil, err
		}
	}
	request.Header[idempotent] = nil
	return c.HTTPClient.Do(request)
}
