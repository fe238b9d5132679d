package acceptance

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"
)

// caller sends requests, with what it was given to say who it is.
type caller struct {
	t       testing.TB
	target  Target
	name    string            // of the member; empty: no member
	headers map[string]string // on every request
}

// client waits for no answer longer than a REST API would.
var client = &http.Client{
	Timeout:       30 * time.Second,
	Transport:     &http.Transport{MaxIdleConnsPerHost: 128, DisableCompression: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// newMember is somebody new, the Admin of an organization that nobody has used yet.
func newMember(t testing.TB, target Target) *caller {
	t.Helper()
	name := newName("member")
	return &caller{t, target, name, map[string]string{"Authorization": "Bearer " + target.Token(t, name)}}
}

// nobody sends no credential.
func nobody(t testing.TB, target Target) *caller { return &caller{t: t, target: target} }

// holder calls with a key in X-API-Key.
func (c *caller) holder(secret string) *caller { return c.with("X-API-Key", secret) }

// with is somebody who sends that header and no credential but it.
func (c *caller) with(name, value string) *caller {
	return &caller{t: c.t, target: c.target, headers: map[string]string{name: value}}
}

// and is c with one more header, or with another value of one.
func (c *caller) and(name, value string) *caller {
	headers := maps.Clone(c.headers)
	if headers == nil {
		headers = map[string]string{}
	}
	headers[name] = value
	return &caller{c.t, c.target, c.name, headers}
}

// in is c inside of a subtest.
func (c *caller) in(t testing.TB) *caller { return &caller{t, c.target, c.name, c.headers} }

// do sends a request to the admin API. A body is JSON: a string as it is, anything else marshalled; nil is none.
func (c *caller) do(method, path string, body any) *answer {
	c.t.Helper()
	return c.send(method, c.target.URL+path, body)
}

// sample sends a GET to the sample API's stage for an environment.
func (c *caller) sample(environment string) *answer {
	c.t.Helper()
	return c.send("GET", c.target.Sample(environment)+"/zones", nil)
}

// send sends a request and holds its answer to what all answers must have.
func (c *caller) send(method, url string, body any) *answer {
	c.t.Helper()
	answer, err := c.try(method, url, body)
	if err != nil {
		c.t.Fatal(err)
	}
	answer.hasWhatAllHave()
	return answer
}

// try sends a request. It fails no test, so that goroutines may use it.
func (c *caller) try(method, url string, body any) (*answer, error) {
	request, err := http.NewRequestWithContext(c.t.Context(), method, url, reader(body))
	if err != nil {
		return nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range c.headers {
		request.Header[name] = []string{value} // in that letter case
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	answer := &answer{
		t: c.t, request: request, status: response.StatusCode, header: response.Header, text: string(text),
		gaps: c.target.met, ofSample: c.target.isSample(url),
	}
	answer.repair()
	answer.conceal()
	return answer, err
}

func reader(body any) io.Reader {
	switch body := body.(type) {
	case nil:
		return http.NoBody
	case string:
		return strings.NewReader(body)
	default:
		text, err := json.Marshal(body)
		if err != nil { // our own literals always marshal
			panic(err)
		}
		return strings.NewReader(string(text))
	}
}

// fields is a JSON object.
type fields = map[string]any

// create makes a key with these fields, and a name of its own where they have none.
func (c *caller) create(more ...fields) key {
	c.t.Helper()
	body := fields{"name": newName("key")}
	for _, fields := range more {
		for name, value := range fields {
			body[name] = value
		}
	}
	return c.created(c.do("POST", "/v1/keys", body))
}

func (c *caller) created(answer *answer) key {
	c.t.Helper()
	answer.wantStatus(http.StatusCreated)
	data := answer.data()
	return key{id: data["key_id"].(string), secret: data["api_key"].(string), name: data["name"].(string), data: data}
}

// key is a key as its create answered.
type key struct {
	id, secret, name string
	data             fields
}

func (k key) path() string { return "/v1/keys/" + k.id }
