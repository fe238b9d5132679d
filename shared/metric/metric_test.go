package metric_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/metric"
)

// What is counted while somebody takes the counts is in these or in the next.
func TestATallyLosesNothingAndGivesNothingTwice(t *testing.T) {
	var tally metric.Tally
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for range 1000 {
				tally.Requested()
				tally.Retried()
				tally.Throttled()
				tally.Failed()
			}
		})
	}
	var total metric.Counts
	add := func(taken metric.Counts) {
		total.Requests += taken.Requests
		total.Retries += taken.Retries
		total.Throttled += taken.Throttled
		total.Failed += taken.Failed
	}
	done := make(chan struct{})
	go func() { workers.Wait(); close(done) }()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
			add(tally.Take())
		}
	}
	add(tally.Take())
	if diff := cmp.Diff(metric.Counts{Requests: 8000, Retries: 8000, Throttled: 8000, Failed: 8000}, total); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if again := tally.Take(); again != (metric.Counts{}) {
		t.Errorf("afterwards: %+v", again)
	}
}

// Requests alone are the usual; whatever else is counted is trouble.
func TestCountsKnowTrouble(t *testing.T) {
	for name, test := range map[string]struct {
		counts   metric.Counts
		troubled bool
	}{
		"nothing":   {metric.Counts{}, false},
		"requests":  {metric.Counts{Requests: 7}, false},
		"retried":   {metric.Counts{Requests: 2, Retries: 1}, true},
		"throttled": {metric.Counts{Requests: 1, Throttled: 1}, true},
		"failed":    {metric.Counts{Requests: 1, Failed: 1}, true},
	} {
		if test.counts.Troubled() != test.troubled {
			t.Errorf("%s: troubled is %t", name, !test.troubled)
		}
	}
}
