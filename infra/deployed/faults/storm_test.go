package faults

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// storms are the ways in which DynamoDB goes wrong while keyward is at work.
var storms = map[string]func(seed uint64) plan{
	"every third call exceeds the throughput":   func(uint64) plan { return every(3, nil, throughput) },
	"every other call is throttled":             func(uint64) plan { return every(2, nil, throttling) },
	"every third call exceeds a request limit":  func(uint64) plan { return every(3, nil, requestLimit) },
	"hot records conflict three times of four":  func(uint64) plan { return but(4, hot, conflicting) },
	"transactions conflict three times of four": func(uint64) plan { return but(4, transaction, conflicting) },
	"every write conflicts every other time":    func(uint64) plan { return every(2, write, conflicting) },
	"transactions are in progress":              func(uint64) plan { return every(2, transaction, inProgress) },
	"every third call is an internal error":     func(uint64) plan { return every(3, nil, internalError) },
	"every third call finds nobody":             func(uint64) plan { return every(3, nil, unavailable) },
	"every third call meets another's 502":      func(uint64) plan { return every(3, nil, gateway) },
	"every third connection is cut before":      func(uint64) plan { return every(3, nil, cutBefore) },
	"every other write is done and cut":         func(uint64) plan { return every(2, write, cutAfter) },
	"every write is done and cut":               func(uint64) plan { return every(1, write, cutAfter) },
	"every third answer is cut in the middle":   func(uint64) plan { return every(3, nil, cutMiddle) },
	"every third answer is none":                func(uint64) plan { return every(3, nil, garbled) },
	"it is down":                                func(uint64) plan { return every(1, nil, cutBefore) },
	"everything at random": func(seed uint64) plan {
		return atRandom(seed, 0.3, throughput, throttling, conflicting, internalError, unavailable, cutBefore, cutAfter, cutMiddle, garbled)
	},
	"every other call at random": func(seed uint64) plan {
		return atRandom(seed, 0.5, throughput, conflicting, internalError, cutBefore, cutAfter)
	},
}

// but has all calls go wrong that which says, but for one in n.
func but(n int, which func(call) bool, happens mishap) plan {
	met := 0
	return func(c call) mishap {
		if which(c) {
			met++
		}
		if !which(c) || met%n == 0 {
			return nil
		}
		return happens
	}
}

// Whatever DynamoDB does while three members make, use, change and end keys: nobody is let in after a restriction was
// acknowledged, nothing that was acknowledged is lost, every failure is a 503, and once DynamoDB is well again all goes on at
// once, without a restart, with the table in order.
func TestAStormOfDynamoDBLosesNothing(t *testing.T) {
	seed := uint64(0)
	for name, storm := range storms {
		seed++
		t.Run(name, func(t *testing.T) {
			h := open(t)
			workers := []*worker{}
			for n := range 3 {
				workers = append(workers, h.newWorker(fmt.Sprint(n), h.token("ann"), uint64(n+1)))
			}
			workers[0].work(4) // ann's organization, and a few keys of before
			limited := workers[0].limited()
			h.dynamo.broken(storm(uint64(len(name))))
			h.together(workers, func(w *worker) { w.work(14) })
			used := h.hammer(limited)
			calls, hit := h.dynamo.mend()
			t.Logf("%d of %d calls went wrong, %d of %d uses were allowed; the schedule's seed is %d", hit, calls, used, hammered, len(name))
			if hit == 0 {
				t.Error("nothing went wrong")
			}
			h.together(workers, (*worker).recover)
			h.wantLimit(limited, used)
			h.clock.Advance(2 * time.Minute)
			h.cleanUp()
			h.wantOrder()
			h.together(workers, func(w *worker) { w.work(3); w.list() })
		})
	}
}

func (h *home) together(workers []*worker, do func(*worker)) {
	var all sync.WaitGroup
	for _, w := range workers {
		all.Go(func() { do(w) })
	}
	all.Wait()
}

// limit is the limit of the key that is hammered, and hammered how often it is used.
const (
	limit    = 12
	hammered = 30
)

// limited is a key with that limit.
func (w *worker) limited() string {
	w.Helper()
	got := w.ask("POST", "/v1/keys", w.token, fmt.Sprintf(`{"name":"limited","rate_limit":%d,"permissions":["dns:read"]}`, limit))
	if got.status != http.StatusCreated {
		w.Fatalf("%d %v", got.status, got.body)
	}
	return got.text("api_key")
}

// hammer uses a key from many sides at once, and gives how often it was allowed.
func (h *home) hammer(secret string) (allowed int) {
	h.Helper()
	var all sync.WaitGroup
	var passed atomic.Int64
	for range 6 {
		all.Go(func() {
			for range hammered / 6 {
				switch got := h.ask("GET", zones, secret, ""); got.status {
				case http.StatusOK:
					passed.Add(1)
				case http.StatusTooManyRequests, http.StatusServiceUnavailable:
				default:
					h.Errorf("using a limited key: %d %v", got.status, got.body)
				}
			}
		})
	}
	all.Wait()
	return int(passed.Load())
}

// wantLimit checks that the key is never used more often in its minute than its limit, and again in the next one.
func (h *home) wantLimit(secret string, used int) {
	h.Helper()
	for range limit + 1 {
		got := h.ask("GET", zones, secret, "")
		h.wantAtOnce(got, "using a limited key")
		if got.status == http.StatusOK {
			used++
		}
	}
	if used > limit {
		h.Errorf("%d requests were allowed in a minute, the limit is %d", used, limit)
	}
	h.clock.Advance(time.Minute)
	if got := h.ask("GET", zones, secret, ""); got.status != http.StatusOK {
		h.Errorf("in the next minute: %d %v", got.status, got.body)
	}
}
