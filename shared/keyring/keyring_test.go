package keyring_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keyring"
)

const (
	oneRing = `{"current":"k1","k1":"` + pepper1 + `"}`
	twoRing = `{"current":"k2","k1":"` + pepper1 + `","k2":"` + pepper2 + `"}`
)

// safe is a source whose ring, health and slowness a test sets, and whose reads it counts.
type safe struct {
	mu    sync.Mutex
	text  string
	err   error
	takes time.Duration
	reads int
}

func (s *safe) Load(ctx context.Context) ([]byte, error) {
	s.mu.Lock()
	s.reads++
	text, err, takes := s.text, s.err, s.takes
	s.mu.Unlock()
	select {
	case <-time.After(takes): // in the bubble's time, which passes at once
		return []byte(text), err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *safe) set(text string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text, s.err = text, err
}

func (s *safe) assertReads(t *testing.T, want int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reads != want {
		t.Errorf("the source was read %d times, want %d", s.reads, want)
	}
}

var errDown = errors.New("the source is down")

// reports collects what a keyring reports.
type reports struct {
	mu  sync.Mutex
	all []error
}

func (r *reports) report(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, err)
}

func open(source keyring.Source) (*keyring.Keyring, *reports) {
	reports := &reports{}
	return keyring.New(source, reports.report), reports
}

func ringOf(t *testing.T, k *keyring.Keyring) *keyring.Ring {
	t.Helper()
	ring, err := k.Ring(t.Context())
	if err != nil {
		t.Error(err)
	}
	return ring
}

func refresh(t *testing.T, k *keyring.Keyring, pepperID string) *keyring.Ring {
	t.Helper()
	ring, err := k.Refresh(t.Context(), pepperID)
	if err != nil {
		t.Error(err)
	}
	return ring
}

func TestARingIsReadOnceInFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &safe{text: oneRing}
		keys, _ := open(source)
		ringOf(t, keys)
		time.Sleep(5*time.Minute - time.Nanosecond)
		ringOf(t, keys)
		source.assertReads(t, 1)
		source.set(twoRing, nil)
		time.Sleep(time.Nanosecond)
		if !ringOf(t, keys).Has("k2") {
			t.Error("the new pepper was not picked up")
		}
		source.assertReads(t, 2)
	})
}

func TestFirstUsesAtOnceShareOneRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &safe{text: oneRing, takes: time.Second}
		keys, _ := open(source)
		var all sync.WaitGroup
		for range 64 {
			all.Go(func() { ringOf(t, keys) })
		}
		all.Wait()
		source.assertReads(t, 1)
	})
}

func TestAStaleRingHoldsUpOneCallerAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &safe{text: oneRing}
		keys, _ := open(source)
		ringOf(t, keys)
		time.Sleep(5 * time.Minute)
		source.takes = time.Second
		go ringOf(t, keys)
		synctest.Wait()
		began := time.Now()
		ringOf(t, keys)
		if waited := time.Since(began); waited != 0 {
			t.Errorf("another caller waited %s", waited)
		}
		time.Sleep(time.Second)
		source.assertReads(t, 2)
	})
}

func TestAnUnknownPepperIsFetchedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &safe{text: oneRing}
		keys, _ := open(source)
		ringOf(t, keys)
		source.set(twoRing, nil)
		time.Sleep(10 * time.Second)
		if !refresh(t, keys, "k2").Has("k2") {
			t.Error("the new pepper is missing")
		}
		refresh(t, keys, "k2")
		source.assertReads(t, 2)
	})
}

// A pepper id comes out of a record, but a flood of odd ones must not become a flood of reads.
func TestUnknownPeppersReadTheSourceOnceInTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &safe{text: oneRing}
		keys, _ := open(source)
		ringOf(t, keys)
		for range 1000 {
			refresh(t, keys, "k9")
		}
		source.assertReads(t, 1)
		time.Sleep(10 * time.Second)
		source.takes = time.Second
		var all sync.WaitGroup
		for range 64 {
			all.Go(func() { refresh(t, keys, "k9") })
		}
		all.Wait()
		source.assertReads(t, 2)
	})
}

func TestEverybodyWhoMissesAPepperGetsItFromTheSharedRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &safe{text: oneRing}
		keys, _ := open(source)
		ringOf(t, keys)
		time.Sleep(10 * time.Second)
		source.set(twoRing, nil)
		source.takes = time.Second
		var all sync.WaitGroup
		for range 64 {
			all.Go(func() {
				if !refresh(t, keys, "k2").Has("k2") {
					t.Error("the new pepper is missing")
				}
			})
		}
		all.Wait()
		source.assertReads(t, 2)
	})
}

func TestAFailedRefreshKeepsTheLastGoodRing(t *testing.T) {
	tests := map[string]struct {
		text string
		err  error
	}{
		"source down":  {"", errDown},
		"ring invalid": {`{}`, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				source := &safe{text: oneRing}
				keys, reports := open(source)
				good := ringOf(t, keys)
				source.set(test.text, test.err)
				time.Sleep(5 * time.Minute)
				for range 100 {
					if ringOf(t, keys) != good || refresh(t, keys, "k1") != good {
						t.Fatal("the last good ring is gone")
					}
					if _, err := keys.Refresh(t.Context(), "k2"); !errors.Is(err, fault.Unavailable) {
						t.Fatalf("a pepper that nobody can look for: error = %v, want fault.Unavailable", err)
					}
				}
				synctest.Wait()
				source.assertReads(t, 2)
				if len(reports.all) != 1 {
					t.Errorf("reported %v, want one failure", reports.all)
				}
				source.set(twoRing, nil)
				time.Sleep(10 * time.Second)
				if !ringOf(t, keys).Has("k2") {
					t.Error("the source's recovery went unnoticed")
				}
			})
		})
	}
}

func TestAFailedFirstReadIsAnOutageThatTheNextUseEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &safe{err: errDown}
		keys, reports := open(source)
		for _, use := range []func() (*keyring.Ring, error){
			func() (*keyring.Ring, error) { return keys.Ring(t.Context()) },
			func() (*keyring.Ring, error) { return keys.Refresh(t.Context(), "k1") },
		} {
			if ring, err := use(); ring != nil || !errors.Is(err, fault.Unavailable) || !errors.Is(err, errDown) {
				t.Errorf("ring %v, error %v; want fault.Unavailable because of %v", ring, err, errDown)
			}
		}
		source.set(oneRing, nil)
		ringOf(t, keys)
		if len(reports.all) != 0 {
			t.Errorf("reported %v as well as returned", reports.all)
		}
	})
}

func TestACallerWhoGivesUpTakesNobodyElseAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &safe{text: oneRing, takes: time.Second}
		keys, _ := open(source)
		impatient, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := keys.Ring(impatient); !errors.Is(err, fault.Unavailable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error = %v, want fault.Unavailable because of the deadline", err)
		}
		ringOf(t, keys)
		source.assertReads(t, 1)
	})
}
