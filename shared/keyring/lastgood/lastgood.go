// Package lastgood keeps the last good reading of what is kept elsewhere, and decides when it is read again.
package lastgood

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/keyward/keyward/shared/fault"
)

const (
	// StaleAfter is the age from which a value is read again when it is used.
	StaleAfter = 5 * time.Minute
	// Pause is the time between two reads while there is a value at hand: what a caller misses in it may be anybody's
	// invention.
	Pause = 10 * time.Second
)

// Value is something that a function reads. Nothing runs in the background: a process that Lambda has frozen reads
// again when it is next used.
type Value[T any] struct {
	what   string
	read   func(context.Context) (T, error)
	report func(error)

	mu      sync.Mutex
	good    *T        // the last good one; nil: none yet
	failure error     // why the last read failed; nil: it did not
	loaded  time.Time // when good was read
	tried   time.Time // when a read last began
	running *reading[T]
}

// New is the value that read gives. what names it, in errors: "the public keys". read must return within a few seconds,
// whatever its context allows. report is told why a read failed where the last good value goes on; it must be safe to
// call at once from several goroutines.
func New[T any](what string, read func(context.Context) (T, error), report func(error)) *Value[T] {
	return &Value[T]{what: what, read: read, report: report}
}

// Get is the value. It is read at the first use, and again at the first use after StaleAfter, for which that one caller
// waits. When a read fails the last good value goes on; with none it is a fault.Unavailable, and the next call tries again.
func (v *Value[T]) Get(ctx context.Context) (T, error) {
	v.mu.Lock()
	good := v.good
	if good != nil && !v.stale() {
		v.mu.Unlock()
		return *good, nil
	}
	running := v.startOrJoin(ctx)
	v.mu.Unlock()
	return running.wait(ctx, v.what, good, func(T) bool { return true })
}

// Refresh is the value, read again if it does not suffice: somebody may have changed it since. It is read at most once
// in Pause, and all who ask meanwhile share that read. A value that does not suffice is returned only where the last
// read was a good one; otherwise nobody could tell, and it is a fault.Unavailable.
func (v *Value[T]) Refresh(ctx context.Context, suffices func(T) bool) (T, error) {
	v.mu.Lock()
	good, failure := v.good, v.failure
	if good != nil && suffices(*good) {
		v.mu.Unlock()
		return *good, nil
	}
	if good != nil && v.running == nil && !v.rested() {
		v.mu.Unlock()
		return *good, failure
	}
	running := v.startOrJoin(ctx)
	v.mu.Unlock()
	return running.wait(ctx, v.what, good, suffices)
}

// stale reports whether the value is to be read again. It is not while somebody reads it, nor just after.
func (v *Value[T]) stale() bool { return time.Since(v.loaded) >= StaleAfter && v.rested() }

func (v *Value[T]) rested() bool { return time.Since(v.tried) >= Pause }

// reading is one read, which several callers may wait for.
type reading[T any] struct {
	done chan struct{} // closed when good and err are set
	good *T            // what was read, or else the last good value; nil: there is none
	err  error         // why it could not be read
}

// wait is the outcome of r or, should ctx end first, the value that the caller has. A value that does not suffice
// counts only if it was really read.
func (r *reading[T]) wait(ctx context.Context, what string, have *T, suffices func(T) bool) (value T, err error) {
	good := have
	select {
	case <-r.done:
		good, err = r.good, r.err
	case <-ctx.Done():
		err = fault.Outage("waiting for "+what, context.Cause(ctx))
	}
	if good == nil || err != nil && !suffices(*good) {
		return value, err
	}
	return *good, nil
}

// startOrJoin is the read under way, or a new one. A read belongs to all who wait for it, so that it outlives the
// caller who began it. v.mu is held.
func (v *Value[T]) startOrJoin(ctx context.Context) *reading[T] {
	if v.running == nil {
		v.running = &reading[T]{done: make(chan struct{})}
		v.tried = time.Now()
		go v.run(context.WithoutCancel(ctx), v.running)
	}
	return v.running
}

func (v *Value[T]) run(ctx context.Context, r *reading[T]) {
	value, err := v.read(ctx)
	if survived := v.finish(r, value, err); survived {
		v.report(fmt.Errorf("reading %s again, whose last good state goes on: %w", v.what, err))
	}
}

// finish lets those go who wait for r. It reports whether the read failed and an older value stands in for it.
func (v *Value[T]) finish(r *reading[T], value T, err error) (survived bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err == nil {
		v.good, v.loaded, v.failure = &value, time.Now(), nil
	} else {
		v.failure = fault.Outage("reading "+v.what, err)
	}
	r.good, r.err, v.running = v.good, v.failure, nil
	close(r.done)
	return err != nil && v.good != nil
}
