package protect_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/infra/protect"
)

// webSocket is a stack with a WebSocket API that has these routes.
func webSocket(routes ...string) func(awscdk.Stack) {
	return func(stack awscdk.Stack) {
		api := awsapigatewayv2.NewWebSocketApi(stack, jsii.String("Api"), nil)
		for _, key := range routes {
			api.AddRoute(&key, &awsapigatewayv2.WebSocketRouteOptions{
				Integration: awsapigatewayv2integrations.NewWebSocketMockIntegration(jsii.String("Mock"+strings.TrimPrefix(key, "$")), nil),
			})
		}
		stage := awsapigatewayv2.NewWebSocketStage(stack, jsii.String("Stage"), &awsapigatewayv2.WebSocketStageProps{
			WebSocketApi: api, StageName: jsii.String("live"), AutoDeploy: jsii.Bool(true),
		})
		protect.WebSocket(stack, "Protect", &protect.WebSocketProps{
			Api: api, AuthorizerArn: jsii.String(arn), Service: "events", Stages: []protect.Stage{{Stage: stage, Environment: "test"}},
		})
	}
}

// Only $connect can have an authorizer: API Gateway refuses a route of any other name that has one.
func TestWebSocket_isAskedWhenAClientConnects(t *testing.T) {
	made := synthesize(t, webSocket("$connect", "$default"))
	api, _ := made.only(t, "AWS::ApiGatewayV2::Api")
	id, authorizer := made.only(t, "AWS::ApiGatewayV2::Authorizer")
	want := map[string]any{"AuthorizerType": "REQUEST", "IdentitySource": []any{}, "ApiId": "${" + api + "}", "AuthorizerUri": invocation}
	if diff := cmp.Diff(want, without(authorizer, "Name")); diff != "" {
		t.Errorf("authorizer (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(mayCall(api, id), flat(made.permissionOf(t, arn))); diff != "" {
		t.Errorf("permission (-want +got):\n%s", diff)
	}
	for _, route := range made.all("AWS::ApiGatewayV2::Route") {
		protected := route["AuthorizationType"] == "CUSTOM" && text(route["AuthorizerId"]) == "${"+id+"}"
		if protected != (route["RouteKey"] == "$connect") {
			t.Errorf("%v is protected: %t", route["RouteKey"], protected)
		}
	}
	_, stage := made.only(t, "AWS::ApiGatewayV2::Stage")
	variables := map[string]any{"keyward_environment": "test", "keyward_service": "events"}
	if diff := cmp.Diff(variables, stage["StageVariables"]); diff != "" {
		t.Errorf("stage variables (-want +got):\n%s", diff)
	}
}

// Without a route $connect, API Gateway lets everybody connect.
func TestWebSocket_refusesAnAPIWithoutConnect(t *testing.T) {
	_, problems := try(t, webSocket("$default"))
	if want := "theirs/Api has no route $connect: API Gateway would let everybody connect"; !strings.Contains(problems, want) {
		t.Errorf("it says %q, want %q", problems, want)
	}
}
