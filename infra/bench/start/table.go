package start

import (
	"fmt"
	"io"
	"time"

	"github.com/keyward/keyward/infra/bench/report"
)

func write(out io.Writer, subjects []*subject) {
	rows := [][]string{{"function", "exec to /next", "over empty", "exec to the first AWS request", "over empty", "first event", "start and first event", "over empty", "peak memory", "zip (arm64)"}}
	floor := subjects[0]
	for _, s := range subjects {
		asked, over := "none", ""
		if len(s.asked) > 0 {
			asked, over = milliseconds(report.Median(s.asked)), ratio(s.asked, floor.ready)
		}
		rows = append(rows, []string{
			s.name, milliseconds(report.Median(s.ready)), ratio(s.ready, floor.ready), asked, over,
			milliseconds(report.Median(s.answered)), milliseconds(report.Median(s.cold())), ratio(s.cold(), floor.cold()),
			megabytes(report.Median(s.peak)), megabytes(s.zip),
		})
	}
	report.Table(out, fmt.Sprintf("start: medians of %d starts, taking turns; a ratio is the median of the rounds' ratios", starts-1), rows)
}

// cold is what whoever sends the first event waits for: the start and the answer.
func (s *subject) cold() []time.Duration {
	all := make([]time.Duration, len(s.ready))
	for round, ready := range s.ready {
		all[round] = ready + s.answered[round]
	}
	return all
}

func ratio(times, floor []time.Duration) string {
	return fmt.Sprintf("%.2f", report.MedianRatio(times, floor[:len(times)]))
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%.1f ms", d.Seconds()*1e3) }

func megabytes(bytes int64) string {
	if bytes == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f MB", float64(bytes)/1e6)
}
