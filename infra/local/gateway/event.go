package gateway

import (
	"fmt"
	"net/url"
	"unicode/utf8"

	"encoding/base64"

	"github.com/aws/aws-lambda-go/events"
)

// What this machine calls itself where AWS has an account and an API id.
const (
	region    = "local"
	accountID = "000000000000"
	apiID     = "keyward"
)

func (g *Gateway) authorizerEvent(exchange *exchange) events.APIGatewayCustomAuthorizerRequestTypeRequest {
	single, multi := headers(exchange)
	singleQuery, multiQuery := query(exchange)
	verb := exchange.request.Method
	return events.APIGatewayCustomAuthorizerRequestTypeRequest{
		Type:                            "REQUEST",
		MethodArn:                       fmt.Sprintf("arn:aws:execute-api:%s:%s:%s/%s/%s%s", region, accountID, apiID, g.api.Stage, verb, exchange.path),
		Resource:                        exchange.resource,
		Path:                            exchange.path,
		HTTPMethod:                      verb,
		Headers:                         single,
		MultiValueHeaders:               multi,
		QueryStringParameters:           singleQuery,
		MultiValueQueryStringParameters: multiQuery,
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
	single, multi := headers(exchange)
	singleQuery, multiQuery := query(exchange)
	verb := exchange.request.Method
	event := events.APIGatewayProxyRequest{
		Resource:                        exchange.resource,
		Path:                            exchange.path,
		HTTPMethod:                      verb,
		Headers:                         single,
		MultiValueHeaders:               multi,
		QueryStringParameters:           singleQuery,
		MultiValueQueryStringParameters: multiQuery,
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

// headers are the request's headers as API Gateway gives them: the last value of each, and all of them.
func headers(exchange *exchange) (single map[string]string, multi map[string][]string) {
	multi = exchange.request.Header
	single = make(map[string]string, len(multi)+1)
	for name, values := range multi {
		single[name] = values[len(values)-1]
	}
	single["Host"] = exchange.request.Host
	return single, multi
}

func query(exchange *exchange) (single map[string]string, multi map[string][]string) {
	if exchange.request.URL.RawQuery == "" {
		return nil, nil
	}
	values, err := url.ParseQuery(exchange.request.URL.RawQuery)
	if err != nil {
		values = exchange.request.URL.Query() // what could be read of it
	}
	single = make(map[string]string, len(values))
	for name, all := range values {
		single[name] = all[len(all)-1]
	}
	return single, values
}
