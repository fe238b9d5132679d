package ratelimit_test

import (
	"testing"

	"github.com/keyward/keyward/shared/ratelimit"
)

// BenchmarkAdd measures counting a request in windows that have begun.
func BenchmarkAdd(b *testing.B) {
	counts := counted(0, 0, 0)
	b.ReportAllocs()
	for b.Loop() {
		counts = counts.Add(noon)
	}
}

// BenchmarkFull measures looking for a full window where there is none, which looks at all of them.
func BenchmarkFull(b *testing.B) {
	counts := counted(0, 0, 0)
	limits := ratelimit.Limits{PerMinute: 10, PerDay: 20, PerMonth: 30}
	b.ReportAllocs()
	for b.Loop() {
		if window, full := counts.Full(limits, noon); full {
			b.Fatalf("%s is full", window.Name())
		}
	}
}
