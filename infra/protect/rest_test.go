package protect_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/infra/protect"
	"github.com/keyward/keyward/shared/httpapi"
)

// newAPI is a customer's API: GET and POST /zones, GET /status.
func newAPI(stack awscdk.Stack) awsapigateway.RestApi {
	api := awsapigateway.NewRestApi(stack, jsii.String("Api"), &awsapigateway.RestApiProps{CloudWatchRole: jsii.Bool(false)})
	zones := api.Root().ResourceForPath(jsii.String("/zones"))
	zones.AddMethod(jsii.String("GET"), mock(), nil)
	zones.AddMethod(jsii.String("POST"), mock(), nil)
	api.Root().ResourceForPath(jsii.String("/status")).AddMethod(jsii.String("GET"), mock(), nil)
	return api
}

func mock() awsapigateway.Integration { return awsapigateway.NewMockIntegration(nil) }

// rest is a stack with that API, protected as change says.
func rest(change func(stack awscdk.Stack, api awsapigateway.RestApi, props *protect.RESTProps)) func(awscdk.Stack) {
	return func(stack awscdk.Stack) {
		props := &protect.RESTProps{Api: newAPI(stack), AuthorizerArn: jsii.String(arn), Service: "dns", Environment: "production"}
		if change != nil {
			change(stack, props.Api, props)
		}
		protect.REST(stack, "Protect", props)
	}
}

