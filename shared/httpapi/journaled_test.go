package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/journal"
	"github.com/keyward/keyward/shared/metric"
	"github.com/keyward/keyward/shared/org"
)

// last is the last line of a journal, but for its time, its duration and its metrics.
func last(t *testing.T, lines *bytes.Buffer) map[string]any {
	t.Helper()
	all := strings.Split(strings.TrimSpace(lines.String()), "\n")
	var fields map[string]any
	if err := json.Unmarshal([]byte(all[len(all)-1]), &fields); err != nil {
		t.Fatalf("%s: %v", lines, err)
	}
	if _, timed := fields["duration_ms"].(float64); !timed || fields["v"] != 1.0 {
		t.Errorf("the line has no duration or no version: %v", fields)
	}
	for name := range fields {
		if name == "time" || name == "level" || name == "v" || name == "duration_ms" || name == "cold_start" || name == "_aws" || name[0] < 'a' {
			delete(fields, name)
		}
	}
	return fields
}

// line is a line's fields, each name before its value.
func line(fields ...any) map[string]any {
	line := map[string]any{}
	for i := 0; i < len(fields); i += 2 {
		line[fields[i].(string)] = fields[i+1]
	}
	return line
}

// Each shape of an event is decided about in one line, which names the route and never the path.
func TestJournal_everyShapeHasItsLine(t *testing.T) {
	d := newDoor(t)
	credential := func(name string) map[string]string { return map[string]string{name: d.secret} }
	id, _, _ := strings.Cut(strings.TrimPrefix(d.secret, "vg_live_"), "_")
	key := "key_" + id[:8]
	d.AppSync = map[string]AppSyncAPI{"api1": {Environment: "production", Service: SampleService, Permission: "dns:read"}}
	for name, test := range map[string]struct {
		ask  func() error
		want map[string]any
	}{
		"REST": {func() error {
			_, err := d.REST(t.Context(), events.APIGatewayCustomAuthorizerRequestTypeRequest{
				MethodArn: methodARN, HTTPMethod: "GET", Path: "/zones/my-zone", Resource: "/{proxy+}", StageVariables: guardedStage, Headers: credential("X-API-Key"),
				RequestContext: events.APIGatewayCustomAuthorizerRequestTypeRequestContext{RequestID: requestID, Identity: events.APIGatewayCustomAuthorizerRequestTypeRequestIdentity{SourceIP: "203.0.113.9"}},
			})
			return err
		}, line("msg", "decision", "request_id", requestID, "surface", "rest", "code", "allowed", "status", 200.0, "key_id", key, "organization", "org_1",
			"environment", "production", "service", "dns", "method", "GET", "resource", "/zones/{zone_id}", "ip", "203.0.113.9")},
		"HTTP": {func() error {
			event := events.APIGatewayV2CustomAuthorizerV2Request{RawPath: "/zones", StageVariables: guardedStage, Headers: credential("x-api-key")}
			event.RequestContext.RequestID, event.RequestContext.Stage = "JKJaXmPLvHcESHA=", "$default"
			event.RequestContext.HTTP.Method, event.RequestContext.HTTP.SourceIP = "POST", "2001:db8::1"
			_, err := d.HTTP(t.Context(), event)
			return err
		}, line("msg", "decision", "request_id", "JKJaXmPLvHcESHA=", "surface", "http", "code", "allowed", "status", 200.0, "key_id", key, "organization", "org_1",
			"environment", "production", "service", "dns", "method", "POST", "resource", "/zones", "ip", "2001:db8::1")},
		"AppSync": {func() error {
			_, err := d.GraphQL(t.Context(), events.AppSyncLambdaAuthorizerRequest{
				AuthorizationToken: d.secret, RequestContext: events.AppSyncLambdaAuthorizerRequestContext{APIID: "api1", RequestID: requestID},
			})
			return err
		}, line("msg", "decision", "request_id", requestID, "surface", "appsync", "code", "allowed", "status", 200.0, "key_id", key, "organization", "org_1",
			"environment", "production", "service", "dns")},
		"WebSocket, without a route": {func() error {
			event := webSocketEvent{StageVariables: guardedStage, MethodARN: methodARN, Headers: credential("X-API-Key")}
			event.Context.RouteKey, event.Context.RequestID = "$connect", d.secret
			_, err := d.webSocket(t.Context(), event)
			return err
		}, line("msg", "decision", "request_id", journal.RequestID(d.secret), "surface", "websocket", "code", "permission_denied", "status", 403.0, "key_id", key, "organization", "org_1",
			"environment", "production", "service", "dns", "method", "GET")},
		"keyward's own API": {func() error {
			_, err := d.REST(t.Context(), events.APIGatewayCustomAuthorizerRequestTypeRequest{
				MethodArn: methodARN, HTTPMethod: "GET", Path: "/v1/keys/key_00000000", Resource: "/v1/keys/{key_id}", Headers: credential("X-API-Key"),
				StageVariables: map[string]string{StageService: AdminService},
			})
			return err
		}, line("msg", "decision", "surface", "rest", "code", "allowed", "status", 200.0, "key_id", key, "organization", "org_1",
			"service", "keyward", "method", "GET", "resource", "/v1/keys/{key_id}")},
	} {
		t.Run(name, func(t *testing.T) {
			d.lines.Reset()
			if err := test.ask(); err != nil {
				t.Fatal(err)
			}
			if lines := strings.Count(d.lines.String(), "\n"); lines != 1 {
				t.Errorf("%d lines, want one", lines)
			}
			if diff := cmp.Diff(test.want, last(t, d.lines)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// A refusal that leaves the gateway as an allow is logged with the status that the caller gets.
func TestJournal_aSoftRefusalHasItsOwnStatus(t *testing.T) {
	a := &Authorizer{Catalog: shippedCatalog(t)}
	for name, test := range map[string]struct {
		answer verdict
		status int
	}{
		"allowed": {allowed(nil, noon), 200},
		"closed":  {allowed(nil, noon).refuse(fault.New(fault.SignupClosed, "Why.")), 403},
		"refused": {verdictOf(t, apikey.PermissionDenied).soften(), 403},
		"unknown": {unauthorized(apikey.KeyUnknown), 401},
		"no idea": {undecided(), 503},
	} {
		if got := a.entry(guarded{}, test.answer, 0).Status; got != test.status {
			t.Errorf("%s: %d, want %d", name, got, test.status)
		}
	}
}

// Every request to an endpoint has one line, whatever becomes of it: who asked, of which route, and what it came to.
func TestJournal_everyRequestHasItsLine(t *testing.T) {
	ann := org.Identity{Issuer: "https://id.example", Subject: "ann@example.com"}
	member := map[string]any{ContextCode: "allowed", ContextPrincipal: "member", ContextOwner: ann.Subject, ContextIssuer: ann.Issuer, ContextOrganization: "org_1"}
	byKey := map[string]any{ContextCode: "allowed", ContextPrincipal: "key", ContextKeyID: "key_0aB1cD2e", ContextOrganization: "org_1", ContextOwner: ann.Subject}
	of := func(code string, status float64, more ...any) map[string]any {
		return line(append([]any{"msg", "request", "request_id", requestID, "code", code, "status", status, "method", "GET", "resource", "/v1/keys"}, more...)...)
	}
	for name, test := range map[string]struct {
		authorizer map[string]any
		serve      func() (reply, error)
		want       map[string]any
	}{
		"a member": {member, func() (reply, error) { return reply{status: 200}, nil }, of("ok", 200, "member", ann.Hash(), "organization", "org_1")},
		"a key":    {byKey, func() (reply, error) { return reply{status: 201}, nil }, of("ok", 201, "key_id", "key_0aB1cD2e", "organization", "org_1")},
		"a fault": {byKey, func() (reply, error) {
			return reply{}, fault.New(fault.NameTaken, "The name ann@example.com is taken.")
		},
			of("name_taken", 409, "key_id", "key_0aB1cD2e", "organization", "org_1")},
		"an outage": {member, func() (reply, error) { return reply{}, fault.Outage("reading", errors.New("down")) },
			of("unavailable", 503, "member", ann.Hash(), "organization", "org_1")},
		"a panic":   {member, func() (reply, error) { panic("a bug") }, of("internal", 500, "member", ann.Hash(), "organization", "org_1")},
		"nobody":    {nil, nil, of("unauthorized", 401)},
		"a refusal": {map[string]any{ContextCode: "permission_denied", ContextError: "Why."}, nil, of("permission_denied", 403)},
	} {
		t.Run(name, func(t *testing.T) {
			edge, _ := newEdge()
			var lines bytes.Buffer
			edge.Journal = journal.Embedded(&lines, "keyward", 0, new(metric.Tally))
			edge.answer(t, test.serve, test.authorizer)
			if diff := cmp.Diff(test.want, last(t, &lines)); diff != "" || strings.Count(lines.String(), "\n") != 1 {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if strings.Contains(lines.String(), "ann@") {
				t.Errorf("who it is stands in %s", lines.String())
			}
		})
	}
}

// What a caller can choose is not in a request's line: neither a path that no route has, nor a method.
func TestJournal_aRequestNamesNothingOfTheCallers(t *testing.T) {
	edge, _ := newEdge()
	var lines bytes.Buffer
	edge.Journal = journal.Embedded(&lines, "keyward", 1, new(metric.Tally))
	event := request(admittedContext)
	event.HTTPMethod, event.Resource, event.Path = "MARKED", "/v1/marked", "/v1/marked"
	if _, err := edge.guardedEndpoint(func(context.Context, call) (reply, error) { return reply{status: 204}, nil })(t.Context(), event); err != nil {
		t.Fatal(err)
	}
	want := line("msg", "request", "request_id", requestID, "code", "ok", "status", 204.0, "method", "OTHER")
	if diff := cmp.Diff(want, last(t, &lines)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
