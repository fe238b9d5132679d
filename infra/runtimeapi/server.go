package runtimeapi

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// maxPayload is the most that an answer may be: 6 MB, in Lambda's quotas.
const maxPayload = 6 << 20

// event is one that waits for the process, or that it works on.
type event struct {
	id, arn, trace string
	deadline       time.Time
	payload        []byte
	answered       chan Outcome // takes one
}

// api is the Runtime API of one process.
type api struct {
	server *http.Server
	addr   string
	asked  chan time.Time // when the process asked for an event that it has not got yet
	events chan event
	closed chan struct{}

	mu      sync.Mutex
	current *event // the event that the process has not answered yet
}

func newAPI() (*api, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	a := &api{addr: listener.Addr().String(), asked: make(chan time.Time, 1), events: make(chan event), closed: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", a.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", a.answer(func(payload []byte) Outcome { return Outcome{Payload: payload} }))
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", a.answer(failed))
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", a.initError)
	a.server = &http.Server{Handler: mux}
	go func() { _ = a.server.Serve(listener) }()
	return a, nil
}

func (a *api) close() {
	close(a.closed)
	_ = a.server.Close()
}

// next answers when there is an event. Lambda's documentation: "Do not set a timeout on the GET request as the response may be
// delayed."
func (a *api) next(w http.ResponseWriter, r *http.Request) {
	select {
	case a.asked <- time.Now():
	default: // it asks twice: both wait
	}
	select {
	case e := <-a.events:
		a.begin(&e)
		e.writeTo(w)
	case <-r.Context().Done():
	case <-a.closed:
	}
}

func (a *api) begin(e *event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.current = e
}

func (e *event) writeTo(w http.ResponseWriter) {
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Lambda-Runtime-Aws-Request-Id", e.id)
	header.Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(e.deadline.UnixMilli()))
	header.Set("Lambda-Runtime-Invoked-Function-Arn", e.arn)
	header.Set("Lambda-Runtime-Trace-Id", e.trace)
	_, _ = w.Write(e.payload)
}

// answer takes what a process says of the event that it works on, once. The answer to any other is refused.
func (a *api) answer(outcome func([]byte) Outcome) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
		if err != nil {
			refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", err.Error())
			return
		}
		e := a.end(r.PathValue("id"))
		if e == nil {
			refuse(w, http.StatusBadRequest, "InvalidRequestID", "there is no such event, or it has been answered")
			return
		}
		e.answered <- outcome(payload)
		accept(w)
	}
}

// end gives the event of that id, if it is the current one, which is then none.
func (a *api) end(id string) *event {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.current == nil || a.current.id != id {
		return nil
	}
	e := a.current
	a.current = nil
	return e
}

// initError takes note of a failed start; the process ends by itself, which is what decides.
func (a *api) initError(w http.ResponseWriter, _ *http.Request) { accept(w) }

func accept(w http.ResponseWriter) {
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(Error{Message: message, Type: kind})
}

// send hands e to the process, which has asked for it, and waits for its outcome until the event's deadline or the
// process's end. It reports which of these came first.
func (a *api) send(ctx context.Context, e event, ended <-chan struct{}) (outcome Outcome, err error) {
	select {
	case a.events <- e:
	case <-ended:
		return Outcome{}, errEnded
	case <-ctx.Done():
		return Outcome{}, ctx.Err()
	}
	select {
	case outcome = <-e.answered:
		return outcome, nil
	case <-ctx.Done():
		return Outcome{}, ctx.Err()
	case <-ended:
	}
	select {
	case outcome = <-e.answered: // it answered, and ended
		return outcome, nil
	default:
		return Outcome{}, errEnded
	}
}
