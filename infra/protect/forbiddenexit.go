package protect

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/shared/httpapi"
)

// newForbiddenExit makes the API Gateway API key that the authorizer names when it allows a request. Naming one
// that doesn't exist is how it refuses with a 403. The usage plan sets no limit: limits are keyward's own.
func newForbiddenExit(construct constructs.Construct, g *guard, api awsapigateway.RestApi, stages []RESTStage) {
	takeAPIKeys(g, api)
	value := exitValue(api)
	name := jsii.String(*awscdk.Stack_Of(construct).StackName() + "-" + *construct.Node().Id())
	key := awsapigateway.NewApiKey(construct, jsii.String("ForbiddenExitKey"), &awsapigateway.ApiKeyProps{
		ApiKeyName:  name,
		Description: jsii.String("The authorizer names it to let a request through; callers can't use it"),
		Value:       &value,
	})
	plan := awsapigateway.NewUsagePlan(construct, jsii.String("ForbiddenExitPlan"), &awsapigateway.UsagePlanProps{
		Name:        name,
		Description: jsii.String("Without limits: keyward has its own"),
	})
	for _, stage := range stages {
		plan.AddApiStage(&awsapigateway.UsagePlanPerApiStage{Api: api, Stage: stage.Stage})
		setVariables(stage.Stage, "Variables", map[string]string{httpapi.StageForbiddenExit: value})
	}
	plan.AddApiKey(key, nil)
}

// takeAPIKeys has the API take its API keys from the authorizer alone, never from a request.
func takeAPIKeys(g *guard, api awsapigateway.RestApi) {
	resource := api.Node().DefaultChild().(awsapigateway.CfnRestApi)
	if source := resource.ApiKeySourceType(); source != nil && *source != "AUTHORIZER" {
		g.problem("the API takes API keys from callers (ApiKeySourceType %s), which the forbidden exit can't live with", *source)
	}
	resource.SetApiKeySourceType(jsii.String("AUTHORIZER"))
}

// exitValue is the value of the API Gateway API key. It follows from the stack's name and the API's place in it, since
// stage variables need it at synthesis and an account admits each value once. It is no secret: API Gateway takes it from
// the authorizer alone and never from a request, so whoever knows it can do nothing with it.
func exitValue(api awsapigateway.RestApi) string {
	sum := sha256.Sum256([]byte("keyward forbidden exit " + *awscdk.Stack_Of(api).StackName() + " " + *api.Node().Path()))
	return hex.EncodeToString(sum[:20])
}
