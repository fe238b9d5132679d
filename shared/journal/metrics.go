package journal

import (
	"encoding/json"
	"time"

	"github.com/prozz/aws-embedded-metrics-golang/emf"

	"github.com/keyward/keyward/shared/metric"
)

// values are the metrics of a line: counts by name. Those that are 0 are left out, since each name costs bytes.
type values [8]int64

// valuesOf are the values of an entry that stands for weight of its kind.
func valuesOf(e Entry, store metric.Counts, cold bool, weight int64) values {
	var v values
	if e.Kind == Decision || e.Kind == unnamed {
		v[0], v[1] = weight, weight
	}
	if e.Status == statusUnavailable {
		v[2] = 1
	}
	v[3] = store.Requests * weight
	v[4], v[5], v[6] = store.Retries, store.Throttled, store.Failed
	if cold {
		v[7] = 1
	}
	return v
}

// statusUnavailable is the status of what nobody could tell.
const statusUnavailable = 503

// set are the metrics of v that are not 0, a bit for each of metric.Names.
func (v values) set() (set uint8) {
	for i, value := range v {
		if value != 0 {
			set |= 1 << i
		}
	}
	return set
}

// embed adds the metrics as CloudWatch's embedded metric format wants them: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
func (j *Journal) embed(l *line, at time.Time, e Entry, v values) {
	set := v.set()
	if set == 0 {
		return
	}
	l.name("_aws")
	*l = append(*l, `{"Timestamp":`...)
	*l = appendInt(*l, at.UnixMilli())
	*l = append(*l, `,"CloudWatchMetrics":`...)
	*l = append(*l, j.directive(set)...)
	*l = append(*l, '}')
	l.text(metric.Dimension, j.deployment)
	if v[0] != 0 {
		l.text(metric.CodeDimension, e.Code)
	}
	for i, name := range metric.Names {
		switch {
		case v[i] == 0:
		case name == metric.DecisionLatency:
			l.latencies(e.Took, v[i])
		default:
			l.number(string(name), v[i])
		}
	}
}

// latencies are as many values as the decision stands for. The format has no weights, but arrays of up to 100 numbers.
func (l *line) latencies(took time.Duration, count int64) {
	l.name(string(metric.DecisionLatency))
	if count == 1 {
		l.decimal(took)
		return
	}
	*l = append(*l, '[')
	for n := range count {
		if n > 0 {
			*l = append(*l, ',')
		}
		l.decimal(took)
	}
	*l = append(*l, ']')
}

// directive says which members of a line are metrics, for the metrics of that set. It is made once for each set.
func (j *Journal) directive(set uint8) []byte {
	if made := j.directives[set]; made != nil {
		return made
	}
	byCode, plain := directiveFor(metric.Decisions), directiveFor(metric.StoreRequests)
	for i, name := range metric.Names {
		of := &plain
		if name == metric.Decisions {
			of = &byCode
		}
		if set&(1<<i) != 0 {
			of.Metrics = append(of.Metrics, emf.MetricDefinition{Name: string(name), Unit: emf.MetricUnit(name.Unit())})
		}
	}
	var directives []emf.MetricDirective
	for _, directive := range []emf.MetricDirective{plain, byCode} {
		if len(directive.Metrics) > 0 {
			directives = append(directives, directive)
		}
	}
	made, err := json.Marshal(directives)
	if err != nil { // structs of strings
		panic(err)
	}
	j.directives[set] = made
	return made
}

func directiveFor(name metric.Name) emf.MetricDirective {
	return emf.MetricDirective{Namespace: metric.Namespace, Dimensions: []emf.DimensionSet{name.Dimensions()}}
}
