// Package ratefields is for the functions behind a protected API: it makes the rate-limit headers of their answers from what
// keyward's authorizer has passed on. A REST API with a Lambda proxy integration sends what the function says and nothing
// else. It imports nothing, so that it costs a function nothing.
package ratefields

import "fmt"

// Context says under which name of the authorizer's context the value of each header is.
var Context = map[string]string{
	"X-RateLimit-Limit":     "limit",
	"X-RateLimit-Remaining": "remaining",
	"X-RateLimit-Reset":     "reset",
	"RateLimit-Policy":      "ratelimit_policy",
	"RateLimit":             "ratelimit",
}

// Headers are the rate-limit headers, from event.RequestContext.Authorizer of a REST API's event, or
// event.RequestContext.Authorizer.Lambda of an HTTP API's. A value that is not there is no header.
func Headers(authorizer map[string]any) map[string]string {
	headers := make(map[string]string, len(Context))
	for header, name := range Context {
		if value, known := authorizer[name]; known && value != nil {
			headers[header] = fmt.Sprint(value)
		}
	}
	return headers
}
