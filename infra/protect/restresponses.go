package protect

import (
	"maps"
	"slices"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/shared/httpapi"
)

// decisions are the gateway responses by which the authorizer's refusals leave. INVALID_API_KEY is the forbidden exit.
var decisions = []string{"UNAUTHORIZED", "ACCESS_DENIED", "AUTHORIZER_FAILURE", "AUTHORIZER_CONFIGURATION_ERROR"}

const forbidden = "INVALID_API_KEY"

// restResponses are the rows of the table that an API asks for.
func restResponses(props *RESTProps) []httpapi.GatewayResponse {
	return slices.DeleteFunc(httpapi.ProtectedResponses(), func(row httpapi.GatewayResponse) bool {
		if row.Type == forbidden {
			return !props.ForbiddenExit
		}
		return !props.AllResponses && !slices.Contains(decisions, row.Type)
	})
}

// AddResponses gives an API these answers of API Gateway's own.
func AddResponses(api awsapigateway.RestApi, responses []httpapi.GatewayResponse) {
	for _, row := range responses {
		options := &awsapigateway.GatewayResponseOptions{
			Type:            awsapigateway.ResponseType_Of(&row.Type),
			ResponseHeaders: pointers(row.Headers),
			Templates:       &map[string]*string{"application/json": &row.Body},
		}
		if row.Status != 0 {
			options.StatusCode = jsii.String(strconv.Itoa(row.Status))
		}
		api.AddGatewayResponse(&row.Type, options)
	}
}

func pointers(texts map[string]string) *map[string]*string {
	to := map[string]*string{}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		to[name] = jsii.String(texts[name])
	}
	return &to
}
