// Package metric counts what an operator is alarmed by, in CloudWatch's embedded metric format: a line of the log
// is the metric, and nothing is called on the hot path.
package metric

import (
	"io"

	"github.com/prozz/aws-embedded-metrics-golang/emf"
)

// Namespace holds all metrics.
const Namespace = "keyward"

// Name is the name of a metric; each counts occurrences.
type Name string

// The metrics.
const (
	DecisionUnavailable Name = "DecisionUnavailable" // a request was refused because nobody could tell
	StoreThrottled      Name = "StoreThrottled"      // the store refused to answer because it was asked too often
)

// Counter counts one occurrence of a metric.
type Counter func(Name)

// Dimension is the one dimension of every metric: the deployment that counts. So two in one account don't meet, and an
// alarm watches all functions of one.
const Dimension = "Deployment"

// Embedded counts for deployment by writing lines of the embedded metric format to out.
func Embedded(out io.Writer, deployment string) Counter {
	return func(name Name) {
		emf.New(emf.WithWriter(out), emf.WithoutDimensions()).
			Namespace(Namespace).Dimension(Dimension, deployment).Metric(string(name), 1).Log()
	}
}

// None counts nothing: there is nobody to alarm.
func None(Name) {}
