package iam

import (
	"flag"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/httpapi"
)

// TestMain lets more tests run at once than there are processors: nearly all the time they wait for the emulator.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// Each function may do what its row says, which is all that it needs, and nothing that it does not. Where somebody takes a
// right away, whatever needs it is refused with 503, or fails where nobody but an operator asks; nothing is let through and
// nothing is left half done; everything else goes on; and with the right everything works again, without a deployment.
func TestFunctions_failClosedWithoutTheirRights(t *testing.T) {
	d := deploy(t)
	functions := map[string]function{}
	for _, row := range httpapi.Functions {
		functions[row.Name] = d.function(t, row.Name)
	}
	t.Run("with all rights every route and every function works", func(t *testing.T) { testAllRights(t, d) })
	t.Run("without any right a function is all that fails", func(t *testing.T) {
		for _, row := range httpapi.Functions {
			t.Run(row.Name, func(t *testing.T) { testNoRight(t, functions[row.Name]) })
		}
	})
	// What others lean on is tried alone: every request passes through the authorizer, what is tried is made by create, its
	// organization told by account, and cleanup and retier look at everybody's keys.
	t.Run("without one right what needs it fails", func(t *testing.T) {
		alone := []string{"authorizer", "create", "account", "cleanup", "retier", "replay"}
		for _, name := range alone {
			t.Run(name, func(t *testing.T) { testRights(t, functions[name]) })
		}
		for name, f := range functions {
			if !slices.Contains(alone, name) {
				t.Run(name, func(t *testing.T) { t.Parallel(); testRights(t, f) })
			}
		}
	})
}

func testAllRights(t *testing.T, d *deployment) {
	for _, step := range d.steps(t, d.belongings(t)) {
		if got := step.ask(); !got.worked() {
			t.Errorf("%s: %d %s", step.about, got.status, brief(got.text))
		}
	}
	if len(tour) != len(httpapi.Routes)+len(httpapi.SampleRoutes) {
		t.Errorf("%d requests show %d routes", len(tour), len(httpapi.Routes)+len(httpapi.SampleRoutes))
	}
}

// testNoRight leaves the function nothing but its log. All its routes fail; one route of each other function works.
func testNoRight(t *testing.T, f function) {
	var steps []step
	for _, step := range f.steps(t, f.belongings(t)) {
		if shown[step.functions[0]] == step.about || slices.Contains(step.functions, f.name) || invoked[step.about] != "" {
			steps = append(steps, step)
		}
	}
	f.restrict(t, f.granted.only(logs))
	defer f.restore(t)
	for n, got := range all(steps) {
		switch needed := len(f.granted.rights()) > 0 && slices.Contains(steps[n].functions, f.name); {
		case needed && !got.closed():
			t.Errorf("%s is not refused: %d %s", steps[n].about, got.status, brief(got.text))
		case !needed && !got.worked():
			t.Errorf("%s does not go on: %d %s", steps[n].about, got.status, brief(got.text))
		}
	}
}

// testRights takes from a function each right in turn.
func testRights(t *testing.T, f function) {
	if diff := cmp.Diff(slices.Sorted(maps.Keys(needs[f.name])), f.granted.rights()); diff != "" {
		t.Errorf("what it needs is not what it may do (-needs +policy):\n%s", diff)
	}
	for _, right := range f.granted.rights() {
		if need, known := needs[f.name][right]; known {
			t.Run(right, func(t *testing.T) { testRight(t, f, right, need) })
		}
	}
}

func testRight(t *testing.T, f function, right string, need need) {
	ask := need.errand(t, f.deployment)
	goesOn := func() outcome { return outcome{status: 200} }
	if need.goesOn != nil {
		goesOn = need.goesOn(t, f.deployment)
	}
	policy, action := f.granted.without(right)
	f.restrict(t, policy)
	defer f.restore(t) // also where the test ends early
	testDenied(t, f, action, ask)
	if got := goesOn(); !got.worked() {
		t.Errorf("without the right, which it does not need: %s: %d %s", got.about, got.status, brief(got.text))
	}
	f.restore(t)
	if got := ask(); got.status != need.status && (need.status != 0 || !got.worked()) {
		t.Errorf("with the right again: %s: %d %s", got.about, got.status, brief(got.text))
	}
}

// testDenied asks for what an action is needed for. The log says that it was denied, and no caller is told.
func testDenied(t *testing.T, f function, action string, ask func() outcome) {
	t.Helper()
	since := time.Now()
	got := ask()
	if !got.closed() {
		t.Errorf("without the right: %s: %d %s", got.about, got.status, brief(got.text))
	}
	log := f.said(t, since)
	if invoked[f.name] != "" { // an operator is told by the answer too
		log += got.text
	} else if strings.Contains(got.text, "authorized to perform") {
		t.Errorf("a caller is told what was denied: %s", got.text)
	}
	if !strings.Contains(log, "is not authorized to perform: "+action) && !cutShort.MatchString(log) {
		t.Errorf("the log does not say that %s was denied:\n%s", action, log)
	}
}

// cutShort is what the log says instead about once in forty times: the connection was closed before the SDK had read the whole
// of the answer, as has been seen on AWS too (https://github.com/aws/aws-sdk-go-v2/issues/1825). Then it knows the status and
// the operation alone.
var cutShort = regexp.MustCompile(`operation error (DynamoDB|Secrets Manager): \w+, .*StatusCode: (400|403), .*deserialization failed`)
