package protect

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/shared/httpapi"
)

// RESTProps say what to protect.
type RESTProps struct {
	// Api is a REST API (v1) of the same app, whose methods are constructs: not one that is made from an OpenAPI document.
	Api awsapigateway.RestApi
	// AuthorizerArn is the output AuthorizerArn of keyward's stack, in the same region.
	AuthorizerArn *string
	// Service is the catalog's service that the API stands for: its routes are what callers may ask for.
	Service string
	// Environment is that of the stage that the API deploys to by itself: only keys of this environment pass. Empty where
	// Stages has all stages.
	Environment string
	// Stages are the other stages. A stage that is not told what it is answers everybody with 503.
	Stages []RESTStage
	// Public are the methods that need no key, each by its method and its resource: "GET /healthz", "OPTIONS /pets/{id}". All others are protected.
	Public []string
	// ForbiddenExit makes a refused permission a 403; without it, it is the 429 of all refusals. It takes the API's API Gateway
	// API keys for itself: there can be no others.
	ForbiddenExit bool
	// AllResponses writes, beside the answers of the authorizer, all others that API Gateway gives by itself in keyward's
	// envelope, and makes a 404 of a path that is not there.
	AllResponses bool
	// Permitted says that the function's policy lets this API call it already: it must where the function is another account's.
	Permitted bool
}

// RESTStage is a stage and the environment of its keys.
type RESTStage struct {
	Stage       awsapigateway.Stage
	Environment string
}

// REST protects every method of a REST API but the public ones.
func REST(scope constructs.Construct, id string, props *RESTProps) constructs.Construct {
	construct := constructs.NewConstruct(scope, &id)
	g := &guard{}
	authorizer := newRESTAuthorizer(construct, props)
	stages := restStages(props)
	for _, stage := range stages {
		g.guards(props.Service, stage.Environment)
		setVariables(stage.Stage, "Variables", variables(props.Service, stage.Environment))
	}
	if props.ForbiddenExit {
		newForbiddenExit(construct, g, props.Api, stages)
	}
	AddResponses(props.Api, restResponses(props))
	protection := &restProtection{guard: g, props: props, authorizer: authorizer, public: newPublic(g, props.Public), stages: stages}
	if latest := props.Api.LatestDeployment(); latest != nil {
		protection.redeploy(latest)
	}
	g.expect(protection.missing)
	g.expect(protection.stale)
	g.watch(construct, protection.visit)
	return construct
}

// newRESTAuthorizer makes the authorizer, with no cache and no identity source: with one, API Gateway would refuse by itself
// all who send their key in the other header.
func newRESTAuthorizer(construct constructs.Construct, props *RESTProps) awsapigateway.CfnAuthorizer {
	authorizer := awsapigateway.NewCfnAuthorizer(construct, jsii.String("Authorizer"), &awsapigateway.CfnAuthorizerProps{
		RestApiId:                    props.Api.RestApiId(),
		Name:                         awscdk.Names_UniqueId(construct),
		Type:                         jsii.String("REQUEST"),
		AuthorizerUri:                invocation(construct, props.AuthorizerArn),
		AuthorizerResultTtlInSeconds: jsii.Number(uncached),
		IdentitySource:               jsii.String(""),
	})
	if props.Permitted {
		return authorizer
	}
	permission := permit(construct, props.AuthorizerArn, props.Api.RestApiId(), authorizer.Ref())
	if deployment := props.Api.LatestDeployment(); deployment != nil {
		deployment.Node().AddDependency(permission)
	}
	return authorizer
}

// restStages are all stages that are protected, the API's own first.
func restStages(props *RESTProps) []RESTStage {
	if props.Environment == "" {
		return props.Stages
	}
	return slices.Concat([]RESTStage{{props.Api.DeploymentStage(), props.Environment}}, props.Stages)
}

// variables tell the authorizer what a stage guards.
func variables(service, environment string) map[string]string {
	return map[string]string{httpapi.StageEnvironment: environment, httpapi.StageService: service}
}

// setVariables adds variables to a stage, under the property that its kind of API has for them, and leaves its others.
func setVariables(stage constructs.IConstruct, property string, variables map[string]string) {
	resource := stage.Node().DefaultChild().(awscdk.CfnResource)
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		resource.AddPropertyOverride(jsii.String(property+"."+name), variables[name])
	}
}
