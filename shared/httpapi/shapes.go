package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/journal"
	"github.com/keyward/keyward/shared/policy"
)

// Invoke answers any event that an authorizer of REST, HTTP, WebSocket or AppSync APIs gets, by its shape. It is
// the Lambda function.
func (a *Authorizer) Invoke(ctx context.Context, payload json.RawMessage) (any, error) {
	var shape struct {
		Version            string          `json:"version"`
		Type               string          `json:"type"`
		AuthorizationToken *string         `json:"authorizationToken"`
		RequestContext     json.RawMessage `json:"requestContext"`
	}
	if err := json.Unmarshal(payload, &shape); err != nil {
		return nil, fmt.Errorf("reading the event: %w", err)
	}
	switch {
	case shape.Version == "2.0":
		return answer(ctx, payload, a.HTTP)
	case shape.Type == "REQUEST" && shape.Version == "": // an HTTP API's payload 1.0 looks the same, and has no forbidden exit
		return a.request(ctx, payload)
	case shape.AuthorizationToken != nil && shape.RequestContext != nil:
		return answer(ctx, payload, a.GraphQL)
	default:
		return nil, fmt.Errorf("the event is none of REST REQUEST, HTTP API 2.0, WebSocket REQUEST, AppSync: type %q, version %q",
			shape.Type, shape.Version)
	}
}

func answer[Event, Answer any](ctx context.Context, payload json.RawMessage, decide func(context.Context, Event) (Answer, error)) (any, error) {
	var event Event
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, fmt.Errorf("reading the event: %w", err)
	}
	return decide(ctx, event)
}

// request tells a WebSocket's REQUEST event, which has a connection and no method, from a REST API's.
func (a *Authorizer) request(ctx context.Context, payload json.RawMessage) (any, error) {
	var socket webSocketEvent
	if err := json.Unmarshal(payload, &socket); err != nil {
		return nil, fmt.Errorf("reading the event: %w", err)
	}
	if socket.Context.ConnectionID != "" {
		return a.webSocket(ctx, socket)
	}
	return answer(ctx, payload, a.REST)
}

// HTTP answers an HTTP API's authorizer, payload format 2.0, with a simple response. An HTTP API can say neither 429
// nor 503: whatever is not allowed is a 403 there, a missing credential too, and what can't be decided a 500.
func (a *Authorizer) HTTP(ctx context.Context, event events.APIGatewayV2CustomAuthorizerV2Request) (events.APIGatewayV2CustomAuthorizerSimpleResponse, error) {
	answer := a.decide(ctx, guarded{
		surface:     journal.HTTP,
		environment: apikey.Environment(event.StageVariables[StageEnvironment]),
		service:     event.StageVariables[StageService],
		credential:  ReadCredential(headersOf(event.Headers, nil)),
		method:      event.RequestContext.HTTP.Method,
		path:        undecodable(withoutStage(event.RawPath, event.RequestContext.Stage)),
		query:       queryValues(event.RawQueryString),
		header:      policy.Values(headersOf(event.Headers, nil)),
		address:     parseAddress(event.RequestContext.HTTP.SourceIP),
		requestID:   event.RequestContext.RequestID,
	}.neverAdmin())
	switch answer.status {
	case http.StatusServiceUnavailable:
		return events.APIGatewayV2CustomAuthorizerSimpleResponse{}, errUndecided
	case http.StatusUnauthorized:
		return events.APIGatewayV2CustomAuthorizerSimpleResponse{}, errUnauthorized
	default:
		return events.APIGatewayV2CustomAuthorizerSimpleResponse{
			IsAuthorized: answer.status == http.StatusOK, Context: answer.context,
		}, nil
	}
}

// queryValues are the parameters of a query string as it stands in a URL; none where it can't be read.
func queryValues(raw string) policy.Values {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil
	}
	return policy.Values(values)
}

