// Package start measures how long each function takes from its exec until it asks the Runtime API for its first
// event, beside a function that does nothing.
package start

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/keyward/keyward/infra/bench/child"
)

const (
	rounds   = 31 // in which every function starts once; the first warms up
	patience = 10 * time.Second
)

// subject is a function's binary, and what its starts took.
type subject struct {
	name   string
	binary string
	next   []time.Duration // exec to the first /next
	asked  []time.Duration // exec to the first request to AWS; none where there was none
	peak   []int64         // the most memory that it held until /next, in bytes
	zip    int64           // the size of what is deployed, in bytes
}

// Measure writes what the start of every function takes, with a Runtime API and an AWS that answer at once.
func Measure(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "keyward-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	subjects, err := build(ctx, dir)
	if err != nil {
		return err
	}
	for round := range rounds {
		for _, subject := range subjects {
			if err := subject.start(ctx, round > 0); err != nil {
				return fmt.Errorf("%s: %w", subject.name, err)
			}
		}
	}
	write(out, subjects)
	return nil
}

// start runs the function once, until it asks for an event, and keeps what that took where that counts.
func (s *subject) start(ctx context.Context, counts bool) (err error) {
	surroundings := newSurroundings()
	defer surroundings.close()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	began := time.Now()
	process, err := child.Start(s.binary, surroundings.environment())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, process.Stop()) }()
	select {
	case <-surroundings.next.done:
	case <-ctx.Done():
		return fmt.Errorf("it asks for no event: %w", ctx.Err())
	}
	peak, err := process.PeakMemory()
	if err != nil || !counts {
		return err
	}
	s.peak = append(s.peak, peak)
	s.next = append(s.next, surroundings.next.at.Sub(began))
	if asked, ever := surroundings.asked.when(); ever {
		s.asked = append(s.asked, asked.Sub(began))
	}
	return nil
}
