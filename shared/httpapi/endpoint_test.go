package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/journal"
	"github.com/keyward/keyward/shared/metric"
)

const requestID = "7f1c8e0a-0000-4000-8000-000000000001"

// edge is one whose log can be read.
func newEdge() (Edge, *strings.Builder) {
	var log strings.Builder
	return Edge{Now: func() time.Time { return noon }, Log: slog.New(slog.NewTextHandler(&log, nil))}, &log
}

// request is one that the authorizer passed on with that context.
func request(authorizer map[string]any) events.APIGatewayProxyRequest {
	return events.APIGatewayProxyRequest{
		HTTPMethod: "GET", Resource: "/v1/keys",
		RequestContext: events.APIGatewayProxyRequestContext{RequestID: requestID, Authorizer: authorizer},
	}
}

func (e Edge) answer(t *testing.T, serve func() (reply, error), authorizer map[string]any) events.APIGatewayProxyResponse {
	t.Helper()
	handler := e.guardedEndpoint(func(context.Context, call) (reply, error) { return serve() })
	response, err := handler(t.Context(), request(authorizer))
	if err != nil {
		t.Fatalf("a handler never gives an error: %v", err)
	}
	return response
}

func assertFailure(t *testing.T, response events.APIGatewayProxyResponse, status int, want errorEnvelope) {
	t.Helper()
	var got errorEnvelope
	if err := json.Unmarshal([]byte(response.Body), &got); err != nil {
		t.Fatal(err)
	}
	want.Status, want.RequestID = "error", requestID
	if diff := cmp.Diff(want, got); response.StatusCode != status || diff != "" {
		t.Errorf("status %d, want %d; %s", response.StatusCode, status, diff)
	}
	if response.Headers["X-Request-Id"] != requestID {
		t.Errorf("X-Request-Id = %q", response.Headers["X-Request-Id"])
	}
}

var (
	admittedContext = map[string]any{ContextCode: "allowed"}
	internalError   = errorEnvelope{Message: "Internal error", Code: "internal", Error: "Something went wrong on our side. Report the request_id."}
)

// A panic is a 500 in the envelope with the request's id, is logged, and the next request is answered.
func TestEndpoint_aPanicIsA500(t *testing.T) {
	edge, log := newEdge()
	assertFailure(t, edge.answer(t, func() (reply, error) { panic("a bug") }, admittedContext), 500, internalError)
	if !strings.Contains(log.String(), "a bug") || !strings.Contains(log.String(), requestID) {
		t.Errorf("log = %s", log.String())
	}
	if got := edge.answer(t, func() (reply, error) { return reply{status: 204}, nil }, admittedContext).StatusCode; got != 204 {
		t.Errorf("afterwards: status %d", got)
	}
}

// What is no fault is an internal error, of which the caller learns nothing.
func TestEndpoint_aStrangeErrorIsA500(t *testing.T) {
	edge, log := newEdge()
	cause := errors.New("the password of the database is hunter2")
	assertFailure(t, edge.answer(t, func() (reply, error) { return reply{}, cause }, admittedContext), 500, internalError)
	if strings.Count(log.String(), "hunter2") != 1 {
		t.Errorf("it is to be logged once: %s", log.String())
	}
}

// A fault has its status, and an outage Retry-After.
func TestEndpoint_faults(t *testing.T) {
	for code, status := range map[fault.Code]int{
		fault.InvalidBody: 400, fault.Unauthorized: 401, fault.GrantDenied: 403, fault.KeyNotFound: 404, fault.WrongMethod: 405,
		fault.NameTaken: 409, fault.VersionMismatch: 412, fault.BodyTooLarge: 413, fault.UnsupportedType: 415, fault.RateLimited: 429,
	} {
		edge, log := newEdge()
		err := fmt.Errorf("doing something: %w", fault.New(code, "Why."))
		assertFailure(t, edge.answer(t, func() (reply, error) { return reply{}, err }, admittedContext), status,
			errorEnvelope{Message: code.Title(), Code: string(code), Error: "Why."})
		if log.Len() > 0 {
			t.Errorf("%s is logged: %s", code, log.String())
		}
	}
	edge, log := newEdge()
	var lines bytes.Buffer
	edge.Journal = journal.Embedded(&lines, "keyward", 1, new(metric.Tally))
	response := edge.answer(t, func() (reply, error) { return reply{}, fault.Outage("reading", errors.New("it is down")) }, admittedContext)
	if counted := strings.Count(lines.String(), `"DecisionUnavailable":1`); counted != 1 {
		t.Errorf("an outage was counted %d times: %s", counted, lines.String())
	}
	if response.StatusCode != 503 || response.Headers["Retry-After"] != "1" || !strings.Contains(log.String(), "it is down") {
		t.Errorf("an outage: %d, Retry-After %q, log %s", response.StatusCode, response.Headers["Retry-After"], log.String())
	}
}

