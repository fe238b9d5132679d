package protect

import (
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// restProtection is the aspect that protects the methods of a REST API, whoever has added them, and wherever in the app.
type restProtection struct {
	guard      *guard
	props      *RESTProps
	authorizer awsapigateway.CfnAuthorizer
	public     public
	stages     []RESTStage
	methods    []awsapigateway.CfnMethod  // those that are protected
	deployed   []awsapigateway.Deployment // those that are made anew
	serves     []serving                  // what the API's stages serve
}

// serving is a stage, by its path, and the id of the deployment that it serves.
type serving struct{ stage, deployment string }

func (r *restProtection) visit(node constructs.IConstruct) {
	switch resource := node.(type) {
	case awsapigateway.CfnMethod:
		if *resource.RestApiId() == *r.props.Api.RestApiId() {
			r.method(resource)
		}
	case awsapigateway.CfnStage:
		if *resource.RestApiId() == *r.props.Api.RestApiId() {
			r.stage(resource)
		}
	case awsapigateway.Deployment:
		if *resource.Api().RestApiId() == *r.props.Api.RestApiId() {
			r.redeploy(resource)
		}
	case awsapigateway.CfnRestApi:
		if *resource.Ref() == *r.props.Api.RestApiId() && (resource.Body() != nil || resource.BodyS3Location() != nil) {
			r.guard.unseen("methods")
		}
	}
}

// method protects a method that is not public. One that somebody else protects is a contradiction.
func (r *restProtection) method(method awsapigateway.CfnMethod) {
	name := methodName(method)
	if r.public.has(name) {
		return
	}
	if kind := method.AuthorizationType(); kind != nil && *kind != "NONE" && !r.ours(method) {
		r.guard.problem("%s has an authorization of its own, %s, and is not protected by keyward: name it in Public, or take that away", name, *kind)
		return
	}
	r.methods = append(r.methods, method)
	for _, deployment := range r.deployed {
		deployment.Node().AddDependency(method)
	}
	method.SetAuthorizationType(jsii.String("CUSTOM"))
	method.SetAuthorizerId(r.authorizer.Ref())
	method.AddPropertyOverride(jsii.String("AuthorizationType"), "CUSTOM")
	method.AddPropertyOverride(jsii.String("AuthorizerId"), r.authorizer.Ref())
	if r.props.ForbiddenExit {
		method.SetApiKeyRequired(true)
		method.AddPropertyOverride(jsii.String("ApiKeyRequired"), true)
	}
}

// ours reports whether a method has been protected already.
func (r *restProtection) ours(method awsapigateway.CfnMethod) bool {
	return method.AuthorizerId() != nil && *method.AuthorizerId() == *r.authorizer.Ref()
}

// methodName is how Public names a method. One that is no construct of the L2 library has no path here, and can't be public.
func methodName(method awsapigateway.CfnMethod) string {
	if parent, ok := method.Node().Scope().(awsapigateway.Method); ok {
		return *method.HttpMethod() + " " + *parent.Resource().Path()
	}
	return *method.HttpMethod() + " of " + *method.Node().Path()
}

// redeploy makes a new deployment of whatever here changes what a deployment holds: a stage goes on with its old one otherwise,
// as open as that was. It does so once for each, and after the methods are protected: a deployment holds them as they are then.
func (r *restProtection) redeploy(deployment awsapigateway.Deployment) {
	if r.isMadeAnew(*deployment.DeploymentId()) {
		return
	}
	r.deployed = append(r.deployed, deployment)
	for _, method := range r.methods {
		deployment.Node().AddDependency(method)
	}
	deployment.AddToLogicalId(map[string]any{
		"authorizer": r.props.AuthorizerArn, "public": r.props.Public, "forbiddenExit": r.props.ForbiddenExit,
	})
}

func (r *restProtection) isMadeAnew(id string) bool {
	return slices.ContainsFunc(r.deployed, func(deployment awsapigateway.Deployment) bool { return *deployment.DeploymentId() == id })
}

// stale says which stage would go on serving what was deployed before the API was protected.
func (r *restProtection) stale() string {
	for _, one := range r.serves {
		if !r.isMadeAnew(one.deployment) {
			return fmt.Sprintf("%s serves a deployment that is not made anew when its methods change: give it one that awsapigateway.NewDeployment made in this app", one.stage)
		}
	}
	return ""
}

// stage notes a stage of the API, and one that nobody has told what it is.
func (r *restProtection) stage(stage awsapigateway.CfnStage) {
	deployment := ""
	if stage.DeploymentId() != nil {
		deployment = *stage.DeploymentId()
	}
	r.serves = append(r.serves, serving{*stage.Node().Path(), deployment})
	told := slices.ContainsFunc(r.stages, func(one RESTStage) bool {
		return *one.Stage.Node().DefaultChild().Node().Path() == *stage.Node().Path()
	})
	if !told {
		r.guard.problem("%s is in no entry of Stages, nor is Environment set: it would answer everybody with 503", *stage.Node().Path())
	}
}

// missing says that there is nothing to protect, which is a mistake.
func (r *restProtection) missing() string {
	if len(r.methods) == 0 {
		return fmt.Sprintf("%s has no method that is protected", *r.props.Api.Node().Path())
	}
	return ""
}
