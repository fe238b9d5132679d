package lastgood_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keyring/lastgood"
)

var errDown = errors.New("the source is down")

// source is what a value is read from: a number, whose health and slowness a test sets and whose reads it counts.
type source struct {
	mu      sync.Mutex
	number  int
	err     error
	takes   time.Duration
	reads   int
	reports []error
}

func (s *source) read(context.Context) (int, error) {
	s.mu.Lock()
	s.reads++
	number, err, takes := s.number, s.err, s.takes
	s.mu.Unlock()
	time.Sleep(takes) // in the bubble's time, which passes at once
	return number, err
}

func (s *source) set(number int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.number, s.err = number, err
}

func (s *source) report(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reports = append(s.reports, err)
}

func (s *source) assert(t *testing.T, reads, reports int) {
	t.Helper()
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reads != reads || len(s.reports) != reports {
		t.Errorf("read %d times, want %d; reported %v, want %d", s.reads, reads, s.reports, reports)
	}
}

// opened runs test with a source that says 1, and the value read from it.
func opened(t *testing.T, test func(t *testing.T, source *source, value *lastgood.Value[int])) {
	synctest.Test(t, func(t *testing.T) {
		source := &source{number: 1}
		test(t, source, lastgood.New("the number", source.read, source.report))
	})
}

func get(t *testing.T, value *lastgood.Value[int], want int) {
	t.Helper()
	if got, err := value.Get(t.Context()); got != want || err != nil {
		t.Errorf("Get = %d, %v; want %d", got, err, want)
	}
}

func atLeast(number int) func(int) bool { return func(got int) bool { return got >= number } }

func refresh(t *testing.T, value *lastgood.Value[int], least, want int) {
	t.Helper()
	if got, err := value.Refresh(t.Context(), atLeast(least)); got != want || err != nil {
		t.Errorf("Refresh = %d, %v; want %d", got, err, want)
	}
}

func refuseRefresh(t *testing.T, value *lastgood.Value[int], least int) {
	t.Helper()
	if got, err := value.Refresh(t.Context(), atLeast(least)); !errors.Is(err, fault.Unavailable) {
		t.Errorf("Refresh = %d, %v; want fault.Unavailable", got, err)
	}
}

func TestAValueIsReadOnceInFiveMinutes(t *testing.T) {
	opened(t, func(t *testing.T, source *source, value *lastgood.Value[int]) {
		get(t, value, 1)
		source.set(2, nil)
		time.Sleep(5*time.Minute - time.Nanosecond)
		get(t, value, 1)
		time.Sleep(time.Nanosecond)
		get(t, value, 2)
		source.assert(t, 2, 0)
	})
}

func TestWhatIsMissedIsReadAtOnceButOnceInTenSeconds(t *testing.T) {
	opened(t, func(t *testing.T, source *source, value *lastgood.Value[int]) {
		get(t, value, 1)
		source.set(2, nil)
		for range 1000 {
			refresh(t, value, 2, 1)
		}
		source.assert(t, 1, 0)
		time.Sleep(10 * time.Second)
		refresh(t, value, 2, 2)
		refresh(t, value, 2, 2)
		source.assert(t, 2, 0)
	})
}

func TestAllWhoAskAtOnceShareOneRead(t *testing.T) {
	opened(t, func(t *testing.T, source *source, value *lastgood.Value[int]) {
		source.takes = time.Second
		var all sync.WaitGroup
		for range 64 {
			all.Go(func() { get(t, value, 1) })
			all.Go(func() { refresh(t, value, 1, 1) })
		}
		all.Wait()
		source.assert(t, 1, 0)
	})
}

func TestAStaleValueHoldsUpOneCallerAlone(t *testing.T) {
	opened(t, func(t *testing.T, source *source, value *lastgood.Value[int]) {
		get(t, value, 1)
		source.takes = time.Second
		time.Sleep(5 * time.Minute)
		go get(t, value, 1)
		synctest.Wait()
		began := time.Now()
		get(t, value, 1)
		if waited := time.Since(began); waited != 0 {
			t.Errorf("another caller waited %s", waited)
		}
		time.Sleep(time.Second)
		source.assert(t, 2, 0)
	})
}

// What the last good value has goes on. What it has not may be there by now, so nobody can tell.
func TestAFailedReadKeepsTheLastGoodValueAndDeniesNothing(t *testing.T) {
	opened(t, func(t *testing.T, source *source, value *lastgood.Value[int]) {
		get(t, value, 1)
		source.set(2, errDown)
		time.Sleep(5 * time.Minute)
		for range 100 {
			get(t, value, 1)
			refresh(t, value, 1, 1)
			refuseRefresh(t, value, 2)
		}
		source.assert(t, 2, 1)
		source.set(2, nil)
		time.Sleep(10 * time.Second)
		get(t, value, 2)
		refresh(t, value, 3, 2)
		source.assert(t, 3, 1)
	})
}

func TestAFailedFirstReadIsAnOutageThatTheNextUseEnds(t *testing.T) {
	opened(t, func(t *testing.T, source *source, value *lastgood.Value[int]) {
		source.set(0, errDown)
		if got, err := value.Get(t.Context()); !errors.Is(err, fault.Unavailable) || !errors.Is(err, errDown) {
			t.Errorf("Get = %d, %v; want fault.Unavailable because of %v", got, err, errDown)
		}
		refuseRefresh(t, value, 1)
		source.set(1, nil)
		get(t, value, 1)
		source.assert(t, 3, 0)
	})
}

func TestACallerWhoGivesUpTakesNobodyElseAlong(t *testing.T) {
	opened(t, func(t *testing.T, source *source, value *lastgood.Value[int]) {
		source.takes = time.Second
		impatient, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := value.Get(impatient); !errors.Is(err, fault.Unavailable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error = %v, want fault.Unavailable because of the deadline", err)
		}
		get(t, value, 1)
		source.assert(t, 1, 0)
	})
}
