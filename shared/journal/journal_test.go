package journal

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"math"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/metric"
)

// full is an entry of which nothing is empty.
var full = Entry{
	Kind: Decision, RequestID: "7f1c8e0a-0000-4000-8000-000000000001", Surface: Verify, Code: "allowed", Status: 200,
	KeyID: "key_0aB1cD2e", Member: "m", By: "key:key_9zY8xW7v", Organization: "org_1", Environment: "production", Service: "dns",
	Method: "GET", Resource: "/zones/{zone}", Address: netip.MustParseAddr("203.0.113.9"), Took: 4512345 * time.Nanosecond,
}

// fullLine are the fields of its line, as docs/observability.md promises them.
var fullLine = map[string]any{
	"level": "INFO", "msg": "decision", "v": 1.0, "request_id": full.RequestID, "surface": "verify", "code": "allowed", "status": 200.0,
	"key_id": full.KeyID, "member": "m", "by": full.By, "organization": "org_1", "environment": "production", "service": "dns",
	"method": "GET", "resource": "/zones/{zone}", "ip": "203.0.113.9", "duration_ms": 4.512,
}

// warm is a journal whose process has written before, and its lines from then on.
func warm(share float64, tally *metric.Tally) (*Journal, *bytes.Buffer) {
	out := new(bytes.Buffer)
	j := Embedded(out, "keyward", share, tally)
	j.warm = true
	return j, out
}

func parsed(t *testing.T, line string) map[string]any {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal([]byte(line), &fields); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return fields
}

// with is fields and more of them.
func with(fields map[string]any, more map[string]any) map[string]any {
	all := map[string]any{}
	for _, some := range []map[string]any{fields, more} {
		for name, value := range some {
			all[name] = value
		}
	}
	return all
}

