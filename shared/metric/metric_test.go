package metric_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/metric"
)

// embedded is what CloudWatch reads of a line.
type embedded struct {
	AWS struct {
		Timestamp         int64
		CloudWatchMetrics []struct {
			Namespace  string
			Dimensions [][]string
			Metrics    []struct{ Name string }
		}
	} `json:"_aws"`
}

// An alarm watches a metric by namespace, name and dimension: the line must say all of them, with the count of one.
func TestAMetricIsOneLineThatCloudWatchReads(t *testing.T) {
	for _, name := range []metric.Name{metric.DecisionUnavailable, metric.StoreThrottled} {
		t.Run(string(name), func(t *testing.T) {
			var out bytes.Buffer
			metric.Embedded(&out, "keyward")(name)
			if lines := strings.Count(out.String(), "\n"); lines != 1 || !strings.HasSuffix(out.String(), "\n") {
				t.Errorf("%d lines in %q, want one", lines, out.String())
			}
			var line embedded
			var fields map[string]any
			for _, into := range []any{&line, &fields} {
				if err := json.Unmarshal(out.Bytes(), into); err != nil {
					t.Fatalf("%s: %v", out.String(), err)
				}
			}
			if line.AWS.Timestamp == 0 || len(line.AWS.CloudWatchMetrics) != 1 {
				t.Fatalf("the line is %s", out.String())
			}
			directive := line.AWS.CloudWatchMetrics[0]
			got := []any{directive.Namespace, directive.Dimensions, len(directive.Metrics), directive.Metrics[0].Name, fields[string(name)], fields["Deployment"]}
			want := []any{"keyward", [][]string{{"Deployment"}}, 1, string(name), 1.0, "keyward"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestEveryOccurrenceIsALine(t *testing.T) {
	var out bytes.Buffer
	count := metric.Embedded(&out, "f")
	for range 3 {
		count(metric.StoreThrottled)
	}
	metric.None(metric.StoreThrottled)
	if lines := strings.Count(out.String(), "\n"); lines != 3 {
		t.Errorf("%d lines, want 3", lines)
	}
}
