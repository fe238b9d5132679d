package acceptance

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// answer is a response that was read to its end.
type answer struct {
	t       testing.TB
	request *http.Request
	status  int
	header  http.Header
	text    string

	gaps      *encounters
	ofSample  bool // it is the sample API's
	concealed bool // it refuses and, as is known of the target, does not say why: its texts and limits are not expected
}

// hasWhatAllHave holds an answer to what every answer must have: a request id, limits in both families of header
// fields that agree, and the envelope.
func (a *answer) hasWhatAllHave() {
	a.t.Helper()
	if a.header.Get("X-Request-Id") == "" {
		a.errorf("there is no X-Request-Id")
	}
	a.hasLimits()
	if a.status == http.StatusNoContent || a.request.Method == http.MethodHead {
		return
	}
	if got := a.header.Get("Content-Type"); got != "application/json" {
		a.errorf("Content-Type = %q", got)
	}
	if strings.HasSuffix(strings.TrimRight(a.request.URL.Path, "/"), "/healthz") && a.status == http.StatusOK {
		return
	}
	if a.status < 300 {
		a.hasKeys("status", "message", "data")
		return
	}
	a.hasKeys("status", "message", "error", "code", "request_id")
	if got := a.body()["request_id"]; got != a.header.Get("X-Request-Id") {
		a.errorf("request_id = %v, X-Request-Id = %s", got, a.header.Get("X-Request-Id"))
	}
}

// hasKeys checks that the body is an object with these keys, and no other but field.
func (a *answer) hasKeys(want ...string) {
	a.t.Helper()
	body := a.body()
	for _, name := range want {
		if _, ok := body[name]; !ok {
			a.errorf("the body has no %q", name)
		}
	}
	if _, ok := body["field"]; ok {
		want = append(want, "field")
	}
	if len(body) != len(want) {
		a.errorf("the body has more than %v", want)
	}
}

func (a *answer) body() fields {
	a.t.Helper()
	var body fields
	if err := json.Unmarshal([]byte(a.text), &body); err != nil {
		a.fatalf("the body is no JSON object: %v", err)
	}
	return body
}

// data is the envelope's data.
func (a *answer) data() fields {
	a.t.Helper()
	data, ok := a.body()["data"].(fields)
	if !ok {
		a.fatalf("there is no data")
	}
	return data
}

// number is a header field that must be a whole number.
func (a *answer) number(name string) int {
	a.t.Helper()
	if a.concealed {
		return 0
	}
	n, err := strconv.Atoi(a.header.Get(name))
	if err != nil {
		a.errorf("%s = %q is no number", name, a.header.Get(name))
	}
	return n
}

func (a *answer) wantStatus(want int) {
	a.t.Helper()
	if !a.is(want) {
		a.fatalf("status = %d, want %d", a.status, want)
	}
}

func (a *answer) wantHeader(name, want string) {
	a.t.Helper()
	if got := a.header.Get(name); got != want && !a.concealed {
		a.errorf("%s = %q, want %q", name, got, want)
	}
}

// want checks the status and the whole body, but for request_id.
func (a *answer) want(status int, body string) {
	a.t.Helper()
	a.wantStatus(status)
	if a.concealed {
		return
	}
	var want fields
	if err := json.Unmarshal([]byte(body), &want); err != nil {
		a.t.Fatalf("what is wanted is no JSON: %v", err)
	}
	got := a.body()
	delete(got, "request_id")
	if diff := cmp.Diff(want, got); diff != "" {
		a.errorf("body (-want +got):\n%s", diff)
	}
}

// wantRefusal checks the status and the whole body of an error. A field of "" is none.
func (a *answer) wantRefusal(status int, code, message, text, field string) {
	a.t.Helper()
	want := fields{"status": "error", "message": message, "error": text, "code": code}
	if field != "" {
		want["field"] = field
	}
	body, _ := json.Marshal(want)
	a.want(status, string(body))
}

// wantInvalid checks a 400 about a field of the body.
func (a *answer) wantInvalid(code, field, text string) {
	a.t.Helper()
	a.wantRefusal(http.StatusBadRequest, code, "Invalid request body", text, field)
}

// wantTime checks that a value is a timestamp of the contract: RFC 3339, UTC with Z, whole seconds.
func (a *answer) wantTime(name string, value any) time.Time {
	a.t.Helper()
	text, _ := value.(string)
	at, err := time.Parse("2006-01-02T15:04:05Z", text)
	if err != nil {
		a.errorf("%s = %v is no time: %v", name, value, err)
	}
	return at
}

// withoutRequestID is the body's text with the request's id taken out.
func (a *answer) withoutRequestID() string {
	return strings.ReplaceAll(a.text, a.header.Get("X-Request-Id"), "")
}

func (a *answer) errorf(format string, args ...any) {
	a.t.Helper()
	a.t.Errorf("%s %s: "+format+"\n%d %s", append([]any{a.request.Method, a.request.URL}, append(args, a.status, a.text)...)...)
}

func (a *answer) fatalf(format string, args ...any) {
	a.t.Helper()
	a.errorf(format, args...)
	a.t.FailNow()
}

// withoutID is the body without the request's id, as JSON.
func (a *answer) withoutID() string {
	body := a.body()
	delete(body, "request_id")
	text, _ := json.Marshal(body)
	return string(text)
}

// wantError checks for a refusal of that status and code, whatever its texts.
func (a *answer) wantError(status int, code string) {
	a.t.Helper()
	if !a.is(status) || !a.concealed && a.body()["code"] != code {
		a.errorf("%d %v, want %d %s", a.status, a.body()["code"], status, code)
	}
}
