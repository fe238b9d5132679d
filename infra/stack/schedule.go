package stack

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/jsii-runtime-go"
)

// newSchedule runs cleanup every few minutes. A run that fails is not queued: the next one finds the same work,
// and alarms tell of runs that fail and of runs that do not come.
func newSchedule(stack awscdk.Stack, config Config, cleanup awslambda.Function) {
	cleanup.ConfigureAsyncInvoke(&awslambda.EventInvokeConfigOptions{
		RetryAttempts: jsii.Number(0),
		MaxEventAge:   awscdk.Duration_Minutes(jsii.Number(config.CleanupMinutes)),
	})
	awsscheduler.NewCfnSchedule(stack, jsii.String("CleanupSchedule"), &awsscheduler.CfnScheduleProps{
		Name:               config.name("cleanup"),
		Description:        jsii.String("Runs keyward's cleanup"),
		ScheduleExpression: jsii.String(rate(config.CleanupMinutes)),
		FlexibleTimeWindow: &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
		Target: &awsscheduler.CfnSchedule_TargetProperty{
			Arn:     cleanup.FunctionArn(),
			RoleArn: newSchedulerRole(stack, cleanup).RoleArn(),
			RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
				MaximumRetryAttempts:     jsii.Number(2),
				MaximumEventAgeInSeconds: jsii.Number(60 * config.CleanupMinutes),
			},
		},
	})
}

// newSchedulerRole lets EventBridge Scheduler call cleanup, on behalf of this account and no other.
func newSchedulerRole(stack awscdk.Stack, cleanup awslambda.Function) awsiam.Role {
	call := []awsiam.PolicyStatement{statement("Call", *cleanup.FunctionArn(), "lambda:InvokeFunction")}
	return awsiam.NewRole(stack, jsii.String("SchedulerRole"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("scheduler.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()}},
		}),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"cleanup": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &call}),
		},
	})
}

// rate is a time between runs as EventBridge Scheduler writes it.
func rate(minutes int) string {
	if minutes == 1 {
		return "rate(1 minute)"
	}
	return fmt.Sprintf("rate(%d minutes)", minutes)
}
