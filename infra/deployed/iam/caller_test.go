package iam

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"
)

// outcome is what became of a request: by HTTP, or of an invocation.
type outcome struct {
	about  string // the request
	status int    // 0: there was no answer at all
	text   string
}

func (o outcome) worked() bool { return o.status/100 == 2 }

// closed reports whether it was refused because something could not answer, and gives nothing away.
func (o outcome) closed() bool {
	return o.status == http.StatusServiceUnavailable && !strings.Contains(o.text, "api_key") && !strings.Contains(o.text, `"data"`)
}

// data is the envelope's data.
func (o outcome) data(t testing.TB) fields {
	t.Helper()
	var body struct{ Data fields }
	if err := json.Unmarshal([]byte(o.text), &body); err != nil || !o.worked() || body.Data == nil {
		t.Fatalf("%s: %d %s %v", o.about, o.status, o.text, err)
	}
	return body.Data
}

// fields is a JSON object.
type fields = map[string]any

// caller sends requests with the same headers.
type caller struct {
	*deployment
	t       testing.TB
	name    string // of the member; empty: it is a key
	headers map[string]string
}

// newName is a name that nothing else has.
func newName(prefix string) string { return prefix + "-" + strings.ToLower(rand.Text()[:12]) }

// newcomer is somebody who has never signed in.
func (d *deployment) newcomer(t testing.TB) caller {
	t.Helper()
	name := newName("member")
	return caller{d, t, name, map[string]string{"Authorization": "Bearer " + d.target.Token(t, name)}}
}

// holder calls with a key.
func (c caller) holder(key fields) caller {
	return caller{c.deployment, c.t, "", map[string]string{"X-API-Key": key["api_key"].(string)}}
}

// and is c with one more header.
func (c caller) and(name, value string) caller {
	c.headers = maps.Clone(c.headers)
	c.headers[name] = value
	return c
}

// do sends a request to the admin API.
func (c caller) do(method, path string, body any) outcome {
	return c.send(method, c.target.URL+path, body)
}

// sample sends a request to the sample API's production.
func (c caller) sample(method string) outcome {
	return c.send(method, c.target.Sample("production")+"/zones", nil)
}

// client waits for no answer longer than API Gateway and the slowest function may take.
var client = &http.Client{Timeout: 40 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 32}}

// send fails no test, so that goroutines may use it.
func (c caller) send(method, url string, body any) outcome {
	about := method + " " + strings.TrimPrefix(url, c.target.URL)
	var text []byte
	if body != nil {
		text, _ = json.Marshal(body) // our own literals always marshal
	}
	request, err := http.NewRequestWithContext(c.t.Context(), method, url, bytes.NewReader(text))
	if err != nil {
		return outcome{about, 0, err.Error()}
	}
	request.Header.Set("Content-Type", "application/json")
	for name, value := range c.headers {
		request.Header.Set(name, value)
	}
	response, err := client.Do(request)
	if err != nil {
		return outcome{about, 0, err.Error()}
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return outcome{about, 0, err.Error()}
	}
	return outcome{about, response.StatusCode, string(answer)}
}

// create makes a key, with a name of its own where more has none.
func (c caller) create(more fields) fields {
	c.t.Helper()
	body := fields{"name": newName("key")}
	maps.Copy(body, more)
	return c.do("POST", "/v1/keys", body).data(c.t)
}

// organization is the id of the organization that c acts in.
func (c caller) organization() string {
	c.t.Helper()
	return c.do("GET", "/v1/account", nil).data(c.t)["organization_id"].(string)
}

func pathOf(key fields) string { return "/v1/keys/" + key["key_id"].(string) }
