package features

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/keyward/keyward/infra/bench/account"
	"github.com/keyward/keyward/infra/bench/child"
	"github.com/keyward/keyward/infra/bench/report"
)

const (
	rounds        = 11    // in which every shape has its turn on both stores; the first warms up
	embeddedCalls = 4_000 // of a shape in a round, on the embedded store
	tableCalls    = 300   // on DynamoDB Local
	clients       = 16    // at once on the embedded store, as its commits are shared; one at a time on DynamoDB
)

// subject is a key of a shape on both stores, and what authorizing took.
type subject struct {
	name            string
	embedded, table func(context.Context) error
	onEmbedded      []time.Duration // of CPU a call, by round
	onTable         []time.Duration
}

func subjectsOf(ctx context.Context, embedded, table *account.Account) ([]*subject, error) {
	var subjects []*subject
	for _, shape := range shapes {
		s := &subject{name: shape.name}
		var err error
		if s.embedded, err = shape.key(ctx, embedded); err != nil {
			return nil, err
		}
		if s.table, err = shape.key(ctx, table); err != nil {
			return nil, err
		}
		subjects = append(subjects, s)
	}
	return subjects, nil
}

// turn makes one round of calls on both stores, and keeps what they took where that counts.
func (s *subject) turn(ctx context.Context, counts bool) error {
	onEmbedded, err := cpuOf(ctx, s.embedded, embeddedCalls, clients)
	if err != nil {
		return fmt.Errorf("%s on the embedded store: %w", s.name, err)
	}
	onTable, err := cpuOf(ctx, s.table, tableCalls, 1)
	if err != nil {
		return fmt.Errorf("%s on DynamoDB Local: %w", s.name, err)
	}
	if counts {
		s.onEmbedded, s.onTable = append(s.onEmbedded, onEmbedded), append(s.onTable, onTable)
	}
	return nil
}

// cpuOf makes so many calls, from so many clients at once, and gives the CPU time of one.
func cpuOf(ctx context.Context, call func(context.Context) error, calls, clients int) (time.Duration, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	before, err := child.OwnCPU()
	if err != nil {
		return 0, err
	}
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for range calls / clients {
				if err := call(ctx); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	all.Wait()
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	after, err := child.OwnCPU()
	return (after - before) / time.Duration(calls/clients*clients), err
}

func writeTime(out io.Writer, subjects []*subject) {
	rows := [][]string{{"CPU of an authorization", "embedded store", "over plain", "DynamoDB Local", "over plain"}}
	plain := subjects[0]
	for _, s := range subjects {
		rows = append(rows, []string{
			s.name,
			report.Microseconds(report.Median(s.onEmbedded)), over(s.onEmbedded, plain.onEmbedded),
			report.Microseconds(report.Median(s.onTable)), over(s.onTable, plain.onTable),
		})
	}
	report.Table(out, fmt.Sprintf("features: medians of %d rounds of %d and %d calls", rounds-1, embeddedCalls, tableCalls), rows)
}

func over(times, floor []time.Duration) string {
	return fmt.Sprintf("%.2f", report.MedianRatio(times, floor))
}
