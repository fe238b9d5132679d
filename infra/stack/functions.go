package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/shared/httpapi"
)

// newFunctions makes the functions of the table, each with a role, a log group and a policy of its own.
func newFunctions(stack awscdk.Stack, config Config, data *Data) map[string]awslambda.Function {
	functions := map[string]awslambda.Function{}
	for _, row := range httpapi.Functions {
		functions[row.Name] = newFunction(stack, config, data, row)
	}
	return functions
}

func newFunction(stack awscdk.Stack, config Config, data *Data, row httpapi.Function) awslambda.Function {
	id := title(row.Name)
	logs := newLogGroup(stack, id+"Logs", config)
	role := newRole(stack, id+"Role", append(statements(stack, data, row, logs), tracing(config)...))
	function := awslambda.NewFunction(stack, &id, &awslambda.FunctionProps{
		FunctionName: config.name(row.Name),
		Description:  &row.Description,
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: architecture(config),
		Handler:      jsii.String("bootstrap"),
		Code:         awslambda.Code_FromAsset(jsii.String(config.zip(row.Name)), nil),
		Timeout:      awscdk.Duration_Seconds(jsii.Number(row.Seconds)),
		MemorySize:   jsii.Number(row.MemoryMB),
		Environment:  environment(config, data, row),
		LogGroup:     logs,
		Role:         role,
	})
	if config.Tracing {
		trace(function, role)
	}
	return function
}

// newRole makes a function's role. It has no managed policy: those name every resource there is.
func newRole(stack awscdk.Stack, id string, statements []awsiam.PolicyStatement) awsiam.Role {
	return awsiam.NewRole(stack, &id, &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"row": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &statements}),
		},
	})
}

func architecture(config Config) awslambda.Architecture {
	if config.Architecture == "amd64" {
		return awslambda.Architecture_X86_64()
	}
	return awslambda.Architecture_ARM_64()
}
