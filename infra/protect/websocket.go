package protect

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// connect is the only route of a WebSocket API that API Gateway asks an authorizer about.
const connect = "$connect"

// WebSocketProps say what to protect.
type WebSocketProps struct {
	Api           awsapigatewayv2.WebSocketApi
	AuthorizerArn *string // see RESTProps
	Service       string  // its routes in the catalog need a GET /$connect
	Stages        []Stage // all of them
	Permitted     bool    // see RESTProps
}

// WebSocket has the authorizer asked whenever a client connects, and at no other time: messages on an open connection are
// neither checked nor counted, and a revocation closes none. A refusal is API Gateway's own 401, 403 or 500.
func WebSocket(scope constructs.Construct, id string, props *WebSocketProps) constructs.Construct {
	construct := constructs.NewConstruct(scope, &id)
	authorizer := awsapigatewayv2.NewCfnAuthorizer(construct, jsii.String("Authorizer"), &awsapigatewayv2.CfnAuthorizerProps{
		ApiId:          props.Api.ApiId(),
		Name:           awscdk.Names_UniqueId(construct),
		AuthorizerType: jsii.String("REQUEST"),
		AuthorizerUri:  invocation(construct, props.AuthorizerArn),
		IdentitySource: &[]*string{},
	})
	if !props.Permitted {
		permit(construct, props.AuthorizerArn, props.Api.ApiId(), authorizer.Ref())
	}
	p := newRouteProtection(props.Api, authorizer, props.Service, props.Stages, nil)
	p.guard.expect(func() string {
		if len(*p.targets) == 0 {
			return fmt.Sprintf("%s has no route %s: API Gateway would let everybody connect", *props.Api.Node().Path(), connect)
		}
		return ""
	})
	p.guard.watch(construct, func(node constructs.IConstruct) {
		switch resource := node.(type) {
		case awsapigatewayv2.CfnApi:
			p.itself(resource)
		case awsapigatewayv2.CfnRoute:
			if *resource.RouteKey() == connect {
				p.route(resource)
			}
		case awsapigatewayv2.CfnStage:
			p.stage(resource)
		}
	})
	return construct
}
