package features

import (
	"context"
	"fmt"
	"io"

	"github.com/keyward/keyward/infra/bench/account"
	"github.com/keyward/keyward/infra/bench/dynamolocal"
	"github.com/keyward/keyward/infra/bench/report"
)

// measureCapacity writes what an allowed request with a key of each shape asks of DynamoDB: of a process that has not
// seen the key yet, and of one that has.
func measureCapacity(ctx context.Context, out io.Writer, server *dynamolocal.Server, dir string) error {
	meter := dynamolocal.NewMeter(server.Client())
	opened, err := openTable(ctx, server, meter, dir, capacityTable)
	if err != nil {
		return err
	}
	rows := [][]string{{"an allowed request", "of a process that knows the key", "units", "of one that does not", "units", "item"}}
	signers := 0
	for _, shape := range shapes {
		known, unknown, err := shape.metered(ctx, opened, meter)
		if err != nil {
			return err
		}
		if shape.sign != "" {
			if signers, err = shape.meterSigners(ctx, opened, meter, known); err != nil {
				return err
			}
		}
		rows = append(rows, []string{
			shape.name, requests(known), units(known), requests(unknown), units(unknown), fmt.Sprintf("%d bytes", known.ItemSize),
		})
	}
	report.Table(out, "features: requests to DynamoDB Local", rows)
	fmt.Fprintf(out, "\nThe first key in JWT format that a process sees, and one in five minutes: %d request more, for the public keys.\n", signers)
	return nil
}

// metered gives what the second request of a process with a new key asks, and what the first one does.
func (s shape) metered(ctx context.Context, opened *account.Account, meter *dynamolocal.Meter) (known, unknown dynamolocal.Reading, err error) {
	authorize, err := s.key(ctx, opened)
	if err != nil {
		return known, unknown, err
	}
	for range 2 { // the first of both also reads the public keys of a signature
		opened.Forget()
		meter.Read()
		if err := authorize(ctx); err != nil {
			return known, unknown, err
		}
		unknown = meter.Read()
	}
	err = authorize(ctx)
	return meter.Read(), unknown, err
}

// meterSigners gives how many requests more than those of known it takes where the public keys have to be read.
func (s shape) meterSigners(ctx context.Context, opened *account.Account, meter *dynamolocal.Meter, known dynamolocal.Reading) (int, error) {
	authorize, err := shape{name: s.name + ", again", draft: s.draft, sign: s.sign, address: s.address, customer: s.customer}.key(ctx, opened)
	if err != nil {
		return 0, err
	}
	if err := authorize(ctx); err != nil {
		return 0, err
	}
	opened.ForgetSigners()
	meter.Read()
	err = authorize(ctx)
	return meter.Read().Requests() - known.Requests(), err
}

// requests says how many there were, and whether they were under way at once.
func requests(r dynamolocal.Reading) string {
	text := fmt.Sprintf("%d write", r.Writes)
	if r.Writes > 1 {
		text += "s"
	}
	switch {
	case r.Reads == 0:
		return text
	case r.AtOnce > 1:
		return fmt.Sprintf("%s and %d read, at once", text, r.Reads)
	default:
		return fmt.Sprintf("%s and %d read, in turn", text, r.Reads)
	}
}

func units(r dynamolocal.Reading) string {
	text := fmt.Sprintf("%.1f WRU", r.WriteUnits)
	if r.Reads > 0 {
		text += fmt.Sprintf(", %.1f RRU", r.ReadUnits)
	}
	return text
}
