package authorize

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/keyward/keyward/infra/bench/dynamolocal"
	"github.com/keyward/keyward/infra/bench/report"
)

// meter counts what one Authorize asks of DynamoDB.
func meter(ctx context.Context, server *dynamolocal.Server, dir string) (dynamolocal.Reading, error) {
	meter := dynamolocal.NewMeter(server.Client())
	authorize, err := admit(ctx, meter, dir)
	if err != nil {
		return dynamolocal.Reading{}, err
	}
	meter.Read()
	err = authorize(ctx)
	return meter.Read(), err
}

func write(out io.Writer, subjects []*subject, cost dynamolocal.Reading) {
	rows := [][]string{{"", "CPU a call", "lowest to highest round", "time a call", "CPU over bare"}}
	for _, s := range subjects {
		rows = append(rows, []string{
			s.name,
			report.Microseconds(report.Median(s.cpu)),
			report.Microseconds(slices.Min(s.cpu)) + " to " + report.Microseconds(slices.Max(s.cpu)),
			report.Microseconds(report.Median(s.time)),
			fmt.Sprintf("%.2f", report.MedianRatio(s.cpu, subjects[0].cpu)),
		})
	}
	report.Table(out, fmt.Sprintf("authorize: medians of %d rounds of %d calls, DynamoDB Local", rounds-1, callsEach), rows)
	fmt.Fprintf(out, "\nAn allowed request: %d request to DynamoDB, %.1f write units.\n", cost.Requests(), cost.WriteUnits)
}
