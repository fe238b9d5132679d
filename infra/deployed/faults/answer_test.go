package faults

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// answer is what a caller gets.
type answer struct {
	status int
	header http.Header
	body   map[string]any
	code   string // of an error
}

// ask sends a request to the house, with a key or a session token (empty: neither). Whatever is broken, an answer is one of the
// contract's: never a 500, and a 503 says that it is one, and when to try again.
func (h *home) ask(method, path, credential, body string, headers ...string) answer {
	h.Helper()
	return h.askAt(h.url, method, path, credential, body, headers...)
}

// askAt is ask of another house of the same home.
func (h *home) askAt(url, method, path, credential, body string, headers ...string) answer {
	h.Helper()
	request, err := http.NewRequestWithContext(h.Context(), method, url+path, strings.NewReader(body))
	if err != nil {
		h.Error(err)
		return answer{}
	}
	request.Header.Set("Content-Type", "application/json")
	if credential != "" {
		request.Header.Set("Authorization", "Bearer "+credential)
	}
	for n := 0; n < len(headers); n += 2 {
		request.Header.Set(headers[n], headers[n+1])
	}
	response, err := client.Do(request)
	if err != nil {
		h.Errorf("%s %s: no answer: %v", method, path, err)
		return answer{}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		h.Errorf("%s %s: half an answer: %v", method, path, err)
	}
	got := answer{status: response.StatusCode, header: response.Header}
	if err := json.Unmarshal(text, &got.body); err != nil && len(text) > 0 {
		h.Errorf("%s %s: %d %s", method, path, response.StatusCode, text)
	}
	got.code, _ = got.body["code"].(string)
	h.wantContract(method+" "+path, got)
	return got
}

// wantContract checks what every answer must keep, whatever is broken.
func (h *home) wantContract(asked string, got answer) {
	h.Helper()
	outage := got.status == http.StatusServiceUnavailable
	switch {
	case got.status >= http.StatusInternalServerError && !outage:
		h.Errorf("%s: status %d %v; nothing but a 503 is right here", asked, got.status, got.body)
	case outage && (got.code != "unavailable" || got.header.Get("Retry-After") != "1"):
		h.Errorf("%s: a 503 with code %q and Retry-After %q", asked, got.code, got.header.Get("Retry-After"))
	case got.status >= http.StatusBadRequest && got.code == "":
		h.Errorf("%s: status %d without a code: %v", asked, got.status, got.body)
	}
}

// done reports whether what was asked for was done. It is not known whether it was where the answer is an outage; every other
// answer is none that this request may get.
func (h *home) done(asked string, got answer) bool {
	h.Helper()
	switch got.status {
	case http.StatusOK, http.StatusCreated:
		return true
	case http.StatusServiceUnavailable:
		return false
	default:
		h.Errorf("%s: status %d %v", asked, got.status, got.body)
		return false
	}
}

// data is what the envelope of a success holds.
func (a answer) data(name string) any {
	data, _ := a.body["data"].(map[string]any)
	return data[name]
}

func (a answer) text(name string) string {
	text, _ := a.data(name).(string)
	return text
}
