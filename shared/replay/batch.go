package replay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/changelog"
	"github.com/keyward/keyward/shared/org"
)

// Batch is what a replay is asked for: lines of the log, as they were written or as CloudWatch gives them.
type Batch struct {
	Table   string            `json:"table"` // the restored table, which must be the deployment's
	Changes []json.RawMessage `json:"changes"`
	Events  []Event           `json:"events"` // what `aws logs filter-log-events` answers
	Since   time.Time         `json:"since"`  // earlier lines are left out; zero: none
	Until   time.Time         `json:"until"`  // later lines are left out; zero: none
	After   string            `json:"after"`  // the Next of the answer before
}

// Event is an event of CloudWatch.
type Event struct {
	Message string `json:"message"`
}

// Answer is what became of a batch, up to where the time ended.
type Answer struct {
	Lines    []Report    `json:"lines"` // of those lines that changed something, or could not be replayed, or whose key is missing
	Did      map[Did]int `json:"did"`
	Failed   int         `json:"failed"`
	Left     int         `json:"left_out"` // other lines of the log, changes that did not happen, and those not of the time asked for
	Next     string      `json:"next"`     // where to go on; empty: all was done
	position int
}

// Report is what became of a line.
type Report struct {
	ID           string       `json:"id,omitzero"`
	Action       audit.Action `json:"action,omitzero"`
	Organization org.ID       `json:"organization,omitzero"`
	KeyID        string       `json:"key_id,omitzero"`
	Did          Did          `json:"did,omitzero"`
	Error        string       `json:"error,omitzero"`
}

// Run replays the lines of a batch, one after the other, for as long as there is time. A line that fails stops no other. The
// error is for a batch that can't be understood, or that is not for this deployment as it is; then nothing was done.
func (s Service) Run(ctx context.Context, batch Batch, hasTime func() bool) (Answer, error) {
	lines := batch.lines()
	answer := Answer{Lines: []Report{}, Did: map[Did]int{}}
	if err := s.ready(batch.Table); err != nil {
		return answer, err
	}
	if batch.After != "" {
		after, err := strconv.Atoi(batch.After)
		if err != nil || after < 0 || after > len(lines) {
			return answer, fmt.Errorf("after is %q: it must be the next of the answer before, to the same lines", batch.After)
		}
		answer.position = after
	}
	refused := refusals(lines)
	for ; answer.position < len(lines); answer.position++ {
		if !hasTime() {
			answer.Next = strconv.Itoa(answer.position)
			break
		}
		s.replay(ctx, batch, lines[answer.position], refused, &answer)
	}
	return answer, nil
}

func (b Batch) lines() [][]byte {
	lines := make([][]byte, 0, len(b.Changes)+len(b.Events))
	for _, change := range b.Changes {
		lines = append(lines, change)
	}
	for _, event := range b.Events {
		lines = append(lines, []byte(event.Message))
	}
	return lines
}

// refusals are the IDs of the changes that have not happened.
func refusals(lines [][]byte) map[string]bool {
	refused := map[string]bool{}
	for _, text := range lines {
		if line, void, err := changelog.Read(text); void && err == nil && line.ID != "" {
			refused[line.ID] = true
		}
	}
	return refused
}

func (s Service) replay(ctx context.Context, batch Batch, text []byte, refused map[string]bool, answer *Answer) {
	line, _, err := changelog.Read(text)
	if errors.Is(err, changelog.ErrOther) || err == nil && (refused[line.ID] || !batch.asksFor(line.At)) {
		answer.Left++
		return
	}
	report := Report{ID: line.ID, Action: line.Action, Organization: line.Organization, KeyID: line.KeyID}
	if err == nil {
		report.Did, err = s.Apply(ctx, line)
	}
	if err != nil {
		report.Did, report.Error = "", err.Error()
		answer.Failed++
	} else {
		answer.Did[report.Did]++
	}
	if report.Did != Nothing {
		answer.Lines = append(answer.Lines, report)
	}
}

func (b Batch) asksFor(at time.Time) bool {
	return !at.Before(b.Since) && (b.Until.IsZero() || !at.After(b.Until))
}