// A remembered answer would neither count nor see a revocation, and an identity source would refuse, unseen, whoever sends
// the other header. What is not said would be API Gateway's default: 300 seconds.
func TestREST_authorizerRemembersNothingAndIsAskedForEverything(t *testing.T) {
	made := synthesize(t, rest(nil))
	api, _ := made.only(t, "AWS::ApiGateway::RestApi")
	id, authorizer := made.only(t, "AWS::ApiGateway::Authorizer")
	want := map[string]any{
		"Type": "REQUEST", "AuthorizerResultTtlInSeconds": 0.0, "IdentitySource": "",
		"RestApiId": "${" + api + "}", "AuthorizerUri": invocation,
	}
	if diff := cmp.Diff(want, without(authorizer, "Name")); diff != "" {
		t.Errorf("authorizer (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(mayCall(api, id), flat(made.permissionOf(t, arn))); diff != "" {
		t.Errorf("permission (-want +got):\n%s", diff)
	}
}

func TestREST_protectsEveryMethodWhoeverAddsItAndWhenever(t *testing.T) {
	made := synthesize(t, func(stack awscdk.Stack) {
		var api awsapigateway.RestApi
		rest(func(_ awscdk.Stack, made awsapigateway.RestApi, _ *protect.RESTProps) { api = made })(stack)
		late := api.Root().AddResource(jsii.String("late"), nil).AddMethod(jsii.String("ANY"), mock(), nil)
		late.Node().DefaultChild().(awsapigateway.CfnMethod).AddPropertyOverride(jsii.String("AuthorizationType"), "NONE")
		awsapigateway.NewCfnMethod(stack, jsii.String("Bare"), &awsapigateway.CfnMethodProps{
			HttpMethod: jsii.String("PUT"), ResourceId: api.Root().ResourceId(), RestApiId: api.RestApiId(),
		})
	})
	authorizer, _ := made.only(t, "AWS::ApiGateway::Authorizer")
	methods := made.all("AWS::ApiGateway::Method")
	if len(methods) != 5 {
		t.Fatalf("%d methods, want 5", len(methods))
	}
	for id, method := range methods {
		if method["AuthorizationType"] != "CUSTOM" || text(method["AuthorizerId"]) != "${"+authorizer+"}" {
			t.Errorf("%s: %v by %v", id, method["AuthorizationType"], method["AuthorizerId"])
		}
	}
}

func TestREST_leavesPublicMethodsOpenAndNoOthers(t *testing.T) {
	made := synthesize(t, rest(func(_ awscdk.Stack, _ awsapigateway.RestApi, props *protect.RESTProps) {
		props.Public, props.ForbiddenExit = []string{"GET /status"}, true
	}))
	for id, method := range made.all("AWS::ApiGateway::Method") {
		open := strings.Contains(id, "status")
		if (method["AuthorizationType"] == "NONE") != open || (method["ApiKeyRequired"] == true) == open {
			t.Errorf("%s: authorization %v, key required %v", id, method["AuthorizationType"], method["ApiKeyRequired"])
		}
	}
}

func TestREST_deploysTheAnswersOfTheTable(t *testing.T) {
	decisions := []string{"UNAUTHORIZED", "ACCESS_DENIED", "AUTHORIZER_FAILURE", "AUTHORIZER_CONFIGURATION_ERROR"}
	for name, test := range map[string]struct {
		exit, all bool
		has       func(string) bool
	}{
		"the least":             {false, false, func(kind string) bool { return slices.Contains(decisions, kind) }},
		"with a forbidden exit": {true, false, func(kind string) bool { return kind == "INVALID_API_KEY" || slices.Contains(decisions, kind) }},
		"all but that exit":     {false, true, func(kind string) bool { return kind != "INVALID_API_KEY" }},
		"all":                   {true, true, func(string) bool { return true }},
	} {
		t.Run(name, func(t *testing.T) {
			made := synthesize(t, rest(func(_ awscdk.Stack, _ awsapigateway.RestApi, props *protect.RESTProps) {
				props.ForbiddenExit, props.AllResponses = test.exit, test.all
			}))
			want := map[string]httpapi.GatewayResponse{}
			for _, row := range httpapi.ProtectedResponses() {
				if test.has(row.Type) {
					want[row.Type] = row
				}
			}
			if diff := cmp.Diff(want, responses(t, made)); diff != "" {
				t.Errorf("(-table +template):\n%s", diff)
			}
		})
	}
}

// responses are a template's gateway responses, as the table writes them.
func responses(t *testing.T, made template) map[string]httpapi.GatewayResponse {
	t.Helper()
	found := map[string]httpapi.GatewayResponse{}
	for _, properties := range made.all("AWS::ApiGateway::GatewayResponse") {
		row := httpapi.GatewayResponse{Type: properties["ResponseType"].(string), Headers: map[string]string{}}
		for name, value := range properties["ResponseParameters"].(map[string]any) {
			row.Headers[strings.TrimPrefix(name, "gatewayresponse.header.")] = value.(string)
		}
		row.Body = properties["ResponseTemplates"].(map[string]any)["application/json"].(string)
		if status, set := properties["StatusCode"].(string); set {
			number, err := strconv.Atoi(status)
			if err != nil {
				t.Fatal(err)
			}
			row.Status = number
		}
		found[row.Type] = row
	}
	return found
}

// Callers can't say what they are calling: each stage says it, beside the variables that it has already.
func TestREST_stagesSayWhatTheyGuard(t *testing.T) {
	made := synthesize(t, rest(func(stack awscdk.Stack, api awsapigateway.RestApi, props *protect.RESTProps) {
		other := awsapigateway.NewStage(stack, jsii.String("Other"), &awsapigateway.StageProps{
			Deployment: api.LatestDeployment(), StageName: jsii.String("beta"), Variables: &map[string]*string{"colour": jsii.String("blue")},
		})
		props.Stages = []protect.RESTStage{{Stage: other, Environment: "staging"}}
	}))
	got := map[string]any{}
	for _, stage := range made.all("AWS::ApiGateway::Stage") {
		got[stage["StageName"].(string)] = stage["Variables"]
	}
	want := map[string]any{
		"prod": map[string]any{"keyward_service": "dns", "keyward_environment": "production"},
		"beta": map[string]any{"keyward_service": "dns", "keyward_environment": "staging", "colour": "blue"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// An authorizer that names an API key on a method that needs none allows: so every protected method needs one, and takes it
// from the authorizer alone.
func TestREST_forbiddenExitIsOneKeyWithoutLimits(t *testing.T) {
	made := synthesize(t, rest(func(_ awscdk.Stack, _ awsapigateway.RestApi, props *protect.RESTProps) { props.ForbiddenExit = true }))
	_, api := made.only(t, "AWS::ApiGateway::RestApi")
	_, key := made.only(t, "AWS::ApiGateway::ApiKey")
	_, stage := made.only(t, "AWS::ApiGateway::Stage")
	_, plan := made.only(t, "AWS::ApiGateway::UsagePlan")
	made.only(t, "AWS::ApiGateway::UsagePlanKey")
	if api["ApiKeySourceType"] != "AUTHORIZER" {
		t.Errorf("API keys come from %v", api["ApiKeySourceType"])
	}
	value := stage["Variables"].(map[string]any)["keyward_forbidden_exit"]
	if len(value.(string)) < 20 || key["Value"] != value {
		t.Errorf("the stage says %v, the key is %v", value, key["Value"])
	}
	if plan["Throttle"] != nil || plan["Quota"] != nil {
		t.Errorf("the plan has limits: %v", plan)
	}
	for id, method := range made.all("AWS::ApiGateway::Method") {
		if method["ApiKeyRequired"] != true {
			t.Errorf("%s needs no key", id)
		}
	}
	least := synthesize(t, rest(nil))
	for _, kind := range []string{"AWS::ApiGateway::ApiKey", "AWS::ApiGateway::UsagePlan", "AWS::ApiGateway::UsagePlanKey"} {
		if made := least.all(kind); len(made) != 0 {
			t.Errorf("without the exit there is %v", made)
		}
	}
}

// A stage goes on with the deployment that it has until there is another.
func TestREST_whatIsPublicIsDeployedAtOnce(t *testing.T) {
	before, _ := synthesize(t, rest(nil)).only(t, "AWS::ApiGateway::Deployment")
	after, _ := synthesize(t, rest(func(_ awscdk.Stack, _ awsapigateway.RestApi, props *protect.RESTProps) {
		props.Public = []string{"GET /status"}
	})).only(t, "AWS::ApiGateway::Deployment")
	if before == after {
		t.Errorf("both deployments are %s: the stage would go on as it was", before)
	}
}

// So it is for a deployment of the customer's own making, of which the CDK knows no more than the API's name.
func TestREST_aDeploymentOfTheirOwnIsMadeAnew(t *testing.T) {
	ids := map[bool]string{}
	for _, protected := range []bool{false, true} {
		made := synthesize(t, func(stack awscdk.Stack) {
			api := awsapigateway.NewRestApi(stack, jsii.String("Api"), &awsapigateway.RestApiProps{CloudWatchRole: jsii.Bool(false), Deploy: jsii.Bool(false)})
			api.Root().AddMethod(jsii.String("GET"), mock(), nil)
			deployment := awsapigateway.NewDeployment(stack, jsii.String("Deployment"), &awsapigateway.DeploymentProps{Api: api})
			stage := awsapigateway.NewStage(stack, jsii.String("Stage"), &awsapigateway.StageProps{Deployment: deployment, StageName: jsii.String("live")})
			if protected {
				protect.REST(stack, "Protect", &protect.RESTProps{
					Api: api, AuthorizerArn: jsii.String(arn), Service: "dns", Stages: []protect.RESTStage{{Stage: stage, Environment: "production"}},
				})
			}
		})
		ids[protected], _ = made.only(t, "AWS::ApiGateway::Deployment")
		method, _ := made.only(t, "AWS::ApiGateway::Method")
		if protected && !slices.Contains(made.Resources[ids[protected]].DependsOn, method) {
			t.Errorf("it is made after %v, and not after %s: it may hold the method unprotected", made.Resources[ids[protected]].DependsOn, method)
		}
	}
	if ids[true] == ids[false] {
		t.Errorf("both deployments are %s: the stage would go on unprotected", ids[true])
	}
}

// Whose function's policy says already who may call it needs no statement of its own.
func TestREST_permittedAddsNoPermission(t *testing.T) {
	made := synthesize(t, rest(func(_ awscdk.Stack, _ awsapigateway.RestApi, props *protect.RESTProps) { props.Permitted = true }))
	if permissions := made.all("AWS::Lambda::Permission"); len(permissions) != 0 {
		t.Errorf("there is %v", permissions)
	}
}
