package faults

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// The ways in which DynamoDB fails, as its guide writes them:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html and, of a transaction's reasons,
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html.
var (
	throughput    = refusing("ProvisionedThroughputExceeded", "ProvisionedThroughputExceededException")
	throttling    = refusing("ThrottlingError", "ThrottlingException")
	conflicting   = refusing("TransactionConflict", "TransactionConflictException")
	requestLimit  = refusal(http.StatusBadRequest, "RequestLimitExceeded")
	inProgress    = refusal(http.StatusBadRequest, "TransactionInProgressException")
	internalError = refusal(http.StatusInternalServerError, "InternalServerError")
	unavailable   = refusal(http.StatusServiceUnavailable, "ServiceUnavailable")
)

const dynamoType = "com.amazonaws.dynamodb.v20120810#"

// refusal answers with an error of that name, and has nothing done.
func refusal(status int, name string) mishap {
	return func(w http.ResponseWriter, _ call, _ func() (*http.Response, []byte)) {
		refuse(w, status, fmt.Sprintf(`{"__type":%q,"message":"injected"}`, dynamoType+name))
	}
}

// refusing answers a transaction by cancelling it for that reason, which the guide gives its first item, and anything else
// with an error of that name.
func refusing(reason, name string) mishap {
	return func(w http.ResponseWriter, c call, _ func() (*http.Response, []byte)) {
		if c.writes == 0 {
			refuse(w, http.StatusBadRequest, fmt.Sprintf(`{"__type":%q,"message":"injected"}`, dynamoType+name))
			return
		}
		others := strings.Repeat(`,{"Code":"None"}`, c.writes-1)
		refuse(w, http.StatusBadRequest, fmt.Sprintf(
			`{"__type":%q,"Message":"injected","CancellationReasons":[{"Code":%q,"Message":"injected"}%s]}`,
			dynamoType+"TransactionCanceledException", reason, others))
	}
}

func refuse(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

// cutBefore closes the connection, and has nothing done.
func cutBefore(http.ResponseWriter, call, func() (*http.Response, []byte)) {
	panic(http.ErrAbortHandler)
}

// cutAfter has everything done, and closes the connection without a word of it.
func cutAfter(_ http.ResponseWriter, _ call, forward func() (*http.Response, []byte)) {
	forward()
	panic(http.ErrAbortHandler)
}

// cutMiddle closes it in the middle of the answer.
func cutMiddle(w http.ResponseWriter, _ call, forward func() (*http.Response, []byte)) {
	response, answer := forward()
	response.Header.Set("Content-Length", strconv.Itoa(len(answer)+1))
	reply(w, response, answer[:len(answer)/2])
	panic(http.ErrAbortHandler)
}

// silentBefore answers nothing for as long as the client waits, and has nothing done.
func silentBefore(w http.ResponseWriter, c call, _ func() (*http.Response, []byte)) {
	silentAfter(w, c, func() (*http.Response, []byte) { return nil, nil })
}

// silentAfter does the same after everything was done.
func silentAfter(w http.ResponseWriter, _ call, forward func() (*http.Response, []byte)) {
	forward()
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer connection.Close()
	_, _ = connection.Read(make([]byte, 1)) // until the client hangs up
}

// garbled has everything done, and answers with what is no answer.
func garbled(w http.ResponseWriter, _ call, forward func() (*http.Response, []byte)) {
	forward()
	refuse(w, http.StatusOK, "<html>It works!</html>")
}

// gateway answers as something between us and AWS that has had enough, and has nothing done.
func gateway(w http.ResponseWriter, _ call, _ func() (*http.Response, []byte)) {
	refuse(w, http.StatusBadGateway, "<html>502 Bad Gateway</html>")
}
