package stack_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/infra/stack"
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/metric"
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

// ours are the names of the metrics of ours that those show.
func ours(metrics []stack.Metric) []string {
	var names []string
	for _, m := range metrics {
		if m.Namespace == metric.Namespace {
			names = append(names, m.Name)
		}
	}
	return names
}

// An alarm on a metric that nobody counts never goes off, and a metric that nobody sees is paid for nothing. What the
// functions do count is tested in shared/journal, by the same names.
func TestTheMetricsOfOursAreThoseThatTheFunctionsCount(t *testing.T) {
	deployment := stack.Deployment{Name: "keyward", Table: "table"}
	var counted, shown, watched []string
	for _, name := range metric.Names {
		counted = append(counted, string(name))
	}
	all := []stack.Metric{}
	for _, graph := range deployment.Graphs() {
		all = append(all, graph.Metrics...)
	}
	shown = ours(all)
	for _, row := range deployment.Alarms() {
		watched = append(watched, ours([]stack.Metric{row.Metric})...)
	}
	for _, name := range slices.Concat(shown, watched) {
		if !slices.Contains(counted, name) {
			t.Errorf("%s is shown or watched, and nobody counts it", name)
		}
	}
	for _, name := range counted {
		if !slices.Contains(shown, name) {
			t.Errorf("%s is counted, and no graph shows it", name)
		}
	}
	if diff := cmp.Diff([]string{"DecisionUnavailable", "StoreThrottled", "StoreFailed"}, watched); diff != "" {
		t.Errorf("alarms watch others (-want +got):\n%s", diff)
	}
}

// A metric is a name and exactly its dimensions: with one more or less CloudWatch finds nothing.
func TestTheMetricsOfOursHaveTheirDimensions(t *testing.T) {
	for _, graph := range (stack.Deployment{Name: "keyward"}).Graphs() {
		for _, m := range graph.Metrics {
			if m.Namespace != metric.Namespace {
				continue
			}
			got := append(slices.Collect(maps.Keys(m.Fixed)), m.Dimension)
			want := metric.Name(m.Name).Dimensions()
			slices.Sort(got)
			if diff := cmp.Diff(slices.Sorted(slices.Values(want)), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", m.Name, diff)
			}
			if value := map[bool]string{true: m.Values[0], false: m.Fixed[metric.Dimension]}[m.Dimension == metric.Dimension]; value != "keyward" {
				t.Errorf("%s is of the deployment %q", m.Name, value)
			}
		}
	}
}

// Tracing costs money and a permission: without the context value there is nothing of it.
func TestTracingIsOnlyWhereItIsAskedFor(t *testing.T) {
	for asked, d := range map[bool]deployment{false: usual(), true: optional()} {
		for _, id := range d.service.ids("AWS::Lambda::Function") {
			function := d.service.Resources[id].Properties
			if name, _ := function["FunctionName"].(string); name == "" { // CDK's own
				continue
			}
			if got := at(function, "TracingConfig", "Mode") == "Active"; got != asked {
				t.Errorf("tracing %t: %s is traced: %t", asked, id, got)
			}
		}
		for _, id := range d.service.ids("AWS::ApiGateway::Stage") {
			if got := d.service.Resources[id].Properties["TracingEnabled"] == true; got != asked {
				t.Errorf("tracing %t: %s is traced: %t", asked, id, got)
			}
		}
	}
}
