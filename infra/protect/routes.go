package protect

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// apiv2 is an HTTP or a WebSocket API.
type apiv2 interface {
	constructs.IConstruct
	ApiId() *string
}

// routeProtection is the aspect that protects the routes of an HTTP or a WebSocket API, whoever has added them.
type routeProtection struct {
	guard      *guard
	api        apiv2
	authorizer awsapigatewayv2.CfnAuthorizer
	public     public
	stages     []Stage
	targets    *[]string // what the protected routes lead to; "" where that is nothing
}

// newRouteProtection says in the stages what they guard.
func newRouteProtection(api apiv2, authorizer awsapigatewayv2.CfnAuthorizer, service string, stages []Stage, open []string) *routeProtection {
	g := &guard{}
	for _, stage := range stages {
		g.guards(service, stage.Environment)
		setVariables(stage.Stage, "StageVariables", variables(service, stage.Environment))
	}
	return &routeProtection{guard: g, api: api, authorizer: authorizer, public: newPublic(g, open), stages: stages, targets: &[]string{}}
}

func (p *routeProtection) mine(api any) bool {
	id, ok := api.(*string)
	if text, plain := api.(string); plain {
		id, ok = &text, true
	}
	return ok && *id == *p.api.ApiId()
}

// itself looks at the API itself. What an OpenAPI document makes is not in the template.
func (p *routeProtection) itself(api awsapigatewayv2.CfnApi) {
	if p.mine(api.Ref()) && (api.Body() != nil || api.BodyS3Location() != nil) {
		p.guard.unseen("routes")
	}
}

// route protects a route of this API that is not public. One that somebody else protects is a contradiction.
func (p *routeProtection) route(route awsapigatewayv2.CfnRoute) {
	if !p.mine(route.ApiId()) || p.public.has(*route.RouteKey()) {
		return
	}
	ours := route.AuthorizerId() != nil && *route.AuthorizerId() == *p.authorizer.Ref()
	if kind := route.AuthorizationType(); kind != nil && *kind != "NONE" && !ours {
		p.guard.problem("%s has an authorization of its own, %s, and is not protected by keyward: name it in Public, or take that away", *route.RouteKey(), *kind)
		return
	}
	target := ""
	if route.Target() != nil {
		target = *route.Target()
	}
	*p.targets = append(*p.targets, target)
	route.SetAuthorizationType(jsii.String("CUSTOM"))
	route.SetAuthorizerId(p.authorizer.Ref())
	route.AddPropertyOverride(jsii.String("AuthorizationType"), "CUSTOM")
	route.AddPropertyOverride(jsii.String("AuthorizerId"), p.authorizer.Ref())
}

// stage notes a stage of the API that nobody has told what it is.
func (p *routeProtection) stage(stage awsapigatewayv2.CfnStage) {
	if !p.mine(stage.ApiId()) {
		return
	}
	told := slices.ContainsFunc(p.stages, func(one Stage) bool {
		return *one.Stage.Node().DefaultChild().Node().Path() == *stage.Node().Path()
	})
	if !told {
		p.guard.problem("%s is in no entry of Stages, nor is Environment set: it would refuse everybody", *stage.Node().Path())
	}
}
