package stack

import (
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/metric"
)

// Metric is a metric for each of the values of one of its dimensions.
type Metric struct {
	Namespace string
	Name      string
	Statistic string
	Fixed     map[string]string // dimensions that are the same for all
	Dimension string
	Values    []string // an alarm watches one
}

// Alarm is a row of the table of alarms: it goes off when Metric is at or beyond Threshold for Periods.
type Alarm struct {
	Name        string
	Description string
	Metric      Metric
	Below       bool // goes off below Threshold, and where there is no data
	Threshold   float64
	Minutes     int // of one period
	Periods     int
}

// Deployment is what the alarms of one deployment watch.
type Deployment struct {
	Name  string
	Table string
}

func (d Deployment) function(name string) string { return d.Name + "-" + name }

// Alarms are all alarms: one table, which the template and the documentation are tested against.
func (d Deployment) Alarms() []Alarm {
	alarms := []Alarm{
		{
			Name:        "decisions-unavailable",
			Description: "Requests are refused with 503 because the store or the identity provider can't answer",
			Metric:      d.own(metric.DecisionUnavailable), Threshold: 5, Minutes: 1, Periods: 2,
		},
		{
			Name:        "store-throttled",
			Description: "A key gets more requests than one DynamoDB item takes (1,000 writes a second)",
			Metric:      d.own(metric.StoreThrottled), Threshold: 10, Minutes: 1, Periods: 3,
		},
		{
			Name:        "table-errors",
			Description: "Requests to the table fail, after such retries as there are: see the functions' logs, and DynamoDB's health",
			Metric:      d.own(metric.StoreFailed), Threshold: 5, Minutes: 5, Periods: 1,
		},
		{
			Name:        "cleanup-silent",
			Description: "Cleanup has not run for two hours: look at its schedule. No decision waits for it",
			Metric:      d.Lambda("Invocations", "cleanup"), Below: true, Threshold: 1, Minutes: 60, Periods: 2,
		},
	}
	for _, api := range []string{"admin", "sample"} {
		alarms = append(alarms, Alarm{
			Name:        api + "-api-5xx",
			Description: "The " + api + " API answers with 5xx: see the access log's exit, then the function's log",
			Metric:      d.API("5XXError", api), Threshold: 5, Minutes: 5, Periods: 1,
		})
	}
	return append(alarms, d.functionAlarms()...)
}

// functionAlarms watch each function. The authorizer's errors are left out: a 401 is one of them, as API Gateway
// asks for; its own metrics, and the APIs' 5xx, tell when it fails.
func (d Deployment) functionAlarms() []Alarm {
	var alarms []Alarm
	for _, row := range httpapi.Functions {
		if row.Name != "authorizer" {
			alarms = append(alarms, Alarm{
				Name:        row.Name + "-errors",
				Description: "The function " + row.Name + " crashes, times out or gives up: see its log",
				Metric:      d.Lambda("Errors", row.Name), Threshold: 1, Minutes: 5, Periods: 1,
			})
		}
		alarms = append(alarms, Alarm{
			Name:        row.Name + "-throttles",
			Description: "Lambda refuses to run " + row.Name + ": raise the account's concurrency",
			Metric:      d.Lambda("Throttles", row.Name), Threshold: 1, Minutes: 5, Periods: 1,
		})
	}
	return alarms
}

// own is a metric that the functions count. Its dimension tells two deployments in one account apart.
func (d Deployment) own(name metric.Name) Metric {
	return Metric{
		Namespace: metric.Namespace, Name: string(name), Statistic: "Sum",
		Dimension: metric.Dimension, Values: []string{d.Name},
	}
}

// decisions are the deployment's decisions, by the codes that a key's request can come to.
func (d Deployment) decisions() Metric {
	codes := make([]string, len(apikey.Reasons))
	for i, reason := range apikey.Reasons {
		codes[i] = string(reason)
	}
	return Metric{
		Namespace: metric.Namespace, Name: string(metric.Decisions), Statistic: "Sum",
		Fixed:     map[string]string{metric.Dimension: d.Name},
		Dimension: metric.CodeDimension, Values: codes,
	}
}

// Lambda is a metric of functions.
func (d Deployment) Lambda(name string, functions ...string) Metric {
	values := make([]string, len(functions))
	for i, function := range functions {
		values[i] = d.function(function)
	}
	return Metric{Namespace: "AWS/Lambda", Name: name, Statistic: "Sum", Dimension: "FunctionName", Values: values}
}

// API is a metric of a REST API, all stages together.
func (d Deployment) API(name, api string) Metric {
	return Metric{
		Namespace: "AWS/ApiGateway", Name: name, Statistic: "Sum",
		Dimension: "ApiName", Values: []string{d.Name + "-" + api},
	}
}

// TableErrors are DynamoDB's own failures, over the operations that we use.
func (d Deployment) TableErrors() Metric {
	return Metric{
		Namespace: "AWS/DynamoDB", Name: "SystemErrors", Statistic: "Sum",
		Fixed:     map[string]string{"TableName": d.Table},
		Dimension: "Operation",
		Values: []string{
			"GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems",
		},
	}
}
