package stack

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/jsii-runtime-go"
)

// newMonitoring makes the alarms of the table, whoever is told of them, and the dashboard.
func newMonitoring(stack awscdk.Stack, config Config, table awsdynamodb.ITable) {
	deployment := Deployment{Name: config.Name, Table: *table.TableName()}
	var actions []any
	if config.AlarmEmail != "" {
		actions = append(actions, newAlarmTopic(stack, config).TopicArn())
	}
	for _, row := range deployment.Alarms() {
		newAlarm(stack, config, row, actions)
	}
	newDashboard(stack, config, deployment)
}

func newAlarm(stack awscdk.Stack, config Config, row Alarm, actions []any) {
	comparison, missing := "GreaterThanOrEqualToThreshold", "notBreaching"
	if row.Below {
		comparison, missing = "LessThanThreshold", "breaching"
	}
	awscloudwatch.NewCfnAlarm(stack, jsii.String("Alarm-"+row.Name), &awscloudwatch.CfnAlarmProps{
		AlarmName:          config.name(row.Name),
		AlarmDescription:   &row.Description,
		AlarmActions:       &actions,
		OkActions:          &actions,
		ComparisonOperator: &comparison,
		Threshold:          &row.Threshold,
		EvaluationPeriods:  jsii.Number(row.Periods),
		TreatMissingData:   &missing,
		Namespace:          &row.Metric.Namespace,
		MetricName:         &row.Metric.Name,
		Statistic:          &row.Metric.Statistic,
		Period:             jsii.Number(60 * row.Minutes),
		Dimensions:         dimensions(row.Metric, row.Metric.Values[0]),
	})
}

func dimensions(metric Metric, value string) []any {
	dimensions := []any{&awscloudwatch.CfnAlarm_DimensionProperty{Name: &metric.Dimension, Value: &value}}
	for _, name := range slices.Sorted(maps.Keys(metric.Fixed)) {
		dimensions = append(dimensions, &awscloudwatch.CfnAlarm_DimensionProperty{
			Name: jsii.String(name), Value: jsii.String(metric.Fixed[name]),
		})
	}
	return dimensions
}

// newAlarmTopic sends alarms to an e-mail address, which has to confirm it once. A topic's own policy takes the
// place of the default one, so it has to let this account's alarms in.
func newAlarmTopic(stack awscdk.Stack, config Config) awssns.Topic {
	topic := awssns.NewTopic(stack, jsii.String("Alarms"), &awssns.TopicProps{EnforceSSL: jsii.Bool(true)})
	topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(&config.AlarmEmail, nil))
	topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil)},
		Actions:    jsii.Strings("sns:Publish"),
		Resources:  &[]*string{topic.TopicArn()},
		Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()}},
	}))
	suppress(topic, "AwsSolutions-SNS2",
		"An alarm's message is its name and a number. CloudWatch can't publish through AWS's own key, and another one costs money every month")
	return topic
}
