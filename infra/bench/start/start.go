// Package start measures how long each function takes from its exec until it asks the Runtime API for its first event, and
// until it has answered that, beside a function that does nothing.
package start

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/keyward/keyward/infra/bench/child"
	"github.com/keyward/keyward/infra/runtimeapi"
)

const starts = 31 // in which every function starts once; the first warms up

// subject is a function, and what its starts took.
type subject struct {
	name     string
	function runtimeapi.Function
	event    []byte          // its first
	ready    []time.Duration // exec to the first /next
	asked    []time.Duration // exec to the first request to AWS in that time; none where there was none
	answered []time.Duration // the first event to its answer
	peak     []int64         // the most memory that it held until then, in bytes
	zip      int64           // the size of what is deployed, in bytes
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
	signing, err := signingRing()
	if err != nil {
		return err
	}
	for round := range starts {
		for _, subject := range subjects {
			if err := subject.start(ctx, signing, round > 0); err != nil {
				return fmt.Errorf("%s: %w", subject.name, err)
			}
		}
	}
	write(out, subjects)
	return nil
}

// start runs the function once, until it has answered its first event, and keeps what that took where that counts.
func (s *subject) start(ctx context.Context, signing string, counts bool) error {
	surroundings := newSurroundings(signing)
	defer surroundings.close()
	function := s.function
	function.Variables = surroundings.added(function.Variables)
	began := time.Now()
	sandbox, err := runtimeapi.Start(ctx, function)
	if err != nil {
		return err
	}
	defer sandbox.Close()
	first, asked := surroundings.asked.when()
	outcome := sandbox.Invoke(ctx, s.event)
	if outcome.Error != nil && outcome.Error.Message != "Unauthorized" {
		return fmt.Errorf("its first event: %w", outcome.Error)
	}
	peak, err := child.PeakMemory(sandbox.PID())
	if err != nil || !counts {
		return err
	}
	s.peak = append(s.peak, peak)
	s.ready = append(s.ready, sandbox.Ready())
	s.answered = append(s.answered, outcome.Took)
	if asked {
		s.asked = append(s.asked, first.Sub(began))
	}
	return nil
}
