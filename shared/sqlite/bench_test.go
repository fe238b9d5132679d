package sqlite

import (
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// BenchmarkSpend measures a spend by so many callers at once, on one key and on a thousand. Beside the time it
// gives the CPU time of the process, and how many spends shared a transaction.
func BenchmarkSpend(b *testing.B) {
	for _, keys := range []int{1, 1000} {
		store := newFile(b).open(b)
		spends := make([]apikey.Spend, keys)
		for i := range spends {
			spends[i] = spendOf(createKey(b, store, newKey(i+1)))
		}
		for _, callers := range []int{1, 16, 64} {
			b.Run(fmt.Sprintf("keys=%d/callers=%d", keys, callers), func(b *testing.B) {
				benchmarkSpend(b, store, spends, callers)
			})
		}
	}
}

// BenchmarkSpendWithRules measures a key with 100 IP entries and a long scope. It costs what one without costs.
func BenchmarkSpendWithRules(b *testing.B) {
	store := newFile(b).open(b)
	key := ruled(newKey(1))
	for i := range 100 {
		key.Networks.Allow = append(key.Networks.Allow, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(i)}), 24))
		key.Scope.Customers = append(key.Scope.Customers, fmt.Sprintf("customer-%d", i))
	}
	spend := spendOf(createKey(b, store, key))
	spend.Rules = key.RulesID
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			benchmarkSpend(b, store, []apikey.Spend{spend}, callers)
		})
	}
}

func benchmarkSpend(b *testing.B, store *Store, spends []apikey.Spend, callers int) {
	b.ReportAllocs()
	used, commits := cpu(b), store.committer.commits.Load()
	var next atomic.Int64
	var wait sync.WaitGroup
	for range callers {
		wait.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				outcome, err := store.Spend(b.Context(), spends[n%int64(len(spends))])
				if err != nil || !outcome.Spent {
					b.Error(outcome, err)
				}
			}
		})
	}
	wait.Wait()
	b.ReportMetric(float64((cpu(b)-used).Nanoseconds())/float64(b.N), "cpu-ns/op")
	b.ReportMetric(float64(b.N)/float64(store.committer.commits.Load()-commits), "spends/commit")
}

// cpu is the CPU time that this process has taken.
func cpu(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
