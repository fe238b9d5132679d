// Package report writes what was measured.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Table writes a table in markdown under a heading.
func Table(out io.Writer, heading string, rows [][]string) {
	fmt.Fprintf(out, "\n### %s\n\n", heading)
	for i, row := range rows {
		fmt.Fprintf(out, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Fprintln(out, strings.Repeat("| --- ", len(row))+"|")
		}
	}
}

// Median is the one in the middle of all, of which there is at least one.
func Median[T int64 | float64 | time.Duration](all []T) T {
	return slices.Sorted(slices.Values(all))[len(all)/2]
}

// MedianRatio is the median of the rounds' ratios of some times to others: what disturbs a round disturbs both of it.
func MedianRatio(times, floor []time.Duration) float64 {
	ratios := make([]float64, len(times))
	for round, took := range times {
		ratios[round] = float64(took) / float64(max(floor[round], time.Nanosecond))
	}
	return Median(ratios)
}

// Microseconds writes a duration.
func Microseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f µs", float64(d.Nanoseconds())/1e3)
}

// Ratio writes how many times b a is.
func Ratio[T int64 | float64 | time.Duration](a, b T) string {
	return fmt.Sprintf("%.2f", float64(a)/float64(b))
}
