package keyring

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/keyward/keyward/shared/fault"
)

// Source is where a ring is kept.
type Source interface {
	// Load reads the ring, in the form that ParseRing reads. It returns within a few seconds, whatever ctx allows.
	Load(ctx context.Context) ([]byte, error)
}

const (
	// staleAfter is the age from which a ring is read again when it is used.
	staleAfter = 5 * time.Minute
	// pause is the time between two reads of a source whose ring is at hand: an unknown pepper id may be
	// anybody's invention.
	pause = 10 * time.Second
)

// Keyring gives the ring of a source without reading it each time. Nothing runs in the background: a
// process that Lambda has frozen reads again when it is next used.
type Keyring struct {
	source Source
	report func(error)

	mu     sync.Mutex
	ring   *Ring     // the last good one; nil: none yet
	loaded time.Time // when ring was read
	tried  time.Time // when a read last began
	load   *load     // the read that is under way; nil: none
}

// New is the keyring of source. report is told why a read failed where that is no error for anyone, because
// the last good ring goes on; it must be safe to call at once from several goroutines.
func New(source Source, report func(error)) *Keyring { return &Keyring{source: source, report: report} }

// Ring is the ring. It reads the source at the first use, and again at the first use after five minutes, for
// which that one caller waits. When a read fails the last good ring goes on; with none it is a
// fault.Unavailable, and the next call tries again.
func (k *Keyring) Ring(ctx context.Context) (*Ring, error) {
	k.mu.Lock()
	ring := k.ring
	if ring != nil && !k.stale() {
		k.mu.Unlock()
		return ring, nil
	}
	running := k.startOrJoin(ctx)
	k.mu.Unlock()
	return running.wait(ctx, ring)
}

// Refresh is the ring, read again if it lacks the pepper of that id: some other process may have hashed with a
// pepper added since. A source is read at most once in ten seconds, and all who ask meanwhile share that
// read. The ring returned may still lack the pepper: that is not an error.
func (k *Keyring) Refresh(ctx context.Context, pepperID string) (*Ring, error) {
	k.mu.Lock()
	ring := k.ring
	if ring != nil && (ring.Has(pepperID) || k.load == nil && !k.paused()) {
		k.mu.Unlock()
		return ring, nil
	}
	running := k.startOrJoin(ctx)
	k.mu.Unlock()
	return running.wait(ctx, ring)
}

// stale reports whether the ring is to be read again. It is not while somebody reads it, nor just after.
func (k *Keyring) stale() bool  { return time.Since(k.loaded) >= staleAfter && k.paused() }
func (k *Keyring) paused() bool { return time.Since(k.tried) >= pause }

// load is one read of the source, which several callers may wait for.
type load struct {
	done chan struct{} // closed when ring and err are set
	ring *Ring         // the ring that was read, or else the last good one
	err  error         // only where ring is nil
}

// wait is the outcome of l or, should ctx end first, the ring that the caller has.
func (l *load) wait(ctx context.Context, have *Ring) (*Ring, error) {
	select {
	case <-l.done:
		return l.ring, l.err
	case <-ctx.Done():
		if have != nil {
			return have, nil
		}
		return nil, fault.Outage("waiting for the keyring", context.Cause(ctx))
	}
}

// startOrJoin is the read under way, or a new one. A read belongs to all who wait for it, so that it outlives
// the caller who began it. k.mu is held.
func (k *Keyring) startOrJoin(ctx context.Context) *load {
	if k.load == nil {
		k.load = &load{done: make(chan struct{})}
		k.tried = time.Now()
		go k.run(context.WithoutCancel(ctx), k.load)
	}
	return k.load
}

func (k *Keyring) run(ctx context.Context, l *load) {
	ring, err := k.read(ctx)
	if survived := k.finish(l, ring, err); survived {
		k.report(fmt.Errorf("refreshing the keyring, whose last good state goes on: %w", err))
	}
}

func (k *Keyring) read(ctx context.Context) (*Ring, error) {
	data, err := k.source.Load(ctx)
	if err != nil {
		return nil, err
	}
	return ParseRing(data)
}

// finish lets those go who wait for l. It reports whether the read failed and an older ring stands in for it.
func (k *Keyring) finish(l *load, ring *Ring, err error) (survived bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case err == nil:
		k.ring, k.loaded = ring, time.Now()
	case k.ring == nil:
		l.err = fault.Outage("reading the keyring", err)
	default:
		survived = true
	}
	l.ring, k.load = k.ring, nil
	close(l.done)
	return survived
}
