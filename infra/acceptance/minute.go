package acceptance

import (
	"errors"
	"testing"
)

// minuteAttempts bounds how often a test of a window is done again because the minute rolled over meanwhile.
const minuteAttempts = 4

// inOneMinute runs attempt until all the answers that it gives tell of the same window: then its error counts.
// An attempt must start afresh each time. One that fails with errOutOfTime does not
// count either.
func inOneMinute(t *testing.T, attempt func() ([]*answer, error)) {
	t.Helper()
	for range minuteAttempts {
		answers, err := attempt()
		if !sameWindow(answers) {
			t.Log("the minute rolled over: once more")
			continue
		}
		if errors.Is(err, errOutOfTime) {
			t.Log("the slow target was once out of time: once more")
			continue
		}
		if err != nil {
			t.Error(err)
		}
		return
	}
	t.Fatalf("%d attempts, and none of them within one minute", minuteAttempts)
}

// errOutOfTime says that a slow target, which can't keep up with many requests at once, gave one of them up.
var errOutOfTime = errors.New("the target was out of time")

// sameWindow reports whether the answers that know a window know the same.
func sameWindow(answers []*answer) bool {
	known := ""
	for _, answer := range answers {
		reset := answer.header.Get("X-RateLimit-Reset")
		if reset == "0" || answer.concealed {
			continue
		}
		if known != "" && reset != known {
			return false
		}
		known = reset
	}
	return true
}
