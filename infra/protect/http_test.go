package protect_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2authorizers"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/infra/protect"
)

// httpAPI is a stack with an HTTP API, GET /zones and GET /status, protected as change says.
func httpAPI(change func(awscdk.Stack, awsapigatewayv2.HttpApi, *protect.HTTPProps)) func(awscdk.Stack) {
	return func(stack awscdk.Stack) {
		api := awsapigatewayv2.NewHttpApi(stack, jsii.String("Api"), nil)
		for _, name := range []string{"zones", "status"} {
			api.AddRoutes(&awsapigatewayv2.AddRoutesOptions{
				Path: jsii.String("/" + name), Methods: &[]awsapigatewayv2.HttpMethod{awsapigatewayv2.HttpMethod_GET}, Integration: integration(name),
			})
		}
		props := &protect.HTTPProps{Api: api, AuthorizerArn: jsii.String(arn), Service: "dns", Environment: "production"}
		if change != nil {
			change(stack, api, props)
		}
		protect.HTTP(stack, "Protect", props)
	}
}

func integration(name string) awsapigatewayv2integrations.HttpUrlIntegration {
	return awsapigatewayv2integrations.NewHttpUrlIntegration(&name, jsii.String("https://backend.example.com/"+name), nil)
}

func openStatus(_ awscdk.Stack, _ awsapigatewayv2.HttpApi, props *protect.HTTPProps) {
	props.Public = []string{"GET /status"}
}

func TestHTTP_authorizerRemembersNothingAndIsAskedForEverything(t *testing.T) {
	made := synthesize(t, httpAPI(nil))
	api, _ := made.only(t, "AWS::ApiGatewayV2::Api")
	id, authorizer := made.only(t, "AWS::ApiGatewayV2::Authorizer")
	want := map[string]any{
		"AuthorizerType": "REQUEST", "AuthorizerPayloadFormatVersion": "2.0", "EnableSimpleResponses": true,
		"AuthorizerResultTtlInSeconds": 0.0, "IdentitySource": []any{}, "ApiId": "${" + api + "}", "AuthorizerUri": invocation,
	}
	if diff := cmp.Diff(want, without(authorizer, "Name")); diff != "" {
		t.Errorf("authorizer (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(mayCall(api, id), flat(made.permissionOf(t, arn))); diff != "" {
		t.Errorf("permission (-want +got):\n%s", diff)
	}
	_, stage := made.only(t, "AWS::ApiGatewayV2::Stage")
	variables := map[string]any{"keyward_environment": "production", "keyward_service": "dns"}
	if diff := cmp.Diff(variables, stage["StageVariables"]); diff != "" {
		t.Errorf("stage variables (-want +got):\n%s", diff)
	}
}

func TestHTTP_protectsEveryRouteButThePublicOnes(t *testing.T) {
	made := synthesize(t, httpAPI(openStatus))
	authorizer, _ := made.only(t, "AWS::ApiGatewayV2::Authorizer")
	routes := made.all("AWS::ApiGatewayV2::Route")
	if len(routes) != 2 {
		t.Fatalf("%d routes, want 2", len(routes))
	}
	for id, route := range routes {
		protected := route["AuthorizationType"] == "CUSTOM" && text(route["AuthorizerId"]) == "${"+authorizer+"}"
		if protected == (route["RouteKey"] == "GET /status") {
			t.Errorf("%s: %v is protected: %t", id, route["RouteKey"], protected)
		}
	}
}

// What a public route answers has no limits to tell of.
func TestHTTP_answersOfProtectedRoutesTellTheLimits(t *testing.T) {
	made := synthesize(t, httpAPI(func(stack awscdk.Stack, api awsapigatewayv2.HttpApi, props *protect.HTTPProps) {
		openStatus(stack, api, props)
		props.HeaderStatuses = []int{200, 404}
	}))
	var parameters []any
	for _, pair := range [][2]string{
		{"RateLimit", "ratelimit"}, {"RateLimit-Policy", "ratelimit_policy"}, {"X-RateLimit-Limit", "limit"},
		{"X-RateLimit-Remaining", "remaining"}, {"X-RateLimit-Reset", "reset"},
	} {
		parameters = append(parameters, map[string]any{"Destination": "overwrite:header." + pair[0], "Source": "$context.authorizer." + pair[1]})
	}
	each := map[string]any{"ResponseParameters": parameters}
	for id, integration := range made.all("AWS::ApiGatewayV2::Integration") {
		var want any = map[string]any{"200": each, "404": each}
		if strings.Contains(id, "status") {
			want = nil
		}
		if diff := cmp.Diff(want, integration["ResponseParameters"]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
}

func TestHTTP_refusesWhatItCannotProtect(t *testing.T) {
	for name, test := range map[string]struct {
		change func(awscdk.Stack, awsapigatewayv2.HttpApi, *protect.HTTPProps)
		says   string
	}{
		"a route with an authorizer of its own": {func(_ awscdk.Stack, api awsapigatewayv2.HttpApi, _ *protect.HTTPProps) {
			api.AddRoutes(&awsapigatewayv2.AddRoutesOptions{
				Path: jsii.String("/mine"), Integration: integration("mine"), Authorizer: awsapigatewayv2authorizers.NewHttpIamAuthorizer(),
			})
		}, "ANY /mine has an authorization of its own, AWS_IAM, and is not protected by keyward"},
		"a public route that there is not": {func(_ awscdk.Stack, _ awsapigatewayv2.HttpApi, props *protect.HTTPProps) {
			props.Public = []string{"GET /sttaus"}
		}, `Public names "GET /sttaus", which the API does not have`},
		"all routes public": {func(_ awscdk.Stack, _ awsapigatewayv2.HttpApi, props *protect.HTTPProps) {
			props.Public = []string{"GET /status", "GET /zones"}
		}, "theirs/Api has no route that is protected"},
		"a stage that is not told what it is": {func(_ awscdk.Stack, _ awsapigatewayv2.HttpApi, props *protect.HTTPProps) { props.Environment = "" },
			"theirs/Api/DefaultStage/Resource is in no entry of Stages"},
		"an OpenAPI document": {func(_ awscdk.Stack, api awsapigatewayv2.HttpApi, _ *protect.HTTPProps) {
			api.Node().DefaultChild().(awsapigatewayv2.CfnApi).SetBody(map[string]any{"openapi": "3.0.1"})
		}, "the API is made from an OpenAPI document, whose routes nobody can see here"},
		"an OpenAPI document in a bucket": {func(_ awscdk.Stack, api awsapigatewayv2.HttpApi, _ *protect.HTTPProps) {
			api.Node().DefaultChild().(awsapigatewayv2.CfnApi).SetBodyS3Location(&awsapigatewayv2.CfnApi_BodyS3LocationProperty{
				Bucket: jsii.String("documents"), Key: jsii.String("api.yaml"),
			})
		}, "the API is made from an OpenAPI document, whose routes nobody can see here"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, problems := try(t, httpAPI(test.change)); !strings.Contains(problems, test.says) {
				t.Errorf("it says %q, want %q", problems, test.says)
			}
		})
	}
}
