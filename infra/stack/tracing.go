package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
)

// tracing is what a function may do beside its row where it is traced: send its traces. Neither action knows a resource
// to be limited to: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
func tracing(config Config) []awsiam.PolicyStatement {
	if !config.Tracing {
		return nil
	}
	return []awsiam.PolicyStatement{statement("Tracing", "*", "xray:PutTraceSegments", "xray:PutTelemetryRecords")}
}

// trace lets X-Ray trace a function, and explains the one wildcard of its role. CDK's own switch would add a second
// policy to the role.
func trace(function awslambda.Function, role awsiam.Role) {
	plain := function.Node().DefaultChild().(awslambda.CfnFunction)
	plain.SetTracingConfig(&awslambda.CfnFunction_TracingConfigProperty{Mode: jsii.String("Active")})
	suppress(role, "AwsSolutions-IAM5",
		"X-Ray's two actions for sending traces can't be limited to a resource; the statement is there where tracing is asked for")
}
