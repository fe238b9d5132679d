package journal

import (
	"context"
	"io"
	"testing"

	"github.com/keyward/keyward/shared/metric"
)

// BenchmarkWrite is what the line of a decision costs, and how many bytes it has.
func BenchmarkWrite(b *testing.B) {
	usual := full
	usual.Surface, usual.Member, usual.By = REST, "", ""
	for name, share := range map[string]float64{"all": 1, "tenth": 0.1, "none": 0} {
		b.Run(name, func(b *testing.B) {
			var tally metric.Tally
			var bytes counter
			j := Embedded(&bytes, "keyward", share, &tally)
			j.warm = true
			b.ReportAllocs()
			for b.Loop() {
				tally.Requested()
				j.Write(context.Background(), usual)
			}
			b.ReportMetric(float64(bytes)/float64(b.N), "bytes/decision")
		})
	}
}

// counter counts the bytes that are written.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return io.Discard.Write(p)
}
