package stack

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/metric"
)

// Graph is a graph of the dashboard.
type Graph struct {
	Title   string
	Metrics []Metric
}

// Graphs are the dashboard, from what callers see down to what it rests on.
func (d Deployment) Graphs() []Graph {
	functions := make([]string, len(httpapi.Functions))
	for i, row := range httpapi.Functions {
		functions[i] = row.Name
	}
	duration := d.Lambda("Duration", "authorizer", "verify")
	return []Graph{
		{"Requests to protected APIs", []Metric{d.API("Count", "sample"), d.API("4XXError", "sample"), d.API("5XXError", "sample")}},
		{"Requests to the admin API", []Metric{d.API("Count", "admin"), d.API("4XXError", "admin"), d.API("5XXError", "admin")}},
		{"Decisions by code", []Metric{d.decisions()}},
		{"Time of a decision, in the function (ms)", []Metric{d.own(metric.DecisionLatency).at("p50"), d.own(metric.DecisionLatency).at("p99")}},
		{"Time of an invocation (ms)", []Metric{duration.at("p50"), duration.at("p99")}},
		{"Requests refused because nobody could tell", []Metric{d.own(metric.DecisionUnavailable)}},
		{"Requests to the table", []Metric{d.own(metric.StoreRequests), d.own(metric.StoreRetries)}},
		{"Requests to the table that were throttled, or failed", []Metric{d.own(metric.StoreThrottled), d.own(metric.StoreFailed)}},
		{"Cold starts", []Metric{d.own(metric.ColdStarts)}},
		{"Errors of functions (the authorizer's include every 401)", []Metric{d.Lambda("Errors", functions...)}},
		{"Throttles of functions", []Metric{d.Lambda("Throttles", functions...)}},
		{"Table: capacity consumed", []Metric{d.table("ConsumedWriteCapacityUnits"), d.table("ConsumedReadCapacityUnits")}},
		{"Table: DynamoDB's own errors", []Metric{d.TableErrors()}},
		{"Cleanup", []Metric{d.Lambda("Invocations", "cleanup"), d.Lambda("Errors", "cleanup"), d.Lambda("Duration", "cleanup").at("Maximum")}},
	}
}

func (d Deployment) table(name string) Metric {
	return Metric{
		Namespace: "AWS/DynamoDB", Name: name, Statistic: "Sum", Dimension: "TableName", Values: []string{d.Table},
	}
}

func (m Metric) at(statistic string) Metric {
	m.Statistic = statistic
	return m
}

func newDashboard(stack awscdk.Stack, config Config, deployment Deployment) {
	awscloudwatch.NewCfnDashboard(stack, jsii.String("Dashboard"), &awscloudwatch.CfnDashboardProps{
		DashboardName: &config.Name,
		DashboardBody: jsii.String(dashboardBody(deployment.Graphs(), *stack.Region())),
	})
}

// dashboardBody lays graphs out in two columns, in CloudWatch's own language.
func dashboardBody(graphs []Graph, region string) string {
	const width, height = 12, 6
	widgets := make([]any, len(graphs))
	for i, graph := range graphs {
		widgets[i] = map[string]any{
			"type": "metric", "width": width, "height": height, "x": i % 2 * width, "y": i / 2 * height,
			"properties": map[string]any{
				"title": graph.Title, "region": region, "view": "timeSeries", "period": 60, "metrics": lines(graph),
			},
		}
	}
	body, err := json.Marshal(map[string]any{"widgets": widgets})
	if err != nil {
		panic(err) // maps of strings and numbers
	}
	return string(body)
}

func lines(graph Graph) []any {
	var lines []any
	for _, m := range graph.Metrics {
		for _, value := range m.Values {
			line := []any{m.Namespace, m.Name, m.Dimension, value}
			for _, name := range slices.Sorted(maps.Keys(m.Fixed)) {
				line = append(line, name, m.Fixed[name])
			}
			lines = append(lines, append(line, map[string]string{"stat": m.Statistic}))
		}
	}
	return lines
}
