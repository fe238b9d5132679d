package metric

import "sync/atomic"

// Tally counts what a process asks of the store, until somebody takes the counts. Any number of goroutines may use it.
type Tally struct{ requests, retries, throttled, failed atomic.Int64 }

// Counts are what a Tally has counted.
type Counts struct{ Requests, Retries, Throttled, Failed int64 }

// Requested counts a request.
func (t *Tally) Requested() { t.requests.Add(1) }

// Retried counts a request that is sent again; it is Requested too.
func (t *Tally) Retried() { t.retries.Add(1) }

// Throttled counts a request that was refused because too much was asked.
func (t *Tally) Throttled() { t.throttled.Add(1) }

// Failed counts what was given up.
func (t *Tally) Failed() { t.failed.Add(1) }

// Take gives what was counted since it was called last: nothing is given twice, and nothing is lost.
func (t *Tally) Take() Counts {
	return Counts{t.requests.Swap(0), t.retries.Swap(0), t.throttled.Swap(0), t.failed.Swap(0)}
}

// Troubled reports whether anything went wrong, though a retry may have helped.
func (c Counts) Troubled() bool { return c.Retries+c.Throttled+c.Failed > 0 }
