package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/shared/httpapi"
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
	data = data.on(stack, config)
	service := &Service{Stack: stack, Functions: newFunctions(stack, config, data)}
	makeSigningKeys(stack, config, data, service.Functions)
	logging := newLogging(stack, config)
	service.Admin = newAdminAPI(stack, config, service.Functions, logging)
	service.Sample = newSampleAPI(stack, config, service.Functions, logging)
	newSchedule(stack, config, service.Functions["cleanup"])
	newMonitoring(stack, config, data.Table)
	limitStages(stack, config.Throttle)
	service.output(newDomain(stack, config, service.Admin))
	service.export()
	service.warn(config)
	return service
}

// warn says what is unusual in config, on every deployment.
func (s *Service) warn(config Config) {
	warning := func(id, text string) {
		awscdk.Annotations_Of(s.Stack).AddWarningV2(jsii.String("keyward:"+id), &text)
	}
	if config.FirstAdmin == "" && config.Signup == string(session.SignupClosed) {
		warning("firstAdmin", "firstAdmin is not set: sign-up is closed, so nobody can sign in.")
	}
	if config.Catalog != nil && config.Catalog.Service(httpapi.SampleService) == nil {
		warning("catalog", "The catalog has no service "+httpapi.SampleService+", which the sample API stands for: that API answers 503. Your own do not need it.")
	}
	if config.RefuseAll {
		warning("refuseAll", "refuseAll is set: every request is refused with 503, but those of operators' sessions.")
	}
}
