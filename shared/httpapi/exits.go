package httpapi

import (
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// noSuchAPIKey is no API Gateway API key: keys are at least 20 characters long.
const noSuchAPIKey = "refused"

// policy is the verdict as a REST API's authorizer gives it. forbiddenExit is the value of the stage's API Gateway
// API key: with it, a 403 leaves through INVALID_API_KEY, since the policy allows but the key named can't exist.
// Without it a 403 is a Deny, so that nothing ever fails open.
func (v verdict) policy(methodARN, forbiddenExit string) (events.APIGatewayCustomAuthorizerResponse, error) {
	switch {
	case v.status == http.StatusOK:
		return v.statement("Allow", methodARN, forbiddenExit), nil
	case v.status == http.StatusForbidden && forbiddenExit != "":
		return v.statement("Allow", methodARN, noSuchAPIKey), nil
	case v.status == http.StatusForbidden, v.status == http.StatusTooManyRequests:
		return v.statement("Deny", methodARN, ""), nil
	case v.status == http.StatusUnauthorized:
		return events.APIGatewayCustomAuthorizerResponse{}, errUnauthorized
	default:
		return events.APIGatewayCustomAuthorizerResponse{}, errUndecided
	}
}

func (v verdict) statement(effect, methodARN, usageKey string) events.APIGatewayCustomAuthorizerResponse {
	return events.APIGatewayCustomAuthorizerResponse{
		PrincipalID: v.principalID(),
		PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{
			Version: "2012-10-17",
			Statement: []events.IAMPolicyStatement{{
				Action:   []string{"execute-api:Invoke"},
				Effect:   effect,
				Resource: []string{stageARN(methodARN)},
			}},
		},
		Context:            v.context,
		UsageIdentifierKey: usageKey,
	}
}

func (v verdict) principalID() string {
	if id, ok := v.context[ContextKeyID].(string); ok {
		return id
	}
	if owner, ok := v.context[ContextOwner].(string); ok {
		return principalMember + ":" + owner
	}
	return "unknown"
}

// stageARN is arn:…:api/stage/* for the ARN of a method of that stage: one Resource, whatever path was asked for.
func stageARN(methodARN string) string {
	parts := strings.SplitN(methodARN, "/", 3)
	if len(parts) < 2 {
		return methodARN
	}
	return parts[0] + "/" + parts[1] + "/*"
}