// A line is one object with exactly the promised fields, and the metrics beside them.
func TestALineHasThePromisedFields(t *testing.T) {
	var tally metric.Tally
	tally.Requested()
	j, out := warm(1, &tally)
	j.Write(t.Context(), full)
	if lines := strings.Count(out.String(), "\n"); lines != 1 || !strings.HasSuffix(out.String(), "}\n") {
		t.Fatalf("%d lines: %q", lines, out.String())
	}
	got := parsed(t, out.String())
	at, err := time.Parse(time.RFC3339Nano, got["time"].(string))
	stamp := time.UnixMilli(int64(got["_aws"].(map[string]any)["Timestamp"].(float64)))
	if err != nil || at.Sub(stamp).Abs() > time.Millisecond || time.Since(at) > time.Minute || !strings.HasSuffix(got["time"].(string), "Z") {
		t.Errorf("time %v, %v; _aws %v", got["time"], err, stamp)
	}
	delete(got, "time")
	delete(got, "_aws")
	want := with(fullLine, map[string]any{"Deployment": "keyward", "Code": "allowed", "Decisions": 1.0, "DecisionLatency": 4.512, "StoreRequests": 1.0})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// What is not known is not in the line.
func TestALineLeavesOutWhatIsEmpty(t *testing.T) {
	j, out := warm(1, new(metric.Tally))
	j.Write(t.Context(), Entry{Kind: Request, Code: Done})
	got := parsed(t, out.String())
	delete(got, "time")
	if diff := cmp.Diff(map[string]any{"level": "INFO", "msg": "request", "v": 1.0, "code": "ok", "duration_ms": 0.0}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// No field of an entry can be forgotten: each is in the line, and changes it.
func TestEveryFieldOfAnEntryIsInTheLine(t *testing.T) {
	for i := range reflect.TypeFor[Entry]().NumField() {
		lesser := full
		reflect.ValueOf(&lesser).Elem().Field(i).SetZero()
		j, out := warm(1, new(metric.Tally))
		j.Write(t.Context(), lesser)
		got := parsed(t, out.String())
		delete(got, "time")
		if diff := cmp.Diff(fullLine, got, cmp.FilterPath(func(p cmp.Path) bool {
			key, ok := p.Index(1).(cmp.MapIndex)
			return ok && strings.Contains("_aws Deployment Code Decisions DecisionLatency", key.Key().String())
		}, cmp.Ignore())); diff == "" {
			t.Errorf("without %s the line is the same", reflect.TypeFor[Entry]().Field(i).Name)
		}
	}
}

// directive is what CloudWatch reads of a line.
type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []struct{ Name, Unit string }
}

func directivesOf(t *testing.T, line []byte) []directive {
	t.Helper()
	var parsed struct {
		AWS struct{ CloudWatchMetrics []directive } `json:"_aws"`
	}
	if err := json.Unmarshal(line, &parsed); err != nil {
		t.Fatal(err)
	}
	return parsed.AWS.CloudWatchMetrics
}

// A metric is there for CloudWatch when its namespace, name, unit and dimensions are in the directive, and a member of the
// line has its value, and each dimension's.
func TestEveryMetricIsEmbedded(t *testing.T) {
	var tally metric.Tally
	tally.Requested()
	tally.Retried()
	tally.Throttled()
	tally.Failed()
	out := new(bytes.Buffer)
	refused := full
	refused.Code, refused.Status = "unavailable", 503
	Embedded(out, "keyward", 0, &tally).Write(t.Context(), refused) // cold
	fields, seen := parsed(t, out.String()), map[metric.Name]bool{}
	for _, directive := range directivesOf(t, out.Bytes()) {
		for _, m := range directive.Metrics {
			name := metric.Name(m.Name)
			seen[name] = true
			if directive.Namespace != metric.Namespace || m.Unit != name.Unit() || !reflect.DeepEqual(directive.Dimensions, [][]string{name.Dimensions()}) {
				t.Errorf("%s is in %+v", name, directive)
			}
			if _, number := fields[m.Name].(float64); !number {
				t.Errorf("%s has the value %v", name, fields[m.Name])
			}
		}
	}
	for _, name := range metric.Names {
		if !seen[name] {
			t.Errorf("%s is not embedded: %s", name, out)
		}
	}
	if fields["Deployment"] != "keyward" || fields["Code"] != "unavailable" || fields["cold_start"] != true {
		t.Errorf("the line is %s", out)
	}
}

// A process begins once, and counts nothing of the store twice.
func TestOnlyTheFirstLineIsACold(t *testing.T) {
	var tally metric.Tally
	out := new(bytes.Buffer)
	j := Embedded(out, "keyward", 1, &tally)
	tally.Requested()
	j.Write(t.Context(), full)
	j.Write(t.Context(), full)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	first, second := parsed(t, lines[0]), parsed(t, lines[1])
	if first["cold_start"] != true || first["ColdStarts"] != 1.0 || first["StoreRequests"] != 1.0 {
		t.Errorf("the first is %v", first)
	}
	for _, name := range []string{"cold_start", "ColdStarts", "StoreRequests", "weight"} {
		if second[name] != nil {
			t.Errorf("the second says %s: %v", name, second[name])
		}
	}
}

// Whatever the texts are, the line is one line of JSON that says them: nobody can forge a line or a field.
func FuzzLineIsJSON(f *testing.F) {
	f.Add("plain", "/zones/{zone}")
	f.Add("a\nb\u2028\"}", "\\\x00\xff\x7f")
	f.Fuzz(func(t *testing.T, service, resource string) {
		j, out := warm(1, new(metric.Tally))
		e := full
		e.Service, e.Resource = service, resource
		j.Write(t.Context(), e)
		if strings.Count(out.String(), "\n") != 1 {
			t.Fatalf("%q", out.String())
		}
		got := parsed(t, out.String())
		for name, want := range map[string]string{"service": service, "resource": resource} {
			if said, _ := got[name].(string); said != strings.ToValidUTF8(want, "\ufffd") && said != string([]rune(want)) {
				t.Errorf("%s is %q, want %q", name, said, want)
			}
		}
	})
}

// On a laptop people read the same fields, unless the level says that they want less.
func TestReadableHasTheSameFields(t *testing.T) {
	var out bytes.Buffer
	Readable(slog.New(slog.NewJSONHandler(&out, nil))).Write(t.Context(), full)
	got := parsed(t, out.String())
	delete(got, "time")
	want := with(fullLine, nil)
	delete(want, "v")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	var quiet bytes.Buffer
	Readable(slog.New(slog.NewTextHandler(&quiet, &slog.HandlerOptions{Level: slog.LevelWarn}))).Write(t.Context(), full)
	if quiet.Len() > 0 {
		t.Errorf("at warn it says %s", quiet.String())
	}
}

// Methods are the caller's to invent, for forward-auth.
func TestMethodSaysNoInventedOne(t *testing.T) {
	for method, want := range map[string]string{"GET": "GET", "PATCH": "PATCH", "": "", "get": "OTHER", "vg_live_0123": "OTHER"} {
		if got := Method(method); got != want {
			t.Errorf("%q is %q, want %q", method, got, want)
		}
	}
}

// sums are the metrics of all lines as CloudWatch adds them up.
func sums(t *testing.T, out *bytes.Buffer) (decisions, samples, requests float64, lines, named int) {
	t.Helper()
	for line := range strings.Lines(out.String()) {
		fields := parsed(t, line)
		lines++
		if fields["request_id"] != nil {
			named++
		}
		decisions += fields["Decisions"].(float64)
		if said, ok := fields["StoreRequests"].(float64); ok {
			requests += said
		}
		switch latency := fields["DecisionLatency"].(type) {
		case float64:
			samples++
		case []any:
			samples += float64(len(latency))
			if len(latency) > 100 {
				t.Fatalf("CloudWatch takes 100 values of a metric, not %d", len(latency))
			}
		}
	}
	return decisions, samples, requests, lines, named
}

// A share of the allowed decisions is written, and the metrics of those stand for all: their sums are what they would be
// without sampling, but for chance, which is held to six standard deviations here.
func TestMetricsStayRightUnderSampling(t *testing.T) {
	const asked = 40_000
	for name, share := range map[string]float64{"all": 1, "most": 0.7, "a third": 1. / 3, "a tenth": 0.1, "least": 0.01, "fewer": 0.002, "none": 0} {
		t.Run(name, func(t *testing.T) {
			var tally metric.Tally
			j, out := warm(share, &tally)
			for range asked {
				tally.Requested()
				j.Write(t.Context(), full)
			}
			counted := max(share, leastShare)
			decisions, samples, requests, lines, named := sums(t, out)
			// A decision's weight is 0 or about 1/counted: its variance is below 1/counted + 1.
			spread := 6 * math.Sqrt(asked*(1/counted-1+0.25))
			if share == 1 {
				spread = 0
			}
			for what, sum := range map[string]float64{"Decisions": decisions, "DecisionLatency": samples, "StoreRequests": requests} {
				if math.Abs(sum-asked) > spread {
					t.Errorf("%s: %v, want %d within %.0f", what, sum, asked, spread)
				}
			}
			for what, got := range map[string]struct{ n, share float64 }{"lines": {float64(lines), counted}, "named lines": {float64(named), share}} {
				if math.Abs(got.n-asked*got.share) > 6*math.Sqrt(asked*got.share*(1-got.share)) {
					t.Errorf("%v %s, want about %v", got.n, what, asked*got.share)
				}
			}
		})
	}
}

// What is no ordinary allow is always written, and stands for itself.
func TestWhatMattersIsNeverSampled(t *testing.T) {
	refused, change, run := full, full, full
	refused.Code, refused.Status = "rate_limited", 429
	change.Kind, change.Code, run.Kind, run.Code = Request, Done, Run, Done
	for name, test := range map[string]struct {
		entry   Entry
		trouble func(*metric.Tally)
		cold    bool
	}{
		"a refusal":                 {entry: refused},
		"a request":                 {entry: change},
		"a run":                     {entry: run},
		"an allow after a retry":    {entry: full, trouble: (*metric.Tally).Retried},
		"an allow after a throttle": {entry: full, trouble: (*metric.Tally).Throttled},
		"the first of a process":    {entry: full, cold: true},
	} {
		t.Run(name, func(t *testing.T) {
			var tally metric.Tally
			j, out := warm(0, &tally)
			j.draw = func(float64) (int64, bool) { return 0, false }
			j.warm = !test.cold
			if test.trouble != nil {
				test.trouble(&tally)
			}
			j.Write(t.Context(), test.entry)
			got := parsed(t, out.String())
			if got["request_id"] != full.RequestID || got["weight"] != nil {
				t.Errorf("the line is %s", out)
			}
		})
	}
}

// A line that stands for others says for how many, and one that stands for them alone says nothing of one request.
func TestALineSaysWhatItStandsFor(t *testing.T) {
	for name, isNamed := range map[string]bool{"named": true, "unnamed": false} {
		j, out := warm(0.5, new(metric.Tally))
		j.draw = func(float64) (int64, bool) { return 7, isNamed }
		j.Write(t.Context(), full)
		got := parsed(t, out.String())
		if got["weight"] != 7.0 || got["Decisions"] != 7.0 || len(got["DecisionLatency"].([]any)) != 7 {
			t.Errorf("%s: %s", name, out)
		}
		if isNamed {
			continue
		}
		delete(got, "time")
		delete(got, "_aws")
		delete(got, "DecisionLatency")
		want := map[string]any{"level": "INFO", "msg": "decisions", "v": 1.0, "code": "allowed", "status": 200.0, "duration_ms": 4.512,
			"weight": 7.0, "Decisions": 7.0, "Deployment": "keyward", "Code": "allowed"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

// A journal that nobody has is one that nobody reads.
func TestNoJournalWritesNothing(t *testing.T) {
	var j *Journal
	j.Write(t.Context(), full)
}
