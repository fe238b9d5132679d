package authorize

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/keyward/keyward/infra/bench/dynamolocal"
	"github.com/keyward/keyward/infra/bench/report"
)

// cost is what an allowed request asks of DynamoDB.
type cost struct {
	requests int
	units    float64
}

// meter counts what one Authorize asks of DynamoDB.
func meter(ctx context.Context, server *dynamolocal.Server, dir string) (cost, error) {
	meter := dynamolocal.NewMeter(server.Client())
	authorize, err := admit(ctx, meter, dir)
	if err != nil {
		return cost{}, err
	}
	meter.Read()
	if err := authorize(ctx); err != nil {
		return cost{}, err
	}
	requests, units := meter.Read()
	return cost{requests, units}, nil
}

func write(out io.Writer, subjects []*subject, cost cost) {
	rows := [][]string{{"", "CPU a call", "lowest to highest round", "time a call", "CPU over bare"}}
	for _, s := range subjects {
		rows = append(rows, []string{
			s.name,
			report.Microseconds(report.Median(s.cpu)),
			report.Microseconds(slices.Min(s.cpu)) + " to " + report.Microseconds(slices.Max(s.cpu)),
			report.Microseconds(report.Median(s.time)),
			fmt.Sprintf("%.2f", overBare(s, subjects[0])),
		})
	}
	report.Table(out, fmt.Sprintf("authorize: medians of %d rounds of %d calls, DynamoDB Local", rounds-1, callsEach), rows)
	fmt.Fprintf(out, "\nAn allowed request: %d request to DynamoDB, %.1f write units.\n", cost.requests, cost.units)
}

// overBare is the median of the ratios of the rounds: what disturbs a round disturbs both of it.
func overBare(s, bare *subject) float64 {
	ratios := make([]float64, len(s.cpu))
	for round, cpu := range s.cpu {
		ratios[round] = float64(cpu) / float64(max(bare.cpu[round], time.Nanosecond))
	}
	return report.Median(ratios)
}
