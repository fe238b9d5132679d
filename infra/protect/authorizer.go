package protect

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// uncached is an authorizer's time to live. API Gateway's default for a REST API is 300 seconds, and a remembered answer
// neither counts nor sees a revocation.
const uncached = 0

// invocation is how API Gateway writes that it calls a function.
func invocation(scope constructs.Construct, functionArn *string) *string {
	stack := awscdk.Stack_Of(scope)
	return jsii.String("arn:" + *stack.Partition() + ":apigateway:" + *stack.Region() + ":lambda:path/2015-03-31/functions/" + *functionArn + "/invocations")
}

// permit lets exactly one authorizer of one API call the function, and nothing else of API Gateway.
func permit(scope constructs.Construct, functionArn, apiID, authorizerID *string) awslambda.CfnPermission {
	return awslambda.NewCfnPermission(scope, jsii.String("Permission"), &awslambda.CfnPermissionProps{
		Action:       jsii.String("lambda:InvokeFunction"),
		FunctionName: functionArn,
		Principal:    jsii.String("apigateway.amazonaws.com"),
		SourceArn: awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
			Service:      jsii.String("execute-api"),
			Resource:     apiID,
			ResourceName: jsii.String("authorizers/" + *authorizerID),
		}),
	})
}
