package replay_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/changelog"
	"github.com/keyward/keyward/shared/replay"
)

var noon = time.Date(2026, 3, 10, 12, 0, 30, 0, time.UTC)

// closed is a service that may replay, to the table that a batch names when it names none.
var closed = replay.Service{Closed: true}

// line is a line that replaying does nothing about, of so many seconds after noon.
func line(id string, second int) string {
	text, err := json.Marshal(map[string]any{"msg": changelog.Message, changelog.Field: changelog.Line{
		Version: changelog.Version, ID: id, At: noon.Add(time.Duration(second) * time.Second), Action: audit.KeyExpired, KeyID: "key_0A1b2C3d",
	}})
	if err != nil {
		panic(err)
	}
	return string(text)
}

func events(lines ...string) []replay.Event {
	var events []replay.Event
	for _, line := range lines {
		events = append(events, replay.Event{Message: line})
	}
	return events
}

// always has time, and so many times that of.
func always() bool { return true }

func times(count int) func() bool {
	return func() bool { count--; return count >= 0 }
}

// Whatever ends a run, the next one goes on where it stopped, and no line is left out.
func TestABatchGoesOnWhereItStopped(t *testing.T) {
	batch := replay.Batch{Events: events(line("1", 0), line("2", 1), line("3", 2))}
	done := 0
	for _, want := range []string{"2", ""} {
		answer, err := closed.Run(t.Context(), batch, times(2))
		if err != nil || answer.Next != want {
			t.Fatalf("%+v, %v; want next %q", answer, err, want)
		}
		done += answer.Did[replay.Nothing]
		batch.After = answer.Next
	}
	if done != 3 {
		t.Errorf("%d lines were replayed, want 3", done)
	}
	for _, after := range []string{"4", "-1", "key_1"} {
		if _, err := closed.Run(t.Context(), replay.Batch{After: after, Events: batch.Events}, always); err == nil {
			t.Errorf("after %q is taken", after)
		}
	}
}

func TestWhatIsNotAskedForIsLeftOut(t *testing.T) {
	refused := fmt.Sprintf(`{"msg":%q,"change":{"v":1,"id":"2"}}`, changelog.Refused)
	batch := replay.Batch{
		Since: noon.Add(time.Second), Until: noon.Add(3 * time.Second),
		Events: events(line("1", 0), line("2", 1), line("3", 2), line("4", 3), line("5", 4), refused, "REPORT RequestId: 8f5b"),
	}
	answer, err := closed.Run(t.Context(), batch, always)
	if err != nil || answer.Did[replay.Nothing] != 2 || answer.Left != 5 {
		t.Errorf("%+v, %v; want 2 replayed and 5 left out", answer, err)
	}
}

// A line that can't be replayed is named, and stops no other.
func TestALineThatFailsIsNamed(t *testing.T) {
	batch := replay.Batch{Changes: []json.RawMessage{
		json.RawMessage(`{"msg":"change","change":{"v":9,"id":"1","action":"key.revoke","key_id":"key_0A1b2C3d"}}`),
		json.RawMessage(`{"msg":"change","change":{"v":1,"id":"2","action":"key.revoke","key_id":"nothing","key":{}}}`),
		json.RawMessage(line("3", 0)),
	}}
	answer, err := closed.Run(t.Context(), batch, always)
	want := []replay.Report{
		{ID: "1", Action: audit.KeyRevoked, KeyID: "key_0A1b2C3d", Error: "a line of a change has version 9, and this release reads 1"},
		{ID: "2", Action: audit.KeyRevoked, KeyID: "nothing", Error: `"nothing" is no key id`},
	}
	if diff := cmp.Diff(want, answer.Lines); diff != "" || err != nil || answer.Failed != 2 || answer.Did[replay.Nothing] != 1 {
		t.Errorf("%+v, %v (-want +got)\n%s", answer, err, diff)
	}
}

// On a deployment that is open, or on another table than the one that is meant, nothing is done, and the error says what to do.
func TestNothingIsReplayedToATableInUse(t *testing.T) {
	batch := replay.Batch{Table: "keyward-restored", Events: events(line("1", 0))}
	for name, test := range map[string]struct {
		service replay.Service
		want    string
	}{
		"open":                {replay.Service{Table: "keyward-restored"}, "the deployment is open"},
		"open, another table": {replay.Service{Table: "keyward-data"}, "Deploy it with refuseAll=true"},
		"another table":       {replay.Service{Table: "keyward-data", Closed: true}, `table is "keyward-restored", and this deployment uses "keyward-data"`},
		"no table":            {closed, `uses ""`},
	} {
		t.Run(name, func(t *testing.T) {
			answer, err := test.service.Run(t.Context(), batch, always)
			if err == nil || !strings.HasPrefix(err.Error(), "nothing was done: ") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v, want %q", err, test.want)
			}
			if len(answer.Did) > 0 || len(answer.Lines) > 0 {
				t.Errorf("it did %+v", answer)
			}
		})
	}
	if answer, err := (replay.Service{Table: "keyward-restored", Closed: true}).Run(t.Context(), batch, always); err != nil || answer.Did[replay.Nothing] != 1 {
		t.Errorf("on the table that is meant: %+v, %v", answer, err)
	}
}
