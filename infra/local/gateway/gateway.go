// Package gateway is a small REST API gateway for one machine: it interprets the tables of routes, mocks and gateway
// responses that CDK deploys, and calls the same functions with the same events through the same authorizer. What it
// does as API Gateway does, and what was not shown on AWS, is told in docs/fidelity.md.
package gateway

import (
	"context"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/uuid"

	"github.com/keyward/keyward/shared/httpapi"
)

// API is one REST API, with its one stage.
type API struct {
	Prefix         string // of its paths on this machine, such as /sample/production; what follows is the request's path
	Stage          string
	StageVariables map[string]string
	Routes         []httpapi.Route
	Mocks          []httpapi.Mock
	Responses      []httpapi.GatewayResponse
	APIKey         string // the value of the stage's API Gateway API key, which its methods require; empty: they don't
}

// Authorizer is a REQUEST authorizer.
type Authorizer func(context.Context, events.APIGatewayCustomAuthorizerRequestTypeRequest) (events.APIGatewayCustomAuthorizerResponse, error)

// Function is a function behind a proxy integration, and how long it may take.
type Function struct {
	Handler httpapi.Handler
	Timeout time.Duration
}

// Gateway serves one API.
type Gateway struct {
	api       API
	authorize Authorizer
	functions map[string]Function
	resources *resource
	responses map[string]httpapi.GatewayResponse
}

// New makes a gateway. functions are by the names that the routes use.
func New(api API, authorize Authorizer, functions map[string]Function) *Gateway {
	gateway := &Gateway{api, authorize, functions, &resource{}, map[string]httpapi.GatewayResponse{}}
	for i, route := range api.Routes {
		gateway.resources.add(route.Path, route.Method, method{route: &api.Routes[i]})
	}
	for i, mock := range api.Mocks {
		gateway.resources.add(mock.Path, mock.Method, method{mock: &api.Mocks[i].Response})
	}
	for _, response := range api.Responses {
		gateway.responses[response.Type] = response
	}
	return gateway
}

// maxBody is how large a body API Gateway takes, in bytes.
const maxBody = 10 << 20

// exchange is one request on its way through the gateway.
type exchange struct {
	request    *http.Request
	requestID  string
	path       string // without the API's prefix, still escaped
	resource   string
	parameters map[string]string
	address    string
	headers    map[string]string // the last value of each
	query      map[string]string // likewise
	queries    map[string][]string
	authorizer map[string]any // what the authorizer said
}

// chosenID is the form of an id that API Gateway takes from a caller.
var chosenID = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_|~`-]{1,128}$")

// requestID is the id that a caller has chosen for a request, as API Gateway lets them, or else a new one.
func requestID(chosen string) string {
	if chosenID.MatchString(chosen) {
		return chosen
	}
	return uuid.NewString()
}

// ServeHTTP answers as API Gateway would.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	exchange := &exchange{
		request:   r,
		requestID: requestID(r.Header.Get("X-Amzn-Requestid")),
		path:      strings.TrimPrefix(r.URL.EscapedPath(), g.api.Prefix),
		address:   host,
	}
	if exchange.path == "" {
		exchange.path = "/"
	}
	method, found := g.resources.find(exchange)
	switch {
	case !found:
		g.respond(w, exchange, "MISSING_AUTHENTICATION_TOKEN")
	case method.mock != nil:
		exchange.write(w, method.mock.Status, method.mock.Headers, method.mock.Body)
	default:
		g.serveRoute(w, exchange, method.route)
	}
}

func (g *Gateway) serveRoute(w http.ResponseWriter, exchange *exchange, route *httpapi.Route) {
	exchange.read()
	if route.Caller != httpapi.Anyone {
		if exit := g.authorized(exchange); exit != "" {
			g.respond(w, exchange, exit)
			return
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, exchange.request.Body, maxBody))
	if err != nil {
		g.respond(w, exchange, "REQUEST_TOO_LARGE")
		return
	}
	function := g.functions[route.Function]
	ctx, cancel := context.WithTimeout(exchange.request.Context(), function.Timeout)
	defer cancel()
	response, err := function.Handler(ctx, g.proxyEvent(exchange, body))
	if err != nil {
		g.respond(w, exchange, "INTEGRATION_FAILURE")
		return
	}
	header := w.Header()
	for name, value := range response.Headers {
		header[name] = []string{value} // as it is spelled: nobody canonicalizes on AWS either
	}
	w.WriteHeader(response.StatusCode)
	_, _ = io.WriteString(w, response.Body)
}

// authorized asks the authorizer. It gives the gateway response to answer with; none where the request may go on.
func (g *Gateway) authorized(exchange *exchange) (exit string) {
	answer, err := g.authorize(exchange.request.Context(), g.authorizerEvent(exchange))
	exchange.authorizer = answer.Context
	switch {
	case err != nil && err.Error() == "Unauthorized":
		return "UNAUTHORIZED"
	case err != nil:
		return "AUTHORIZER_FAILURE"
	case !allows(answer.PolicyDocument):
		return "ACCESS_DENIED"
	case g.api.APIKey != "" && answer.UsageIdentifierKey != g.api.APIKey:
		return "INVALID_API_KEY"
	default:
		return ""
	}
}

func allows(policy events.APIGatewayCustomAuthorizerPolicy) bool {
	for _, statement := range policy.Statement {
		if statement.Effect != "Allow" {
			return false
		}
	}
	return len(policy.Statement) > 0
}
