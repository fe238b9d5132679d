package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/protect"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/httpapi"
)

// newSampleAPI makes the API that keys protect, as a customer's own: the same methods in a stage for each environment, and
// protect.REST in front of them.
func newSampleAPI(stack awscdk.Stack, config Config, functions map[string]awslambda.Function, logs logging) awsapigateway.RestApi {
	first := apikey.Environments[0]
	api := newRestAPI(stack, "SampleApi", logs, &awsapigateway.RestApiProps{
		RestApiName:   config.name("sample"),
		Description:   jsii.String("keyward: a sample API that keys protect"),
		DeployOptions: stage(string(first), logs, nil),
	})
	rest := restAPI{api: api, functions: functions}
	rest.route(httpapi.SampleRoutes)
	rest.mock(httpapi.SampleMocks())
	var others []protect.RESTStage
	for _, environment := range apikey.Environments[1:] {
		others = append(others, protect.RESTStage{Stage: newSampleStage(api, environment, logs), Environment: string(environment)})
	}
	protect.REST(stack, "Protect", &protect.RESTProps{
		Api: api, AuthorizerArn: functions["authorizer"].FunctionArn(), Service: httpapi.SampleService,
		Environment: string(first), Stages: others, Public: sampleMocks(), ForbiddenExit: config.ForbiddenExit, AllResponses: true,
	})
	return api
}

// sampleMocks are the methods of the sample API that answer everybody that there is nothing.
func sampleMocks() []string {
	var names []string
	for _, row := range httpapi.SampleMocks() {
		names = append(names, row.Method+" "+row.Path)
	}
	return names
}

func newSampleStage(api awsapigateway.RestApi, environment apikey.Environment, logs logging) awsapigateway.Stage {
	options := stage(string(environment), logs, nil)
	made := awsapigateway.NewStage(api, jsii.String(title(string(environment))), &awsapigateway.StageProps{
		Deployment:           api.LatestDeployment(),
		StageName:            options.StageName,
		AccessLogDestination: options.AccessLogDestination,
		AccessLogFormat:      options.AccessLogFormat,
		LoggingLevel:         options.LoggingLevel,
		DataTraceEnabled:     options.DataTraceEnabled,
		CachingEnabled:       options.CachingEnabled,
		TracingEnabled:       options.TracingEnabled,
	})
	logs.before(made)
	explainStage(made)
	return made
}
