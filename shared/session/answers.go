package session

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	// askAgain is the time between two requests for one document: a kid is anybody's invention.
	askAgain = 10 * time.Second
	// askAgainWithout is the same while there is no document at all, and everybody waits for it.
	askAgainWithout = time.Second
	// maxAnswer is the length of the longest document that is read, in bytes.
	maxAnswer = 256 << 10
)

// answers is a RoundTripper for the provider's few JSON documents. Each is asked for at most once in ten seconds,
// one request at a time; in between, and for as long as the provider does not answer, the last good
// answer is given again. While there is none, a failure is, for one second.
type answers struct {
	next http.RoundTripper
	now  func() time.Time

	mu    sync.Mutex
	byURL map[string]answer
}

type answer struct {
	body []byte // the last good one; nil: none yet
	err  error  // why there is no body
	at   time.Time
}

func newAnswers(next http.RoundTripper, now func() time.Time) *answers {
	return &answers{next: next, now: now, byURL: map[string]answer{}}
}

// RoundTrip answers request, which must be a GET. Any answer that is no JSON with status 200 counts as a
// failure, redirections included.
func (a *answers) RoundTrip(request *http.Request) (*http.Response, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	name := request.URL.String()
	last, asked := a.byURL[name]
	if !asked || a.now().Sub(last.at) >= last.term() {
		last = last.renewed(a.fetch(request))
		last.at = a.now()
		a.byURL[name] = last
	}
	return last.response(request)
}

func (a answer) term() time.Duration {
	if a.body == nil {
		return askAgainWithout
	}
	return askAgain
}

func (a answer) renewed(body []byte, err error) answer {
	switch {
	case err == nil:
		return answer{body: body}
	case a.body != nil:
		return a
	default:
		return answer{err: err}
	}
}

func (a answer) response(request *http.Request) (*http.Response, error) {
	if a.body == nil {
		return nil, a.err
	}
	return &http.Response{
		Status:        "200 OK",
		StatusCode:    http.StatusOK,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Body:          io.NopCloser(bytes.NewReader(a.body)),
		ContentLength: int64(len(a.body)),
		Request:       request,
	}, nil
}

var (
	errTooLong = fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	errNoJSON  = errors.New("the answer is not JSON")
)

// fetch reads the whole answer, within the time and the length allowed.
func (a *answers) fetch(request *http.Request) ([]byte, error) {
	response, err := a.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the answer is %s", response.Status)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, err
	case len(body) > maxAnswer:
		return nil, errTooLong
	case !json.Valid(body):
		return nil, errNoJSON
	default:
		return body, nil
	}
}
