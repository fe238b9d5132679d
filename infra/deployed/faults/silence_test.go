package faults

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/httpapi"
)

// temper waits for an answer as long as the functions do, or, once it is calm, for longer.
type temper struct {
	hurried, patient aws.HTTPClient
	calm             atomic.Bool
}

// Do implements aws.HTTPClient.
func (t *temper) Do(request *http.Request) (*http.Response, error) {
	if t.calm.Load() {
		return t.patient.Do(request)
	}
	return t.hurried.Do(request)
}

// hurried gives the house a client that is as impatient as the functions'.
func hurried(t *temper) func(*home) {
	return func(h *home) {
		client := newClient(h.dynamo.server.URL)
		t.hurried, t.patient = dynamo.NewClient(aws.Config{Region: "us-east-1"}).Options().HTTPClient, client.Options().HTTPClient
		t.calm.Store(true)
		store := dynamo.New(dynamodb.New(client.Options(), func(o *dynamodb.Options) { o.HTTPClient = t }), h.table)
		store.Now = h.clock.Now
		h.parts.Store = store
	}
}

// A DynamoDB that takes requests and never answers, whether it does what it was asked to or not, is a 503 within the time that
// the function has, and is forgotten as soon as it answers again.
func TestSilenceIsAnOutageWithinTheFunctionsTime(t *testing.T) {
	for name, silent := range map[string]mishap{"nothing done": silentBefore, "all done": silentAfter} {
		t.Run(name, func(t *testing.T) {
			temper := &temper{}
			h := open(t, hurried(temper))
			w := h.newWorker("silence", h.token("ann"), 1)
			w.create()
			k := w.keys[0]
			temper.calm.Store(false)
			h.dynamo.broken(every(1, nil, silent))
			h.wantWithin("authorizer", func() { w.use(k) })
			h.dynamo.broken(every(1, func(c call) bool { return write(c) && (c.hot || transaction(c)) }, silent))
			h.wantWithin("revoke", func() { w.revoke(w.token, k) })
			h.wantWithin("create", w.create)
			h.dynamo.mend()
			temper.calm.Store(true)
			w.use(k)
			w.revoke(w.token, k)
			w.recover()
			h.cleanUp()
			h.wantOrder()
		})
	}
}

// wantWithin checks that something is over before the function's time, and its authorizer's, are.
func (h *home) wantWithin(function string, do func()) {
	h.Helper()
	row, _ := httpapi.FunctionOf(function)
	authorizer, _ := httpapi.FunctionOf("authorizer")
	began := time.Now()
	do()
	if took, most := time.Since(began), time.Duration(row.Seconds+authorizer.Seconds)*time.Second; took > most {
		h.Errorf("%s took %s, and is ended after %s", function, took, most)
	}
}
