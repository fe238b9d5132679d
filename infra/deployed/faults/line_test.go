package faults

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// line stands between a client and its server, and makes calls go wrong. It is sound until break is called.
type line struct {
	server   *httptest.Server
	upstream string

	mu    sync.Mutex
	plan  plan
	calls int // since the last break
	hit   int // how many of them went wrong
}

// call is a request as a plan sees it.
type call struct {
	operation string // UpdateItem, GetSecretValue, …; the path where the request names none
	hot       bool   // it names a hot record
	number    int    // of all calls since the line broke, from 1 on
	writes    int    // how many items a transaction writes
}

// plan says how a call goes wrong; nil: it does not.
type plan func(call) mishap

// mishap is what happens in the place of an answer. forward has the server do what it was asked to, and gives its answer.
type mishap func(w http.ResponseWriter, c call, forward func() (*http.Response, []byte))

// newLine is a line to the server at that URL, until the test ends.
func newLine(t testing.TB, upstream string) *line {
	w := &line{upstream: upstream}
	w.server = httptest.NewServer(w)
	t.Cleanup(w.server.Close)
	return w
}

// broken has calls go wrong as p says, until mend.
func (w *line) broken(p plan) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.plan, w.calls, w.hit = p, 0, 0
}

// mend lets every call through. It gives how many there were, and how many went wrong.
func (w *line) mend() (calls, hit int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.plan = nil
	return w.calls, w.hit
}

// begin counts a call, and gives what happens to it; nil: nothing.
func (w *line) begin(c *call) mishap {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	c.number = w.calls
	if w.plan == nil {
		return nil
	}
	happens := w.plan(*c)
	if happens != nil {
		w.hit++
	}
	return happens
}

func (w *line) ServeHTTP(to http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	c := callOf(r, body)
	forward := func() (*http.Response, []byte) { return w.forward(r, body) }
	if happens := w.begin(&c); happens != nil {
		happens(to, c, forward)
		return
	}
	response, answer := forward()
	reply(to, response, answer)
}

// forward sends the request on. The server gets it whole even if the client has gone by now.
func (w *line) forward(r *http.Request, body []byte) (*http.Response, []byte) {
	request, err := http.NewRequest(r.Method, w.upstream+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	request.Header = r.Header.Clone()
	request.Host = r.Host
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	return response, answer
}

func reply(to http.ResponseWriter, response *http.Response, answer []byte) {
	for name, values := range response.Header {
		to.Header()[name] = values
	}
	to.WriteHeader(response.StatusCode)
	_, _ = to.Write(answer)
}

// callOf reads what a request asks for.
func callOf(r *http.Request, body []byte) call {
	c := call{operation: r.URL.Path, hot: bytes.Contains(body, []byte(`"AUTH"`))}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		c.operation = target[strings.LastIndexByte(target, '.')+1:]
	}
	var transaction struct{ TransactItems []json.RawMessage }
	_ = json.Unmarshal(body, &transaction) // what is no transaction has none
	c.writes = len(transaction.TransactItems)
	return c
}

// every has one call in n go wrong, of those that which says; nil: of all.
func every(n int, which func(call) bool, happens mishap) plan {
	met := 0
	return func(c call) mishap {
		if which != nil && !which(c) {
			return nil
		}
		if met++; met%n != 0 {
			return nil
		}
		return happens
	}
}

// atRandom has each call go wrong with that probability, in one of those ways. The same seed gives the same sequence.
func atRandom(seed uint64, probability float64, happen ...mishap) plan {
	random := rand.New(rand.NewPCG(seed, seed))
	return func(call) mishap {
		if random.Float64() >= probability {
			return nil
		}
		return happen[random.IntN(len(happen))]
	}
}

func hot(c call) bool         { return c.hot && c.operation == "UpdateItem" }
func transaction(c call) bool { return c.writes > 0 }
func write(c call) bool {
	return c.operation == "UpdateItem" || c.operation == "DeleteItem" || transaction(c)
}
