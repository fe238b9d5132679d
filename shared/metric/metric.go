// Package metric names what an operator sees and is alarmed by. The functions write each metric into the lines of their
// log, in CloudWatch's embedded metric format (shared/journal): nothing is called on the hot path.
package metric

// Namespace holds all metrics.
const Namespace = "keyward"

// Name is the name of a metric.
type Name string

// The metrics.
const (
	Decisions           Name = "Decisions"           // decisions, by code
	DecisionLatency     Name = "DecisionLatency"     // how long a decision took, inside the function
	DecisionUnavailable Name = "DecisionUnavailable" // requests that were refused because nobody could tell
	StoreRequests       Name = "StoreRequests"       // requests to the table, retries included
	StoreRetries        Name = "StoreRetries"        // those of them that were sent again
	StoreThrottled      Name = "StoreThrottled"      // those that were refused because too much was asked
	StoreFailed         Name = "StoreFailed"         // what was given up after such retries as there are
	ColdStarts          Name = "ColdStarts"          // processes that began to work
)

// Names are all metrics.
var Names = []Name{Decisions, DecisionLatency, DecisionUnavailable, StoreRequests, StoreRetries, StoreThrottled, StoreFailed, ColdStarts}

// Dimension is the dimension of every metric: the deployment that counts. So two in one account don't meet, and an
// alarm watches all functions of one.
const Dimension = "Deployment"

// CodeDimension is the second dimension of Decisions, and of no other: each of its values is one more metric to pay.
const CodeDimension = "Code"

// Unit is the unit of a metric, as CloudWatch spells it.
func (n Name) Unit() string {
	if n == DecisionLatency {
		return "Milliseconds"
	}
	return "Count"
}

// Dimensions are those of the metric.
func (n Name) Dimensions() []string {
	if n == Decisions {
		return []string{Dimension, CodeDimension}
	}
	return []string{Dimension}
}
