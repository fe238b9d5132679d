package gateway

import (
	"io"
	"net/http"
	"regexp"
	"strings"
)

// respond answers with a gateway response, where the API has customized it, or else with its default.
func (g *Gateway) respond(w http.ResponseWriter, exchange *exchange, kind string) {
	response, customized := g.responses[kind]
	if !customized {
		response = g.responses[fallback(kind)]
	}
	if response.Status == 0 {
		response.Status = defaultStatus[kind]
	}
	exchange.write(w, response.Status, response.Headers, response.Body)
}

// defaultStatus is what API Gateway answers where a gateway response does not say.
var defaultStatus = map[string]int{
	"UNAUTHORIZED":                 http.StatusUnauthorized,
	"ACCESS_DENIED":                http.StatusForbidden,
	"INVALID_API_KEY":              http.StatusForbidden,
	"MISSING_AUTHENTICATION_TOKEN": http.StatusForbidden,
	"REQUEST_TOO_LARGE":            http.StatusRequestEntityTooLarge,
	"AUTHORIZER_FAILURE":           http.StatusInternalServerError,
	"INTEGRATION_FAILURE":          http.StatusGatewayTimeout,
}

func fallback(kind string) string {
	if defaultStatus[kind] >= http.StatusInternalServerError {
		return "DEFAULT_5XX"
	}
	return "DEFAULT_4XX"
}

// write fills a template in: plain substitution of $context variables, as API Gateway does it.
func (e *exchange) write(w http.ResponseWriter, status int, headers map[string]string, body string) {
	header := w.Header()
	header.Set("Content-Type", "application/json")
	for name, mapping := range headers {
		if value := e.mapped(mapping); value != "" {
			header[name] = []string{value}
		}
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, contextVariable.ReplaceAllStringFunc(body, func(variable string) string {
		return e.variable(strings.TrimPrefix(variable, "$"))
	}))
}

var contextVariable = regexp.MustCompile(`\$context\.[A-Za-z_.]+[A-Za-z_]`)

// mapped is the value of a header: 'a literal' or a context variable.
func (e *exchange) mapped(mapping string) string {
	if literal, isLiteral := strings.CutPrefix(mapping, "'"); isLiteral {
		return strings.TrimSuffix(literal, "'")
	}
	return e.variable(mapping)
}

// variable is the value of a context variable; empty where there is none.
func (e *exchange) variable(name string) string {
	if name == "context.requestId" {
		return e.requestID
	}
	if key, ok := strings.CutPrefix(name, "context.authorizer."); ok {
		value, _ := e.authorizer[key].(string)
		return value
	}
	return ""
}

var _ http.Handler = (*Gateway)(nil)
