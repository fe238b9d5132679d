package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/shared/session"
)

// Service is the stack of what runs. It keeps nothing but logs, and can be removed and made again.
type Service struct {
	Stack     awscdk.Stack
	Functions map[string]awslambda.Function // by the name of their row
	Admin     awsapigateway.RestApi
	Sample    awsapigateway.RestApi
}

func newService(app awscdk.App, config Config, data *Data) *Service {
	stack := awscdk.NewStack(app, &config.Name, &awscdk.StackProps{
		Description: jsii.String("keyward: functions, APIs, schedule, alarms"),
	})
	service := &Service{Stack: stack, Functions: newFunctions(stack, config, data)}
	makeSigningKeys(stack, config, data, service.Functions)
	logging := newLogging(stack, config)
	service.Admin = newAdminAPI(stack, config, service.Functions, logging)
	service.Sample = newSampleAPI(stack, config, service.Functions, logging)
	newSchedule(stack, config, service.Functions["cleanup"])
	newMonitoring(stack, config, data.Table)
	service.output()
	if config.FirstAdmin == "" && config.Signup == string(session.SignupClosed) {
		awscdk.Annotations_Of(stack).AddWarningV2(jsii.String("keyward:firstAdmin"),
			jsii.String("firstAdmin is not set: sign-up is closed, so nobody can sign in."))
	}
	return service
}
