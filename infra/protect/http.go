package protect

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// HTTPProps say what to protect. An HTTP API can't choose how it refuses: whatever the reason, the caller sees API Gateway's
// own 401, 403 or 500, without rate-limit headers. A REST API has the contract's answers.
type HTTPProps struct {
	Api           awsapigatewayv2.HttpApi // of the same app, whose routes are constructs
	AuthorizerArn *string                 // see RESTProps
	Service       string                  // see RESTProps
	// Environment is that of the stage $default; empty where Stages has all stages.
	Environment string
	Stages      []Stage
	// Public are the routes that need no key, each by its route key: "GET /healthz", "$default". All others are protected.
	Public []string
	// HeaderStatuses are the answers of your integrations that get the rate-limit headers; nil: usualStatuses. An HTTP API maps headers
	// for each status that it is told of, and for no other.
	HeaderStatuses []int
	Permitted      bool // see RESTProps
}

// Stage is a stage of an HTTP or a WebSocket API, and the environment of its keys.
type Stage struct {
	Stage       awsapigatewayv2.IStage
	Environment string
}

// usualStatuses are what most integrations answer with.
var usualStatuses = []int{200, 201, 202, 204, 400, 404, 409, 422, 500}

// HTTP protects every route of an HTTP API but the public ones.
func HTTP(scope constructs.Construct, id string, props *HTTPProps) constructs.Construct {
	construct := constructs.NewConstruct(scope, &id)
	authorizer := awsapigatewayv2.NewCfnAuthorizer(construct, jsii.String("Authorizer"), &awsapigatewayv2.CfnAuthorizerProps{
		ApiId:                          props.Api.ApiId(),
		Name:                           awscdk.Names_UniqueId(construct),
		AuthorizerType:                 jsii.String("REQUEST"),
		AuthorizerUri:                  invocation(construct, props.AuthorizerArn),
		AuthorizerPayloadFormatVersion: jsii.String("2.0"),
		EnableSimpleResponses:          true,
		AuthorizerResultTtlInSeconds:   jsii.Number(uncached),
		IdentitySource:                 &[]*string{},
	})
	if !props.Permitted {
		permit(construct, props.AuthorizerArn, props.Api.ApiId(), authorizer.Ref())
	}
	p := newRouteProtection(props.Api, authorizer, props.Service, httpStages(props), props.Public)
	p.guard.expect(p.nothing)
	headers := &headerMapping{targets: p.targets, statuses: props.HeaderStatuses}
	if headers.statuses == nil {
		headers.statuses = usualStatuses
	}
	p.guard.watch(construct, func(node constructs.IConstruct) {
		switch resource := node.(type) {
		case awsapigatewayv2.CfnApi:
			p.itself(resource)
		case awsapigatewayv2.CfnRoute:
			p.route(resource)
			headers.pair()
		case awsapigatewayv2.CfnStage:
			p.stage(resource)
		case awsapigatewayv2.CfnIntegration:
			if p.mine(resource.ApiId()) {
				headers.integration(resource)
			}
		}
	})
	return construct
}

// httpStages are all stages that are protected, $default first.
func httpStages(props *HTTPProps) []Stage {
	if props.Environment == "" {
		return props.Stages
	}
	return slices.Concat([]Stage{{props.Api.DefaultStage(), props.Environment}}, props.Stages)
}

// nothing says that there is nothing to protect, which is a mistake.
func (p *routeProtection) nothing() string {
	if len(*p.targets) == 0 {
		return fmt.Sprintf("%s has no route that is protected", *p.api.Node().Path())
	}
	return ""
}

// headerMapping is the aspect that adds the rate-limit headers to what the integrations of protected routes answer. An
// integration of public routes alone has nobody whose limits it could tell.
type headerMapping struct {
	targets      *[]string // of protected routes
	statuses     []int
	integrations []awsapigatewayv2.CfnIntegration
}

func (h *headerMapping) integration(resource awsapigatewayv2.CfnIntegration) {
	h.integrations = append(h.integrations, resource)
	h.pair()
}

// pair maps the headers of all integrations that are known to be a protected route's. It may do so again.
func (h *headerMapping) pair() {
	h.integrations = slices.DeleteFunc(h.integrations, func(resource awsapigatewayv2.CfnIntegration) bool {
		if !slices.Contains(*h.targets, "integrations/"+*resource.Ref()) {
			return false
		}
		for _, status := range h.statuses {
			resource.AddPropertyOverride(jsii.String("ResponseParameters."+strconv.Itoa(status)), map[string]any{"ResponseParameters": limitParameters()})
		}
		return true
	})
}
