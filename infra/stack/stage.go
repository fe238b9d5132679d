package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/jsii-runtime-go"
)

// newRestAPI makes an API with its first stage, to which methods are still to be added.
func newRestAPI(stack awscdk.Stack, id string, logs logging, props *awsapigateway.RestApiProps) awsapigateway.RestApi {
	props.EndpointTypes = &[]awsapigateway.EndpointType{awsapigateway.EndpointType_REGIONAL}
	props.CloudWatchRole = jsii.Bool(false)
	api := awsapigateway.NewRestApi(stack, &id, props)
	api.Node().TryRemoveChild(jsii.String("Endpoint")) // Outputs has the addresses
	explainAPI(api)
	logs.before(api.DeploymentStage())
	explainStage(api.DeploymentStage())
	return api
}

// stage is a stage that logs each request, caches nothing, and has these variables.
func stage(name string, logs logging, variables map[string]string) *awsapigateway.StageOptions {
	return &awsapigateway.StageOptions{
		StageName:            &name,
		Variables:            pointers(variables),
		AccessLogDestination: awsapigateway.NewLogGroupLogDestination(logs.group),
		AccessLogFormat:      accessLogFormat(),
		LoggingLevel:         awsapigateway.MethodLoggingLevel_OFF,
		DataTraceEnabled:     jsii.Bool(false),
		CachingEnabled:       jsii.Bool(false),
		TracingEnabled:       logs.tracing,
	}
}

// before makes a stage wait until API Gateway may write logs.
func (l logging) before(stage awsapigateway.Stage) {
	if l.account != nil {
		stage.Node().AddDependency(l.account)
	}
}
