package verify

import (
	"fmt"
	"io"
	"slices"

	"github.com/keyward/keyward/infra/bench/load"
	"github.com/keyward/keyward/infra/bench/report"
)

func write(out io.Writer, subjects []*subject) {
	rows := [][]string{{"POST /v1/keys/verify, embedded store", "CPU a request", "lowest to highest round", "requests/s", "CPU over bare"}}
	floor := report.Median(subjects[0].cpu)
	for _, s := range subjects {
		cpu := report.Median(s.cpu)
		rows = append(rows, []string{
			s.Name,
			report.Microseconds(cpu),
			report.Microseconds(slices.Min(s.cpu)) + " to " + report.Microseconds(slices.Max(s.cpu)),
			fmt.Sprintf("%.0f", report.Median(s.rate)),
			report.Ratio(cpu, floor),
		})
	}
	report.Table(out, fmt.Sprintf("verify: %d clients, medians of %d rounds of %d requests", load.Clients, rounds-1, requestsEach), rows)
}
