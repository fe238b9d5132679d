package stack_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/infra/stack"
	"github.com/keyward/keyward/shared/httpapi"
)

// TestCleanupIsCalledEveryFewMinutes reads the schedule and what its role may do.
func TestCleanupIsCalledEveryFewMinutes(t *testing.T) {
	d := usual()
	cleanup, _ := d.service.named(t, "AWS::Lambda::Function", "FunctionName", "keyward-cleanup")
	_, schedule := d.service.only(t, "AWS::Scheduler::Schedule")
	role := at(schedule.Properties, "Target", "RoleArn", "Fn::GetAtt", 0).(string)
	want := map[string]any{
		"Name": "keyward-cleanup", "Description": "Runs keyward's cleanup",
		"ScheduleExpression": "rate(5 minutes)",
		"FlexibleTimeWindow": map[string]any{"Mode": "OFF"},
		"Target": map[string]any{
			"Arn":         map[string]any{"Fn::GetAtt": []any{cleanup, "Arn"}},
			"RoleArn":     map[string]any{"Fn::GetAtt": []any{role, "Arn"}},
			"RetryPolicy": map[string]any{"MaximumRetryAttempts": 2.0, "MaximumEventAgeInSeconds": 300.0},
		},
	}
	if diff := cmp.Diff(want, schedule.Properties); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"lambda:InvokeFunction on ${" + cleanup + ".Arn}"}, d.allowed(d.service.Resources[role])); diff != "" {
		t.Errorf("the scheduler's role (-want +got):\n%s", diff)
	}
	_, every := optional().service.only(t, "AWS::Scheduler::Schedule")
	if every.Properties["ScheduleExpression"] != "rate(1 minute)" {
		t.Errorf("cleanupMinutes=1 gives %v", every.Properties["ScheduleExpression"])
	}
}

// TestAlarmsAreTheTable compares the alarms with the table that the documentation is tested against, both ways.
func TestAlarmsAreTheTable(t *testing.T) {
	d := usual()
	table, _ := d.data.only(t, "AWS::DynamoDB::Table")
	want := map[string]stack.Alarm{}
	for _, row := range (stack.Deployment{Name: "keyward", Table: "${" + table + "}"}).Alarms() {
		want["keyward-"+row.Name] = row
	}
	got := map[string]stack.Alarm{}
	for _, id := range d.service.ids("AWS::CloudWatch::Alarm") {
		properties := d.service.Resources[id].Properties
		got[properties["AlarmName"].(string)] = d.alarm(properties)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-table +template):\n%s", diff)
	}
}

// alarm is the row that an alarm's properties come to.
func (d deployment) alarm(properties map[string]any) stack.Alarm {
	row := stack.Alarm{
		Name:        strings.TrimPrefix(properties["AlarmName"].(string), "keyward-"),
		Description: properties["AlarmDescription"].(string),
		Below:       properties["ComparisonOperator"] == "LessThanThreshold" && properties["TreatMissingData"] == "breaching",
		Threshold:   properties["Threshold"].(float64),
		Periods:     int(properties["EvaluationPeriods"].(float64)),
	}
	dimensions := list(properties["Dimensions"])
	row.Minutes = int(properties["Period"].(float64)) / 60
	row.Metric.Namespace = properties["Namespace"].(string)
	row.Metric.Name = properties["MetricName"].(string)
	row.Metric.Statistic = properties["Statistic"].(string)
	row.Metric.Dimension = at(dimensions, 0, "Name").(string)
	row.Metric.Values = []string{d.text(at(dimensions, 0, "Value"))}
	for _, fixed := range dimensions[1:] {
		row.Metric.Fixed = map[string]string{at(fixed, "Name").(string): d.text(at(fixed, "Value"))}
	}
	return row
}

// TestEveryFailureHasAnAlarm names what must never go unseen.
func TestEveryFailureHasAnAlarm(t *testing.T) {
	alarms := map[string]stack.Alarm{}
	for _, row := range (stack.Deployment{Name: "keyward", Table: "table"}).Alarms() {
		if len(row.Metric.Values) != 1 {
			t.Errorf("%s watches %d metrics; an alarm watches one", row.Name, len(row.Metric.Values))
		}
		alarms[row.Name] = row
	}
	must := []string{"decisions-unavailable", "store-throttled", "table-errors", "cleanup-errors", "cleanup-silent", "admin-api-5xx", "sample-api-5xx"}
	for _, row := range httpapi.Functions {
		must = append(must, row.Name+"-throttles")
		if row.Name != "authorizer" {
			must = append(must, row.Name+"-errors")
		}
	}
	for _, name := range must {
		if alarms[name].Name == "" {
			t.Errorf("no alarm %s", name)
		}
	}
	if _, noisy := alarms["authorizer-errors"]; noisy {
		t.Error("every 401 counts as an error of the authorizer, and would set off authorizer-errors")
	}
}

// TestAlarmsReachTheAddressThatWasGiven checks that the topic lets CloudWatch in and nobody in without TLS.
func TestAlarmsReachTheAddressThatWasGiven(t *testing.T) {
	d := optional()
	topic, _ := d.service.only(t, "AWS::SNS::Topic")
	_, subscription := d.service.only(t, "AWS::SNS::Subscription")
	if subscription.Properties["Endpoint"] != "alarms@example.com" || at(subscription.Properties, "TopicArn", "Ref") != topic {
		t.Errorf("subscription %v", subscription.Properties)
	}
	for _, id := range d.service.ids("AWS::CloudWatch::Alarm") {
		if at(d.service.Resources[id].Properties, "AlarmActions", 0, "Ref") != topic {
			t.Errorf("%s tells nobody", id)
		}
	}
	_, policy := d.service.only(t, "AWS::SNS::TopicPolicy")
	text := string(must(json.Marshal(policy.Properties["PolicyDocument"])))
	for _, part := range []string{`"cloudwatch.amazonaws.com"`, `"aws:SourceAccount"`, `"aws:SecureTransport":"false"`} {
		if !strings.Contains(text, part) {
			t.Errorf("the topic's policy has no %s: %s", part, text)
		}
	}
	if topics := usual().service.ids("AWS::SNS::Topic"); topics != nil {
		t.Errorf("no address was given, and yet there is %v", topics)
	}
}

// TestDashboardShowsWhatTheAlarmsWatch holds so that whoever is woken finds the graph.
func TestDashboardShowsWhatTheAlarmsWatch(t *testing.T) {
	d := usual()
	_, dashboard := d.service.only(t, "AWS::CloudWatch::Dashboard")
	body := d.text(dashboard.Properties["DashboardBody"])
	var parsed struct{ Widgets []any }
	if err := json.Unmarshal([]byte(body), &parsed); err != nil {
		t.Fatalf("the dashboard is no JSON: %v", err)
	}
	deployment := stack.Deployment{Name: "keyward"}
	if want := len(deployment.Graphs()); len(parsed.Widgets) != want {
		t.Errorf("%d widgets, want %d", len(parsed.Widgets), want)
	}
	for _, row := range deployment.Alarms() {
		for _, value := range row.Metric.Values {
			shown := string(must(json.Marshal([]string{row.Metric.Namespace, row.Metric.Name, row.Metric.Dimension, value})))
			if !strings.Contains(body, strings.TrimSuffix(shown, "]")) {
				t.Errorf("%s watches %s, which no graph shows", row.Name, shown)
			}
		}
	}
}
