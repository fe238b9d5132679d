package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/protect"
	"github.com/keyward/keyward/shared/httpapi"
)

// adminStage is the stage of the admin API: its paths begin with /api/v1.
const adminStage = "api"

// newAdminAPI makes the API that issues and manages keys.
func newAdminAPI(stack awscdk.Stack, config Config, functions map[string]awslambda.Function, logs logging) awsapigateway.RestApi {
	api := newRestAPI(stack, "AdminApi", logs, &awsapigateway.RestApiProps{
		RestApiName:   config.name("admin"),
		Description:   jsii.String("keyward: issues and manages API keys"),
		DeployOptions: stage(adminStage, logs, map[string]string{httpapi.StageService: "keyward"}),
	})
	rest := restAPI{api: api, functions: functions}
	rest.authorizer = newAuthorizer(stack, "AdminAuthorizer", functions["authorizer"])
	rest.route(httpapi.Routes)
	rest.mock(adminMocks(config))
	protect.AddResponses(api, httpapi.AdminResponses())
	return api
}

// adminMocks are what the admin API answers without a function.
func adminMocks(config Config) []httpapi.Mock {
	if config.RefuseAll {
		return httpapi.RefusingMocks()
	}
	return httpapi.AdminMocks()
}
