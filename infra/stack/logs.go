package stack

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

func newLogGroup(stack awscdk.Stack, id string, config Config) awslogs.LogGroup {
	return awslogs.NewLogGroup(stack, &id, &awslogs.LogGroupProps{
		Retention:     retentions[config.LogRetentionDays],
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
	})
}

// logging is where the stages of the APIs write their access logs.
type logging struct {
	group   awslogs.LogGroup
	account constructs.IDependable // nil: somebody else has set the account's role
	tracing *bool                  // whether the stages are traced; nil: they are not
}

func newLogging(stack awscdk.Stack, config Config) logging {
	to := logging{group: newLogGroup(stack, "AccessLogs", config)}
	if config.Tracing {
		to.tracing = &config.Tracing
	}
	if config.CloudWatchRole {
		to.account = newLoggingRole(stack)
	}
	return to
}

// newLoggingRole sets the one role that an account and region has for all its REST APIs' logs. Role and setting
// stay when the stack goes, since other APIs may write their logs by it.
func newLoggingRole(stack awscdk.Stack) awsapigateway.CfnAccount {
	role := awsiam.NewRole(stack, jsii.String("LoggingRole"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("apigateway.amazonaws.com"), nil),
		ManagedPolicies: &[]awsiam.IManagedPolicy{awsiam.ManagedPolicy_FromAwsManagedPolicyName(
			jsii.String("service-role/AmazonAPIGatewayPushToCloudWatchLogs"))},
	})
	role.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN)
	suppress(role, "AwsSolutions-IAM4",
		"The role is the account's, for every API in it, and this is the policy that AWS documents for it; no function has a managed policy")
	account := awsapigateway.NewCfnAccount(stack, jsii.String("LoggingAccount"), &awsapigateway.CfnAccountProps{
		CloudWatchRoleArn: role.RoleArn(),
	})
	account.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	return account
}

// accessLog is what a line of the access log says. Nothing in it was written by a caller: no header, no query
// string, the resource's path instead of the request's, which may hold what should not be there, and the id that API Gateway
// gives instead of $context.requestId, which a caller may choose.
var accessLog = map[string]string{
	"time":         "$context.requestTimeEpoch",
	"gateway_id":   "$context.extendedRequestId",
	"api":          "$context.apiId",
	"stage":        "$context.stage",
	"method":       "$context.httpMethod",
	"resource":     "$context.resourcePath",
	"status":       "$context.status",
	"exit":         "$context.error.responseType",
	"ip":           "$context.identity.sourceIp",
	"key_id":       "$context.authorizer.key_id",
	"organization": "$context.authorizer.organization",
	"code":         "$context.authorizer.code",
	"bytes":        "$context.responseLength",
	"milliseconds": "$context.responseLatency",
	"authorizer":   "$context.authorizer.integrationLatency",
}

func accessLogFormat() awsapigateway.AccessLogFormat {
	line, err := json.Marshal(accessLog)
	if err != nil {
		panic(err) // a map of strings
	}
	return awsapigateway.AccessLogFormat_Custom(jsii.String(string(line)))
}

// retentions are the times in days that CloudWatch can keep logs for.
var retentions = map[int]awslogs.RetentionDays{
	1:    awslogs.RetentionDays_ONE_DAY,
	3:    awslogs.RetentionDays_THREE_DAYS,
	5:    awslogs.RetentionDays_FIVE_DAYS,
	7:    awslogs.RetentionDays_ONE_WEEK,
	14:   awslogs.RetentionDays_TWO_WEEKS,
	30:   awslogs.RetentionDays_ONE_MONTH,
	60:   awslogs.RetentionDays_TWO_MONTHS,
	90:   awslogs.RetentionDays_THREE_MONTHS,
	120:  awslogs.RetentionDays_FOUR_MONTHS,
	150:  awslogs.RetentionDays_FIVE_MONTHS,
	180:  awslogs.RetentionDays_SIX_MONTHS,
	365:  awslogs.RetentionDays_ONE_YEAR,
	400:  awslogs.RetentionDays_THIRTEEN_MONTHS,
	545:  awslogs.RetentionDays_EIGHTEEN_MONTHS,
	731:  awslogs.RetentionDays_TWO_YEARS,
	1096: awslogs.RetentionDays_THREE_YEARS,
	1827: awslogs.RetentionDays_FIVE_YEARS,
	3653: awslogs.RetentionDays_TEN_YEARS,
}
