// Command example is a CDK app of somebody who uses keyward: a REST API and an HTTP API of their own, each protected in three
// lines. Deploy keyward first, then:
//
//	npx aws-cdk deploy --app 'go run ./infra/protect/example'
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/protect"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("zones"), nil)
	backend := newBackend(stack)
	newRESTAPI(stack, backend)
	newHTTPAPI(stack, backend)
	app.Synth(nil)
}

func newRESTAPI(stack awscdk.Stack, backend awslambda.Function) {
	api := awsapigateway.NewRestApi(stack, jsii.String("Rest"), &awsapigateway.RestApiProps{CloudWatchRole: jsii.Bool(false)})
	zones := api.Root().AddResource(jsii.String("zones"), nil)
	zones.AddMethod(jsii.String("GET"), awsapigateway.NewLambdaIntegration(backend, nil), nil)
	api.Root().AddResource(jsii.String("status"), nil).AddMethod(jsii.String("GET"), awsapigateway.NewLambdaIntegration(backend, nil), nil)

	protect.REST(stack, "ProtectRest", &protect.RESTProps{
		Api: api, AuthorizerArn: authorizer(), Service: "dns", Environment: "production", Public: []string{"GET /status"},
	})
}

func newHTTPAPI(stack awscdk.Stack, backend awslambda.Function) {
	api := awsapigatewayv2.NewHttpApi(stack, jsii.String("Http"), nil)
	api.AddRoutes(&awsapigatewayv2.AddRoutesOptions{
		Path: jsii.String("/zones"), Methods: &[]awsapigatewayv2.HttpMethod{awsapigatewayv2.HttpMethod_GET},
		Integration: awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String("Backend"), backend, nil),
	})

	protect.HTTP(stack, "ProtectHttp", &protect.HTTPProps{
		Api: api, AuthorizerArn: authorizer(), Service: "dns", Environment: "production",
	})
	awscdk.NewCfnOutput(stack, jsii.String("HttpUrl"), &awscdk.CfnOutputProps{Value: api.Url()})
}

// authorizer is keyward's function, as its stack `keyward` tells it.
func authorizer() *string { return awscdk.Fn_ImportValue(jsii.String("keyward-AuthorizerArn")) }

// newBackend is what the APIs are for. It adds the rate-limit headers that a REST API with a proxy integration does not add;
// in Go, infra/protect/ratefields does.
func newBackend(stack awscdk.Stack) awslambda.Function {
	const source = `exports.handler = async (event) => {
  const given = event.requestContext.authorizer || {}, caller = given.lambda || given;
  const headers = {"Content-Type": "application/json"};
  if (caller.limit) Object.assign(headers, {"X-RateLimit-Limit": caller.limit, "X-RateLimit-Remaining": caller.remaining, "X-RateLimit-Reset": caller.reset});
  return {statusCode: 200, headers, body: JSON.stringify({key_id: caller.key_id || null})};
};`
	return awslambda.NewFunction(stack, jsii.String("Backend"), &awslambda.FunctionProps{
		Runtime: awslambda.Runtime_NODEJS_LATEST(),
		Handler: jsii.String("index.handler"),
		Code:    awslambda.Code_FromInline(jsii.String(source)),
	})
}
