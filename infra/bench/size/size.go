// Package size measures what the number of keys does to listing, reading and verifying: by time on the embedded store,
// by the capacity that is consumed on DynamoDB Local.
package size

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/keyward/keyward/infra/bench/report"
)

const (
	rounds    = 9   // in which every file has its turn with every operation; the first warms up
	callsEach = 200 // of an operation on a file in a round
)

// sizes are how many keys the organization has on the embedded store.
var sizes = []int{1_000, 100_000, 1_000_000}

// Measure writes both tables.
func Measure(ctx context.Context, out io.Writer) error {
	if err := measureEmbedded(ctx, out); err != nil {
		return err
	}
	return measureDynamo(ctx, out)
}

func measureEmbedded(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "keyward-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	var files []*file
	for _, keys := range sizes {
		f, err := openFile(ctx, dir, keys)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.close()) }()
		files = append(files, f)
	}
	for round := range rounds {
		for operation := range operations {
			for _, f := range files {
				if err := f.measure(ctx, operation, callsEach, round > 0); err != nil {
					return err
				}
			}
		}
	}
	writeEmbedded(out, files)
	return nil
}

func writeEmbedded(out io.Writer, files []*file) {
	heading := []string{"embedded store"}
	for _, f := range files {
		heading = append(heading, fmt.Sprintf("%d keys (%d MB)", f.keys, f.bytes/1e6))
	}
	rows := [][]string{append(heading, "last over first")}
	for _, o := range operations {
		row := []string{o.name}
		for _, f := range files {
			row = append(row, report.Microseconds(report.Median(f.took[o.name])))
		}
		first, last := report.Median(files[0].took[o.name]), report.Median(files[len(files)-1].took[o.name])
		rows = append(rows, append(row, report.Ratio(last, first)))
	}
	report.Table(out, fmt.Sprintf("size: medians of %d calls, one at a time, over %d keys spread evenly", (rounds-1)*callsEach, spread), rows)
}
