package httpapi

import (
	"strings"

	"github.com/keyward/keyward/shared/fault"
)

// GatewayResponse is an answer that API Gateway gives by itself. CDK deploys these and the local gateway
// interprets them: templates are plain substitution of $context.… variables.
type GatewayResponse struct {
	Type    string            // as API Gateway names it, such as UNAUTHORIZED
	Status  int               // 0 leaves API Gateway's own
	Headers map[string]string // name to 'a literal in single quotes' or context.authorizer.… or context.requestId
	Body    string            // an application/json template
}

// What the authorizer says to gateway responses, the sample service and our own functions, each under
// context.authorizer. No value that a gateway response's body uses may hold anything that a caller wrote.
const (
	ContextCode         = "code"             // the decision's reason
	ContextTitle        = "title"            // the contract's message
	ContextError        = "error"            // the contract's error; made of numbers and our own words alone
	ContextLimit        = "limit"            // X-RateLimit-Limit
	ContextRemaining    = "remaining"        // X-RateLimit-Remaining
	ContextReset        = "reset"            // X-RateLimit-Reset
	ContextPolicy       = "ratelimit_policy" // RateLimit-Policy
	ContextRateLimit    = "ratelimit"        // RateLimit
	ContextRetryAfter   = "retry_after"      // Retry-After, seconds
	ContextPrincipal    = "principal"        // key or member
	ContextKeyID        = "key_id"
	ContextOrganization = "organization"
	ContextOwner        = "owner" // a key's owner; a member's own subject
	ContextIssuer       = "issuer"
	ContextEnvironment  = "environment"
	ContextPermissions  = "permissions" // separated by spaces
	ContextRoles        = "roles"       // separated by spaces
	ContextOperator     = "operator"    // true for a member who operates the deployment
	ContextSecret       = "secret"      // of a key on keyward's own API: fingerprints of its secret's digests, separated by spaces
)

// The error texts of a 401, which API Gateway answers without knowing why: one for each kind of API.
const (
	AdminUnauthorized     = "Sign in and send the session token whole in Authorization: Bearer (no extra spaces, not truncated). It may have expired."
	ProtectedUnauthorized = "Check that the key is sent whole in Authorization: Bearer or X-API-Key (no extra spaces, not truncated), is active, has not expired, and is used on its own environment's endpoint."
	protectedTitle        = "Invalid or missing API key"
)

// AdminResponses are the gateway responses of the admin API.
func AdminResponses() []GatewayResponse {
	return gatewayResponses(fault.Unauthorized.Title(), AdminUnauthorized)
}

// ProtectedResponses are the gateway responses of every API that keys protect.
func ProtectedResponses() []GatewayResponse {
	return gatewayResponses(protectedTitle, ProtectedUnauthorized)
}

func gatewayResponses(unauthorizedTitle, unauthorizedError string) []GatewayResponse {
	return []GatewayResponse{
		plainResponse("UNAUTHORIZED", 401, fault.Unauthorized, unauthorizedTitle, unauthorizedError),
		limitedResponse(),
		forbiddenResponse(),
		outageResponse("AUTHORIZER_FAILURE"),
		outageResponse("AUTHORIZER_CONFIGURATION_ERROR"),
		plainResponse("MISSING_AUTHENTICATION_TOKEN", 404, fault.ThingNotFound, fault.ThingNotFound.Title(),
			"There is nothing at this path. Check its spelling."),
		plainResponse("RESOURCE_NOT_FOUND", 404, fault.ThingNotFound, fault.ThingNotFound.Title(),
			"There is nothing at this path. Check its spelling."),
		plainResponse("REQUEST_TOO_LARGE", 413, fault.BodyTooLarge, fault.BodyTooLarge.Title(),
			"The body is larger than 64 KB. Send less."),
		plainResponse("UNSUPPORTED_MEDIA_TYPE", 415, fault.UnsupportedType, fault.UnsupportedType.Title(),
			"Send the body as application/json."),
		plainResponse("BAD_REQUEST_BODY", 400, fault.InvalidBody, fault.InvalidBody.Title(),
			"The body is not valid JSON."),
		plainResponse("BAD_REQUEST_PARAMETERS", 400, fault.InvalidParameter, fault.InvalidParameter.Title(),
			"A request parameter is missing or not valid."),
		outageResponse("INTEGRATION_TIMEOUT"),
		outageResponse("INTEGRATION_FAILURE"),
		outageResponse("THROTTLED"),
		plainResponse("DEFAULT_4XX", 0, fault.InvalidParameter, "Request refused",
			"API Gateway refused the request before it reached keyward."),
		plainResponse("DEFAULT_5XX", 0, fault.InternalError, fault.InternalError.Title(),
			"Something went wrong on our side. Report the request_id."),
	}
}

// limitedResponse is the 429: the authorizer's Deny, whose context it may use.
func limitedResponse() GatewayResponse {
	headers := rateHeaders()
	headers["Retry-After"] = "context.authorizer." + ContextRetryAfter
	return GatewayResponse{"ACCESS_DENIED", 429, headers, body(
		"$context.authorizer."+ContextCode, "$context.authorizer."+ContextTitle, "$context.authorizer."+ContextError)}
}

// forbiddenResponse is the 403 of an API whose stage has the forbidden exit. Nobody has documented whether
// context.authorizer reaches it, so its body does without.
func forbiddenResponse() GatewayResponse {
	return GatewayResponse{"INVALID_API_KEY", 403, rateHeaders(), body(
		string(fault.PermissionDenied), fault.PermissionDenied.Title(),
		"The key is genuine, but may not do this from here. Check its permissions, services and scopes, and its IP allow and deny lists.")}
}

func outageResponse(kind string) GatewayResponse {
	response := plainResponse(kind, 503, fault.Unavailable, fault.Unavailable.Title(),
		"The service cannot answer right now. Retry after a second.")
	response.Headers["Retry-After"] = "'1'"
	return response
}

// plainResponse is a response where no principal is known: its limits are 0.
func plainResponse(kind string, status int, code fault.Code, title, text string) GatewayResponse {
	headers := map[string]string{
		"X-Request-Id":          "context.requestId",
		"X-RateLimit-Limit":     "'0'",
		"X-RateLimit-Remaining": "'0'",
		"X-RateLimit-Reset":     "'0'",
	}
	return GatewayResponse{kind, status, headers, body(string(code), title, text)}
}

func rateHeaders() map[string]string {
	return map[string]string{
		"X-Request-Id":          "context.requestId",
		"X-RateLimit-Limit":     "context.authorizer." + ContextLimit,
		"X-RateLimit-Remaining": "context.authorizer." + ContextRemaining,
		"X-RateLimit-Reset":     "context.authorizer." + ContextReset,
		"RateLimit-Policy":      "context.authorizer." + ContextPolicy,
		"RateLimit":             "context.authorizer." + ContextRateLimit,
	}
}

func body(code, title, text string) string {
	return strings.NewReplacer("{code}", code, "{title}", title, "{text}", text).Replace(
		`{"status":"error","message":"{title}","error":"{text}","code":"{code}","request_id":"$context.requestId"}`)
}
