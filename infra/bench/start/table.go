package start

import (
	"fmt"
	"io"
	"time"

	"github.com/keyward/keyward/infra/bench/report"
)

func write(out io.Writer, subjects []*subject) {
	rows := [][]string{{"function", "exec to /next", "over empty", "exec to the first AWS request", "over empty", "peak memory", "zip (arm64)"}}
	floor := report.Median(subjects[0].next)
	for _, s := range subjects {
		next := report.Median(s.next)
		asked, over := "none", ""
		if len(s.asked) > 0 {
			first := report.Median(s.asked)
			asked, over = milliseconds(first), report.Ratio(first, floor)
		}
		rows = append(rows, []string{
			s.name, milliseconds(next), report.Ratio(next, floor), asked, over, megabytes(report.Median(s.peak)), megabytes(s.zip),
		})
	}
	report.Table(out, fmt.Sprintf("start: medians of %d starts, taking turns", rounds-1), rows)
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%.1f ms", d.Seconds()*1e3) }

func megabytes(bytes int64) string {
	if bytes == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f MB", float64(bytes)/1e6)
}
