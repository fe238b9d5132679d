package gateway

import (
	"encoding/base64"
	"fmt"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// What this machine calls itself where AWS has an account and an API id.
const (
	region    = "local"
	accountID = "000000000000"
	apiID     = "keyward"
)

func (g *Gateway) authorizerEvent(exchange *exchange) events.APIGatewayCustomAuthorizerRequestTypeRequest {
	verb := exchange.request.Method
	return events.APIGatewayCustomAuthorizerRequestTypeRequest{
		Type:                            "REQUEST",
		MethodArn:                       fmt.Sprintf("arn:aws:execute-api:%s:%s:%s/%s/%s%s", region, accountID, apiID, g.api.Stage, verb, exchange.path),
		Resource:                        exchange.resource,
		Path:                            exchange.path,
		HTTPMethod:                      verb,
		Headers:                         exchange.headers,
		MultiValueHeaders:               exchange.request.Header,
		QueryStringParameters:           exchange.query,
		MultiValueQueryStringParameters: exchange.queries,
		PathParameters:                  exchange.parameters,
		StageVariables:                  g.api.StageVariables,
		RequestContext: events.APIGatewayCustomAuthorizerRequestTypeRequestContext{
			Path:         "/" + g.api.Stage + exchange.path,
			AccountID:    accountID,
			Stage:        g.api.Stage,
			RequestID:    exchange.requestID,
			Identity:     events.APIGatewayCustomAuthorizerRequestTypeRequestIdentity{SourceIP: exchange.address},
			ResourcePath: exchange.resource,
			HTTPMethod:   verb,
			APIID:        apiID,
		},
	}
}

func (g *Gateway) proxyEvent(exchange *exchange, body []byte) events.APIGatewayProxyRequest {
	verb := exchange.request.Method
	event := events.APIGatewayProxyRequest{
		Resource:                        exchange.resource,
		Path:                            exchange.path,
		HTTPMethod:                      verb,
		Headers:                         exchange.headers,
		MultiValueHeaders:               exchange.request.Header,
		QueryStringParameters:           exchange.query,
		MultiValueQueryStringParameters: exchange.queries,
		PathParameters:                  exchange.parameters,
		StageVariables:                  g.api.StageVariables,
		RequestContext: events.APIGatewayProxyRequestContext{
			AccountID:    accountID,
			Stage:        g.api.Stage,
			RequestID:    exchange.requestID,
			Protocol:     exchange.request.Proto,
			Identity:     events.APIGatewayRequestIdentity{SourceIP: exchange.address, UserAgent: exchange.request.UserAgent()},
			ResourcePath: exchange.resource,
			Path:         "/" + g.api.Stage + exchange.path,
			Authorizer:   exchange.authorizer,
			HTTPMethod:   verb,
			APIID:        apiID,
		},
	}
	if utf8.Valid(body) {
		event.Body = string(body)
	} else {
		event.Body, event.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	return event
}

// read gives the request's headers and query as API Gateway gives them: the last value of each, and all of them.
func (e *exchange) read() {
	e.headers = make(map[string]string, len(e.request.Header)+1)
	for name, values := range e.request.Header {
		e.headers[name] = values[len(values)-1]
	}
	e.headers["Host"] = e.request.Host
	if e.request.URL.RawQuery == "" {
		return
	}
	e.queries = e.request.URL.Query()
	e.query = make(map[string]string, len(e.queries))
	for name, all := range e.queries {
		e.query[name] = all[len(all)-1]
	}
}
