package acceptance

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
)

// Gap is something that a target is known to do otherwise than API Gateway does. Nothing else changes what the suite
// expects, and each changes it for exactly the answers that show it: see deviations.go. An answer that is as it should be
// is never relaxed.
type Gap string

// Gaps are those of a target, each with the reason why it has it.
type Gaps map[Gap]string

// encounters are which of a target's gaps a run has met. It is safe for use by several goroutines.
type encounters struct {
	known Gaps

	mu  sync.Mutex
	met map[Gap]bool
}

func newEncounters(known Gaps) *encounters {
	return &encounters{known: known, met: map[Gap]bool{}}
}

// meet reports whether the target is known to have the gap, and remembers that it was met. It is asked once an answer has
// been seen to deviate so, and in no other way.
func (e *encounters) meet(gap Gap) bool {
	if _, known := e.known[gap]; !known {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.met[gap] = true
	return true
}

// closed are the known gaps that were never met: they have to come off the list.
func (e *encounters) closed() []Gap {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(e.known)), func(gap Gap) bool { return e.met[gap] })
}

// report fails the test for every known gap that a complete run has not met.
func (e *encounters) report(t testing.TB) {
	t.Helper()
	for _, gap := range e.closed() {
		t.Error(closedText(gap, e.known[gap]))
	}
}

func closedText(gap Gap, reason string) string {
	return fmt.Sprintf("the known gap %q (%s) was not met: it is closed, take it off the target's list", gap, reason)
}