// undecodable keeps a path from being decoded: an HTTP API hands on its rawPath decoded, unlike a REST API. What is still
// encoded then matches no route, since a backend might decode it once more.
func undecodable(path string) string { return strings.ReplaceAll(path, "%", "%25") }

// withoutStage is the path as the routes write it: a raw path begins with its stage, but for the stage $default.
func withoutStage(rawPath, stage string) string {
	if stage == "$default" {
		return rawPath
	}
	if rest, found := strings.CutPrefix(rawPath, "/"+stage+"/"); found {
		return "/" + rest
	}
	return rawPath
}

// webSocketEvent is what a WebSocket API's authorizer gets when a client connects.
type webSocketEvent struct {
	MethodARN       string              `json:"methodArn"`
	Headers         map[string]string   `json:"headers"`
	MultiHeaders    map[string][]string `json:"multiValueHeaders"`
	StageVariables  map[string]string   `json:"stageVariables"`
	QueryParameters map[string]string   `json:"queryStringParameters"`
	Context         struct {
		RouteKey     string `json:"routeKey"`
		ConnectionID string `json:"connectionId"`
		RequestID    string `json:"requestId"`
		Identity     struct {
			SourceIP string `json:"sourceIp"`
		} `json:"identity"`
	} `json:"requestContext"`
}

// webSocket answers a WebSocket API's authorizer. It is asked at $connect only: what happens to the key later closes
// no connection. The catalog's service needs a route GET /$connect.
func (a *Authorizer) webSocket(ctx context.Context, event webSocketEvent) (events.APIGatewayCustomAuthorizerResponse, error) {
	answer := a.decide(ctx, guarded{
		surface:     journal.WebSocket,
		environment: apikey.Environment(event.StageVariables[StageEnvironment]),
		service:     event.StageVariables[StageService],
		credential:  ReadCredential(headersOf(event.Headers, event.MultiHeaders)),
		method:      http.MethodGet,
		path:        "/" + event.Context.RouteKey,
		query:       valuesOf(event.QueryParameters, nil),
		header:      policy.Values(headersOf(event.Headers, event.MultiHeaders)),
		address:     parseAddress(event.Context.Identity.SourceIP),
		requestID:   event.Context.RequestID,
	}.neverAdmin())
	return answer.policy(event.MethodARN, "")
}

// neverAdmin keeps keyward's own API to the REST API that our table of routes deploys: elsewhere a stage that
// claims to be it is a mistake, and is refused.
func (g guarded) neverAdmin() guarded {
	if g.service == AdminService {
		g.service = ""
	}
	return g
}

// AppSyncAPI is what an AppSync API stands for. AppSync tells an authorizer neither stage variables nor path nor
// address, so each API is configured, by its id, with the one permission that its callers need.
type AppSyncAPI struct {
	Environment apikey.Environment `json:"environment"`
	Service     string             `json:"service"`
	Permission  policy.Permission  `json:"permission"`
}

// GraphQL answers an AppSync API's authorizer. It is asked every time: its answers must not be cached, since a cached
// one would neither count nor revoke.
func (a *Authorizer) GraphQL(ctx context.Context, event events.AppSyncLambdaAuthorizerRequest) (events.AppSyncLambdaAuthorizerResponse, error) {
	api := a.AppSync[event.RequestContext.APIID]
	token := strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(event.AuthorizationToken), "Bearer "), "bearer ")
	answer := a.decide(ctx, guarded{
		surface:     journal.AppSync,
		environment: api.Environment,
		service:     api.Service,
		credential:  ReadCredential(http.Header{"X-Api-Key": {token}}),
		permission:  api.Permission,
		requestID:   event.RequestContext.RequestID,
	}.neverAdmin())
	if answer.status == http.StatusServiceUnavailable {
		return events.AppSyncLambdaAuthorizerResponse{}, errUndecided
	}
	uncached := 0
	return events.AppSyncLambdaAuthorizerResponse{
		IsAuthorized:    answer.status == http.StatusOK,
		ResolverContext: answer.context,
		TTLOverride:     &uncached,
	}, nil
}
