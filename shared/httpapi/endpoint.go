package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/go-json-experiment/json"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/journal"
)

// Handler is a Lambda function behind a REST API's proxy integration.
type Handler func(ctx context.Context, event events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error)

// Edge is what every endpoint needs of its surroundings.
type Edge struct {
	Now     func() time.Time
	Log     *slog.Logger
	Journal *journal.Journal // of requests, and of the decisions that endpoints make; nil: none
}

// call is one request on its way through an endpoint.
type call struct {
	event     events.APIGatewayProxyRequest
	headers   http.Header
	principal Principal
}

// reply is what an endpoint answers where it could tell. Its data goes into the envelope; a 204 has none.
type reply struct {
	status  int
	message string
	data    any
	headers map[string]string
	refusal *errorEnvelope // an answer that is a refusal, such as forward-auth's; nil: a success
	decided *journal.Entry // the decision that the request asked for; nil: it asked for none
}

// code is what the journal says of an answer.
func (r reply) code() string {
	if r.refusal != nil {
		return r.refusal.Code
	}
	return journal.Done
}

func (r reply) envelope(requestID string) any {
	switch {
	case r.status == http.StatusNoContent:
		return nil
	case r.refusal != nil:
		r.refusal.Status, r.refusal.RequestID = "error", requestID
		return r.refusal
	default:
		return successEnvelope{"success", r.message, r.data}
	}
}

// guardedEndpoint makes the handler of an endpoint that stands behind the authorizer. A request that the authorizer
// did not allow, or that it never saw, goes no further.
func (e Edge) guardedEndpoint(serve func(ctx context.Context, call call) (reply, error)) Handler {
	return e.endpoint(func(ctx context.Context, call call) (reply, error) {
		if err := call.principal.admitted(); err != nil {
			return reply{}, err
		}
		return serve(ctx, call)
	})
}

// endpoint makes the handler of an endpoint: it alone writes the envelope, the headers that every response has, the
// log line of an internal error and the journal. A panic is a 500, and the process goes on.
func (e Edge) endpoint(serve func(ctx context.Context, call call) (reply, error)) Handler {
	return func(ctx context.Context, event events.APIGatewayProxyRequest) (response events.APIGatewayProxyResponse, _ error) {
		call, start := newCall(event), time.Now()
		var reply reply
		code := string(fault.InternalError)
		defer func() {
			if cause := recover(); cause != nil {
				err := fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
				response = e.failed(ctx, call, nil, err)
			}
			e.write(ctx, call, reply.decided, code, response.StatusCode, time.Since(start))
		}()
		reply, err := serve(ctx, call)
		if err != nil {
			code = string(fault.From(err).Code)
			return e.failed(ctx, call, reply.headers, err), nil
		}
		code = reply.code()
		return e.respond(call, reply.status, reply.headers, reply.envelope(call.requestID())), nil
	}
}

// requestID is the request's id, in answers as in the logs.
func (c call) requestID() string { return journal.RequestID(c.event.RequestContext.RequestID) }

func newCall(event events.APIGatewayProxyRequest) call {
	return call{event, headersOf(event.Headers, event.MultiValueHeaders), principalOf(event.RequestContext.Authorizer)}
}

// routed is the function of several routes, each named by its method and path.
func (e Edge) routed(handlers map[string]Handler) Handler {
	return func(ctx context.Context, event events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
		handler := handlers[event.HTTPMethod+" "+event.Resource]
		if handler == nil {
			handler = e.endpoint(func(context.Context, call) (reply, error) {
				return reply{}, fault.New(fault.ThingNotFound, "There is nothing at this path. Check its spelling.")
			})
		}
		return handler(ctx, event)
	}
}

type successEnvelope struct {
	Status  string `json:"status"`
	Message string `json:"message"`
	Data    any    `json:"data"`
}

type errorEnvelope struct {
	Status    string `json:"status"`
	Message   string `json:"message"`
	Error     string `json:"error"`
	Code      string `json:"code"`
	Field     string `json:"field,omitzero"`
	RequestID string `json:"request_id"`
}

// failed answers with the fault in err's chain, and headers of the endpoint's own. What is no fault is an internal
// error: it is logged, once, here.
func (e Edge) failed(ctx context.Context, call call, own map[string]string, err error) events.APIGatewayProxyResponse {
	refused := fault.From(err)
	kind := refused.Code.Kind()
	if kind == fault.Internal || kind == fault.Outaged {
		e.Log.ErrorContext(ctx, "request failed", "request_id", call.requestID(),
			"method", call.event.HTTPMethod, "resource", call.event.Resource, "error", err)
	}
	headers := map[string]string{}
	maps.Copy(headers, own)
	if refused.RetryAfter > 0 {
		headers[headerRetry] = strconv.FormatInt(int64((refused.RetryAfter+time.Second-1)/time.Second), 10)
	}
	return e.respond(call, statusOfKind[kind], headers, errorEnvelope{
		Status:    "error",
		Message:   refused.Code.Title(),
		Error:     refused.Detail,
		Code:      string(refused.Code),
		Field:     refused.Field,
		RequestID: call.requestID(),
	})
}

// statusOfKind is the one place where a kind of fault gets its status.
var statusOfKind = map[fault.Kind]int{
	fault.Invalid:          http.StatusBadRequest,
	fault.Unauthenticated:  http.StatusUnauthorized,
	fault.Forbidden:        http.StatusForbidden,
	fault.NotFound:         http.StatusNotFound,
	fault.MethodNotAllowed: http.StatusMethodNotAllowed,
	fault.Conflict:         http.StatusConflict,
	fault.Stale:            http.StatusPreconditionFailed,
	fault.TooLarge:         http.StatusRequestEntityTooLarge,
	fault.Unsupported:      http.StatusUnsupportedMediaType,
	fault.Limited:          http.StatusTooManyRequests,
	fault.Internal:         http.StatusInternalServerError,
	fault.Outaged:          http.StatusServiceUnavailable,
}

func (e Edge) respond(call call, status int, own map[string]string, envelope any) events.APIGatewayProxyResponse {
	headers := map[string]string{}
	if _, others := own[headerLimit]; !others { // else they tell of other windows than the caller's
		headers = call.principal.limitHeaders()
	}
	headers["Content-Type"] = "application/json"
	headers["Cache-Control"] = "no-store"
	headers["X-Request-Id"] = call.requestID()
	maps.Copy(headers, own)
	if envelope == nil {
		return events.APIGatewayProxyResponse{StatusCode: status, Headers: headers}
	}
	body, err := json.Marshal(envelope)
	if err != nil { // our own types always marshal
		panic(errors.Join(errors.New("marshalling a response"), err))
	}
	return events.APIGatewayProxyResponse{StatusCode: status, Headers: headers, Body: string(body)}
}
