package protect_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/protect"
)

// What would leave a method open, or close an API by mistake, never gets as far as a template.
func TestREST_refusesWhatItCannotProtect(t *testing.T) {
	for name, test := range map[string]struct {
		change func(awscdk.Stack, awsapigateway.RestApi, *protect.RESTProps)
		says   string
	}{
		"a method that IAM protects": {func(_ awscdk.Stack, api awsapigateway.RestApi, _ *protect.RESTProps) {
			api.Root().AddMethod(jsii.String("GET"), mock(), &awsapigateway.MethodOptions{AuthorizationType: awsapigateway.AuthorizationType_IAM})
		}, "GET / has an authorization of its own, AWS_IAM, and is not protected by keyward"},
		"a method with another authorizer": {func(stack awscdk.Stack, api awsapigateway.RestApi, _ *protect.RESTProps) {
			awsapigateway.NewCfnMethod(stack, jsii.String("Bare"), &awsapigateway.CfnMethodProps{
				HttpMethod: jsii.String("GET"), ResourceId: api.Root().ResourceId(), RestApiId: api.RestApiId(),
				AuthorizationType: jsii.String("CUSTOM"), AuthorizerId: jsii.String("another"),
			})
		}, "GET of theirs/Bare has an authorization of its own, CUSTOM"},
		"a public method that there is not": {func(_ awscdk.Stack, _ awsapigateway.RestApi, props *protect.RESTProps) {
			props.Public = []string{"GET /sttaus"}
		}, `Public names "GET /sttaus", which the API does not have`},
		"all methods public": {func(_ awscdk.Stack, _ awsapigateway.RestApi, props *protect.RESTProps) {
			props.Public = []string{"GET /status", "GET /zones", "POST /zones"}
		}, "theirs/Api has no method that is protected"},
		"keyward's own service": {func(_ awscdk.Stack, _ awsapigateway.RestApi, props *protect.RESTProps) { props.Service = "keyward" },
			`Service "keyward" is keyward's own API`},
		"a stage whose deployment is made once": {func(stack awscdk.Stack, api awsapigateway.RestApi, props *protect.RESTProps) {
			once := awsapigateway.NewCfnDeployment(stack, jsii.String("Once"), &awsapigateway.CfnDeploymentProps{RestApiId: api.RestApiId()})
			stage := awsapigateway.NewStage(stack, jsii.String("Other"), &awsapigateway.StageProps{Deployment: api.LatestDeployment(), StageName: jsii.String("beta")})
			stage.Node().DefaultChild().(awsapigateway.CfnStage).SetDeploymentId(once.Ref())
			props.Stages = []protect.RESTStage{{Stage: stage, Environment: "staging"}}
		}, "theirs/Other/Resource serves a deployment that is not made anew when its methods change"},
		"no service": {func(_ awscdk.Stack, _ awsapigateway.RestApi, props *protect.RESTProps) { props.Service = "" }, "Service is empty"},
		"an unknown environment": {func(_ awscdk.Stack, _ awsapigateway.RestApi, props *protect.RESTProps) { props.Environment = "prod" },
			`Environment "prod" is none of [production staging development test]`},
		"a stage that is not told what it is": {func(_ awscdk.Stack, _ awsapigateway.RestApi, props *protect.RESTProps) { props.Environment = "" },
			"theirs/Api/DeploymentStage.prod/Resource is in no entry of Stages"},
		"callers' API keys beside the exit": {func(_ awscdk.Stack, api awsapigateway.RestApi, props *protect.RESTProps) {
			api.Node().DefaultChild().(awsapigateway.CfnRestApi).SetApiKeySourceType(jsii.String("HEADER"))
			props.ForbiddenExit = true
		}, "the API takes API keys from callers (ApiKeySourceType HEADER)"},
		"an OpenAPI document": {func(_ awscdk.Stack, api awsapigateway.RestApi, _ *protect.RESTProps) {
			api.Node().DefaultChild().(awsapigateway.CfnRestApi).SetBody(map[string]any{"openapi": "3.0.1"})
		}, "the API is made from an OpenAPI document"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, problems := try(t, rest(test.change)); !strings.Contains(problems, test.says) {
				t.Errorf("it says %q, want %q", problems, test.says)
			}
		})
	}
}
