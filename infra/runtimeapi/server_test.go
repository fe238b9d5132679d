package runtimeapi

import (
	"bytes"
	"net/http"
	"testing"
	"time"
)

// post sends what a runtime says, and gives the status.
func post(t *testing.T, a *api, path string, body []byte) int {
	t.Helper()
	response, err := http.Post("http://"+a.addr+"/2018-06-01/runtime/"+path, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}

// Lambda takes one answer to the event that it has given, and no other.
func TestAnAnswerIsTakenOnceAndToTheCurrentEventAlone(t *testing.T) {
	a, err := newAPI()
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	outcomes := make(chan Outcome, 1)
	go func() {
		outcome, _ := a.send(t.Context(), event{id: "one", deadline: time.Now().Add(time.Minute), answered: make(chan Outcome, 1)}, nil)
		outcomes <- outcome
	}()
	response, err := http.Get("http://" + a.addr + "/2018-06-01/runtime/invocation/next")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	for _, step := range []struct {
		path string
		body []byte
		want int
	}{
		{"invocation/two/response", []byte("{}"), http.StatusBadRequest},
		{"invocation/one/response", make([]byte, maxPayload+1), http.StatusRequestEntityTooLarge},
		{"invocation/one/response", []byte(`"yes"`), http.StatusAccepted},
		{"invocation/one/error", []byte("{}"), http.StatusBadRequest},
		{"init/error", []byte("{}"), http.StatusAccepted},
		{"elsewhere", nil, http.StatusNotFound},
	} {
		if got := post(t, a, step.path, step.body); got != step.want {
			t.Errorf("%s: status %d, want %d", step.path, got, step.want)
		}
	}
	if outcome := <-outcomes; string(outcome.Payload) != `"yes"` {
		t.Errorf("outcome %s", outcome.Payload)
	}
}
