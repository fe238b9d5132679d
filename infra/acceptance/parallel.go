package acceptance

import (
	"errors"
	"sync"
	"testing"
)

// outcome is what went wrong in parallel.
type outcome []error

// parallel calls do with 0 to n-1, from that many goroutines.
func parallel(goroutines, n int, do func(n int) error) outcome {
	errs := make(outcome, n)
	next := make(chan int)
	var all sync.WaitGroup
	for range goroutines {
		all.Go(func() {
			for i := range next {
				errs[i] = do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	all.Wait()
	return errs
}

func (o outcome) orFail(t testing.TB) {
	t.Helper()
	if err := errors.Join(o...); err != nil {
		t.Fatal(err)
	}
}
