package stack

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/httpapi"
)

// newSampleAPI makes the API that keys protect: the same methods in a stage for each environment, which tells the
// authorizer by its variables what it guards.
func newSampleAPI(stack awscdk.Stack, config Config, functions map[string]awslambda.Function, logs logging) awsapigateway.RestApi {
	first := apikey.Environments[0]
	api := newRestAPI(stack, "SampleApi", logs, &awsapigateway.RestApiProps{
		RestApiName:      config.name("sample"),
		Description:      jsii.String("keyward: a sample API that keys protect"),
		ApiKeySourceType: awsapigateway.ApiKeySourceType_AUTHORIZER,
		DeployOptions:    stage(string(first), logs, sampleVariables(config, first)),
	})
	rest := restAPI{api: api, functions: functions, keys: config.ForbiddenExit}
	rest.authorizer = newAuthorizer(stack, "SampleAuthorizer", functions["authorizer"])
	rest.route(httpapi.SampleRoutes)
	rest.mock(httpapi.SampleMocks())
	rest.exit(httpapi.ProtectedResponses())
	stages := []awsapigateway.Stage{api.DeploymentStage()}
	for _, environment := range apikey.Environments[1:] {
		stages = append(stages, newSampleStage(api, config, environment, logs))
	}
	if config.ForbiddenExit {
		newForbiddenExit(stack, config, api, stages)
	}
	return api
}

func newSampleStage(api awsapigateway.RestApi, config Config, environment apikey.Environment, logs logging) awsapigateway.Stage {
	options := stage(string(environment), logs, sampleVariables(config, environment))
	made := awsapigateway.NewStage(api, jsii.String(title(string(environment))), &awsapigateway.StageProps{
		Deployment:           api.LatestDeployment(),
		StageName:            options.StageName,
		Variables:            options.Variables,
		AccessLogDestination: options.AccessLogDestination,
		AccessLogFormat:      options.AccessLogFormat,
		LoggingLevel:         options.LoggingLevel,
		DataTraceEnabled:     options.DataTraceEnabled,
		CachingEnabled:       options.CachingEnabled,
	})
	logs.before(made)
	explainStage(made)
	return made
}

func sampleVariables(config Config, environment apikey.Environment) map[string]string {
	variables := map[string]string{
		httpapi.StageEnvironment: string(environment),
		httpapi.StageService:     httpapi.SampleService,
	}
	if config.ForbiddenExit {
		variables[httpapi.StageForbiddenExit] = forbiddenExit(config)
	}
	return variables
}

// newForbiddenExit makes the API Gateway API key that the authorizer names when it allows a request. Naming one
// that doesn't exist is how it refuses with a 403. The usage plan sets no limit: limits are keyward's own.
func newForbiddenExit(stack awscdk.Stack, config Config, api awsapigateway.RestApi, stages []awsapigateway.Stage) {
	value := forbiddenExit(config)
	key := awsapigateway.NewApiKey(stack, jsii.String("ForbiddenExitKey"), &awsapigateway.ApiKeyProps{
		ApiKeyName:  config.name("sample"),
		Description: jsii.String("The authorizer names it to let a request through; callers can't use it"),
		Value:       &value,
	})
	plan := awsapigateway.NewUsagePlan(stack, jsii.String("ForbiddenExitPlan"), &awsapigateway.UsagePlanProps{
		Name:        config.name("sample"),
		Description: jsii.String("Without limits: keyward has its own"),
	})
	for _, stage := range stages {
		plan.AddApiStage(&awsapigateway.UsagePlanPerApiStage{Api: api, Stage: stage})
	}
	plan.AddApiKey(key, nil)
}

// forbiddenExit is the value of the API Gateway API key. It follows from the deployment's name, since stage
// variables need it at synthesis and an account admits each value once. It is no secret: API Gateway takes it from
// the authorizer alone and never from a request, so whoever knows it can do nothing with it.
func forbiddenExit(config Config) string {
	sum := sha256.Sum256([]byte("keyward forbidden exit " + *config.name("sample")))
	return hex.EncodeToString(sum[:20])
}