// Every kind of fault has a status.
func TestEndpoint_everyKindHasAStatus(t *testing.T) {
	for _, kind := range []fault.Kind{fault.Invalid, fault.Unauthenticated, fault.Forbidden, fault.NotFound, fault.MethodNotAllowed, fault.Conflict,
		fault.Stale, fault.TooLarge, fault.Unsupported, fault.Limited, fault.Internal, fault.Outaged} {
		if statusOfKind[kind] == 0 {
			t.Errorf("%s has no status", kind)
		}
	}
}

// A request that no authorizer saw is a 401, and one that it refused softly is that refusal: neither is ever served.
func TestGuardedEndpoint_servesOnlyWhatIsAllowed(t *testing.T) {
	for name, test := range map[string]struct {
		authorizer map[string]any
		status     int
		code       string
	}{
		"never seen":               {nil, 401, "unauthorized"},
		"an empty context":         {map[string]any{}, 401, "unauthorized"},
		"no code":                  {map[string]any{ContextPrincipal: "key", ContextOrganization: "org_1"}, 401, "unauthorized"},
		"a code that is no string": {map[string]any{ContextCode: true}, 401, "unauthorized"},
		"refused":                  {map[string]any{ContextCode: "permission_denied", ContextError: "Why."}, 403, "permission_denied"},
		"another refusal":          {map[string]any{ContextCode: "organization_denied", ContextError: "Why."}, 403, "organization_denied"},
		"a code of tomorrow":       {map[string]any{ContextCode: "something_denied", ContextError: "Why."}, 500, "something_denied"},
		"almost":                   {map[string]any{ContextCode: "Allowed", ContextError: "Why."}, 500, "Allowed"},
		"spaces":                   {map[string]any{ContextCode: "allowed ", ContextError: "Why."}, 500, "allowed "},
	} {
		t.Run(name, func(t *testing.T) {
			edge, _ := newEdge()
			served := false
			response := edge.answer(t, func() (reply, error) { served = true; return reply{status: 200}, nil }, test.authorizer)
			var got errorEnvelope
			if err := json.Unmarshal([]byte(response.Body), &got); err != nil {
				t.Fatal(err)
			}
			if served || response.StatusCode != test.status || got.Code != test.code {
				t.Errorf("served = %t, status %d, code %s", served, response.StatusCode, got.Code)
			}
		})
	}
}

// A soft refusal lets a request through the gateway to one of our functions, and says there what it is. No code but
// allowed is ever taken for allowed.
func TestVerdict_aSoftRefusalIsNoAllow(t *testing.T) {
	for reason, status := range reasons {
		if status == 401 || status == 503 {
			continue
		}
		soft := verdictOf(t, reason).soften()
		answer, err := soft.policy(methodARN, "")
		if err != nil || answer.PolicyDocument.Statement[0].Effect != "Allow" {
			t.Fatalf("%s: %v, %+v", reason, err, answer)
		}
		if err := principalOf(answer.Context).admitted(); (err == nil) != (reason == apikey.Allowed) {
			t.Errorf("%s: admitted() = %v", reason, err)
		}
	}
	refused := allowed(nil, noon).refuse(fault.New(fault.SignupClosed, "Why."))
	if err := principalOf(refused.context).admitted(); !errors.Is(err, fault.SignupClosed) {
		t.Errorf("admitted() = %v", err)
	}
}

// An endpoint's own windows replace the caller's whole: the two families of headers never tell of different windows.
func TestRespond_headersOfTwoPrincipalsAreNotMixed(t *testing.T) {
	edge, _ := newEdge()
	caller := map[string]any{ContextCode: "allowed", ContextLimit: "600", ContextRemaining: "5", ContextReset: "60", ContextPolicy: "p", ContextRateLimit: "r"}
	response := edge.answer(t, func() (reply, error) { return reply{status: 204, headers: limitHeaders(nil, noon)}, nil }, caller)
	if response.Headers[headerLimit] != "0" || response.Headers[headerPolicy] != "" || response.Headers[headerRateLimit] != "" {
		t.Errorf("headers = %v", response.Headers)
	}
}
