package stack

import (
	"maps"
	"slices"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/shared/httpapi"
)

// restAPI is a REST API made from the tables of shared/httpapi, as the local gateway is.
type restAPI struct {
	api        awsapigateway.RestApi
	authorizer awsapigateway.RequestAuthorizer // nil: infra/protect puts it in front of the methods
	functions  map[string]awslambda.Function
}

// newAuthorizer puts the authorizer in front of an API, with no cache and no identity source. A cached answer
// would neither count nor see a revocation; an identity source would refuse, unseen, all who send the other header.
func newAuthorizer(stack awscdk.Stack, id string, function awslambda.Function) awsapigateway.RequestAuthorizer {
	return awsapigateway.NewRequestAuthorizer(stack, &id, &awsapigateway.RequestAuthorizerProps{
		Handler:         function,
		ResultsCacheTtl: awscdk.Duration_Seconds(jsii.Number(0)),
		IdentitySources: &[]*string{},
	})
}

// route makes the methods of routes, each calling its function.
func (r restAPI) route(routes []httpapi.Route) {
	for _, row := range routes {
		method := r.resource(row.Path).AddMethod(&row.Method, r.call(row.Function), r.options(row.Caller))
		explainMethod(method, row)
	}
}

func (r restAPI) resource(path string) awsapigateway.IResource {
	return r.api.Root().ResourceForPath(&path)
}

// call proxies to a function, which the API may call for all of its methods.
func (r restAPI) call(function string) awsapigateway.Integration {
	return awsapigateway.NewLambdaIntegration(r.functions[function], &awsapigateway.LambdaIntegrationOptions{
		Proxy:                   jsii.Bool(true),
		ScopePermissionToMethod: jsii.Bool(false),
	})
}

func (r restAPI) options(caller httpapi.Caller) *awsapigateway.MethodOptions {
	if caller == httpapi.Anyone || r.authorizer == nil {
		return &awsapigateway.MethodOptions{AuthorizationType: awsapigateway.AuthorizationType_NONE}
	}
	return &awsapigateway.MethodOptions{
		AuthorizationType: awsapigateway.AuthorizationType_CUSTOM,
		Authorizer:        r.authorizer,
	}
}

// mock makes the methods that answer by themselves.
func (r restAPI) mock(mocks []httpapi.Mock) {
	for _, row := range mocks {
		method := r.resource(row.Path).AddMethod(&row.Method, mockIntegration(row.Response), &awsapigateway.MethodOptions{
			AuthorizationType: awsapigateway.AuthorizationType_NONE,
			MethodResponses:   &[]*awsapigateway.MethodResponse{mockResponse(row.Response)},
		})
		explainMock(method)
	}
}

// mockedTypes are the content types for which API Gateway finds a mock's template; any other is a 415. They are
// what clients send when they are not told to.
var mockedTypes = []string{
	"application/json", "application/octet-stream", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain",
}

func mockIntegration(response httpapi.MockResponse) awsapigateway.Integration {
	status := strconv.Itoa(response.Status)
	templates := map[string]*string{}
	for _, mediaType := range mockedTypes {
		templates[mediaType] = jsii.String(`{"statusCode":` + status + `}`)
	}
	return awsapigateway.NewMockIntegration(&awsapigateway.IntegrationOptions{
		PassthroughBehavior: awsapigateway.PassthroughBehavior_NEVER,
		RequestTemplates:    &templates,
		IntegrationResponses: &[]*awsapigateway.IntegrationResponse{{
			StatusCode:         &status,
			ResponseParameters: headers(response.Headers, func(value string) *string { return &value }),
			ResponseTemplates:  &map[string]*string{"application/json": &response.Body},
		}},
	})
}

func mockResponse(response httpapi.MockResponse) *awsapigateway.MethodResponse {
	return &awsapigateway.MethodResponse{
		StatusCode:         jsii.String(strconv.Itoa(response.Status)),
		ResponseParameters: headers(response.Headers, func(string) *bool { return jsii.Bool(true) }),
	}
}

// headers are a response's headers as API Gateway names them.
func headers[V any](from map[string]string, value func(string) V) *map[string]V {
	to := map[string]V{}
	for name, text := range from {
		to["method.response.header."+name] = value(text)
	}
	return &to
}

func pointers(texts map[string]string) *map[string]*string {
	to := map[string]*string{}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		to[name] = jsii.String(texts[name])
	}
	return &to
}
