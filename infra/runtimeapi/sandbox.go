package runtimeapi

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"
)

// initTime is how long Lambda lets a process take until it asks for its first event.
const initTime = 10 * time.Second

// Sandbox is an execution environment: one process at a time, which gets one event at a time. Its methods may be called
// from several goroutines; they take turns.
type Sandbox struct {
	function Function
	log      *log

	mu      sync.Mutex
	process *process // nil where the last one has ended
}

// Start runs the function's bootstrap until it asks for an event. Where it does not within ten seconds, or ends before, the
// error is an *InitError. End the sandbox with Close.
func Start(ctx context.Context, function Function) (*Sandbox, error) {
	log, err := newLog()
	if err != nil {
		return nil, err
	}
	s := &Sandbox{function: function, log: log}
	ctx, cancel := context.WithTimeout(ctx, initTime)
	defer cancel()
	if err := s.begin(ctx); err != nil {
		log.close()
		return nil, err
	}
	return s, nil
}

// begin starts a process and waits until it asks for an event, or for ctx.
func (s *Sandbox) begin(ctx context.Context) error {
	process, err := start(s.function, s.log)
	if err != nil {
		return err
	}
	if err := process.wait(ctx.Done()); err != nil {
		process.kill()
		return &InitError{Exit: process.state(), Log: s.log.lines()}
	}
	s.process = process
	return nil
}

// Invoke gives the function an event and waits for what comes of it, until the function's timeout: then it kills the process,
// as Lambda does. It continues a process that is frozen. Where the last process has ended it starts another one first, within
// the same timeout, which is what Lambda calls a suppressed init.
func (s *Sandbox) Invoke(ctx context.Context, payload []byte) Outcome {
	return s.InvokeUntil(ctx, payload, s.function.Timeout)
}

// InvokeUntil is Invoke, with a deadline of its own instead of the function's timeout.
func (s *Sandbox) InvokeUntil(ctx context.Context, payload []byte, timeout time.Duration) Outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	began := time.Now()
	e := s.newEvent(payload, began.Add(timeout))
	ctx, cancel := context.WithDeadline(ctx, e.deadline)
	defer cancel()
	outcome, err := s.invoke(ctx, e)
	if err != nil {
		outcome = s.lost(e, err, timeout)
	}
	outcome.Took = time.Since(began)
	return outcome
}

func (s *Sandbox) invoke(ctx context.Context, e event) (Outcome, error) {
	if err := s.prepare(ctx); err != nil {
		return Outcome{}, err
	}
	s.process.idle = false
	return s.process.api.send(ctx, e, s.process.ended)
}

// prepare has a process that asks for an event.
func (s *Sandbox) prepare(ctx context.Context) error {
	if s.process != nil && s.process.frozen {
		if err := s.thaw(); err != nil {
			return err
		}
	}
	if s.process != nil && s.process.wait(ctx.Done()) == nil && !s.process.hasEnded() {
		return nil
	}
	s.end()
	return s.begin(ctx)
}

func (s *Sandbox) newEvent(payload []byte, deadline time.Time) event {
	return event{
		id:       requestID(),
		arn:      s.function.arn(),
		trace:    "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0",
		deadline: deadline,
		payload:  payload,
		answered: make(chan Outcome, 1),
	}
}

func requestID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // it never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// lost is the outcome of an event that the process has not answered. The process is then no more.
func (s *Sandbox) lost(e event, err error, timeout time.Duration) Outcome {
	if failure, ok := errors.AsType[*InitError](err); ok {
		return platform(TypeExit, "RequestId: %s Error: Runtime exited with error: %s", e.id, failure.Exit)
	}
	exited := s.end()
	if errors.Is(err, errEnded) {
		return platform(TypeExit, "RequestId: %s Error: Runtime exited with error: %s", e.id, exited)
	}
	return platform(TypeTimeout, "RequestId: %s Error: Task timed out after %.2f seconds", e.id, timeout.Seconds())
}

// end kills the process, if there is one, and says how it ended.
func (s *Sandbox) end() (state string) {
	if s.process == nil {
		return "no process"
	}
	s.process.kill()
	state = s.process.state()
	s.process = nil
	return state
}

// Freeze stops the process when it asks for its next event, as Lambda does once an event is answered.
func (s *Sandbox) Freeze(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return errEnded
	}
	if err := s.process.wait(ctx.Done()); err != nil {
		return err
	}
	s.process.frozen = true
	return s.process.signal(syscall.SIGSTOP)
}

func (s *Sandbox) thaw() error {
	s.process.frozen = false
	return s.process.signal(syscall.SIGCONT)
}

// Ended is how a process ended.
type Ended struct {
	State  string // "signal: terminated", "exit status 1"
	Killed bool   // it had to be
	Took   time.Duration
}

// Shutdown asks the process to end, by SIGTERM, and kills it where it has not after grace. Lambda gives a function with an
// internal extension 500 ms and one with an external extension 2 s; without any it kills at once, which is what a grace of 0
// does.
func (s *Sandbox) Shutdown(grace time.Duration) (Ended, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return Ended{}, errEnded
	}
	if s.process.frozen {
		if err := s.thaw(); err != nil {
			return Ended{}, err
		}
	}
	began := time.Now()
	killed := false
	if err := s.process.signal(syscall.SIGTERM); err != nil {
		return Ended{}, err
	}
	select {
	case <-s.process.ended:
	case <-time.After(grace):
		killed = true
	}
	return Ended{State: s.end(), Killed: killed, Took: time.Since(began)}, nil
}

// PID is the process's id; 0 where there is none.
func (s *Sandbox) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return 0
	}
	return s.process.command.Process.Pid
}

// Ready is how long the process took from exec until it asked for its first event.
func (s *Sandbox) Ready() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return 0
	}
	return s.process.ready
}

// Log is every line that the sandbox's processes have written.
func (s *Sandbox) Log() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.lines()
}

// Close ends the process at once. What it wrote can be read afterwards.
func (s *Sandbox) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end()
	s.log.close()
}
