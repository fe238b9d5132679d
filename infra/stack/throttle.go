package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/jsii-runtime-go"
)

// limitStages sets what every stage of stack lets through to each of its methods. API Gateway refuses the rest with its own 429,
// so that a flood of made-up secrets has a limit, and what it may cost too.
func limitStages(stack awscdk.Stack, throttle Throttle) {
	if throttle.ThrottleRate == 0 {
		return
	}
	for _, construct := range *stack.Node().FindAll("") {
		if stage, ok := construct.(awsapigateway.CfnStage); ok {
			stage.AddPropertyOverride(jsii.String("MethodSettings.0.ThrottlingRateLimit"), throttle.ThrottleRate)
			stage.AddPropertyOverride(jsii.String("MethodSettings.0.ThrottlingBurstLimit"), throttle.ThrottleBurst)
		}
	}
}
