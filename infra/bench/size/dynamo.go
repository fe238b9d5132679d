package size

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/keyward/keyward/infra/bench/account"
	"github.com/keyward/keyward/infra/bench/dynamolocal"
	"github.com/keyward/keyward/infra/bench/report"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/keys"
)

const (
	table    = "size"
	creators = 16 // create at once
)

// tableSizes are how many keys the organization has on DynamoDB Local.
var tableSizes = []int{1_000, 20_000}

// measureDynamo fills one table, and meters it whenever it has one of tableSizes.
func measureDynamo(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "keyward-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	server, err := dynamolocal.Start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	if err := server.Table(ctx, table); err != nil {
		return err
	}
	meter := dynamolocal.NewMeter(server.Client())
	opened, err := account.Open(ctx, dynamo.New(meter, table), dir)
	if err != nil {
		return err
	}
	rows := [][]string{{"DynamoDB Local", "list, limit=100", "get", "authorize"}}
	for keys := 0; len(rows) <= len(tableSizes); {
		size := tableSizes[len(rows)-1]
		if err := createAll(ctx, opened, keys, size-1); err != nil {
			return err
		}
		row, err := metered(ctx, opened, meter, size)
		if err != nil {
			return err
		}
		rows, keys = append(rows, row), size
	}
	report.Table(out, "size: requests and capacity units", rows)
	return nil
}

// createAll creates the keys behind one number, up to another.
func createAll(ctx context.Context, opened *account.Account, from, to int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	next.Store(int64(from))
	var all sync.WaitGroup
	for range creators {
		all.Go(func() {
			for n := next.Add(1); n <= int64(to) && ctx.Err() == nil; n = next.Add(1) {
				if _, err := opened.Create(ctx, int(n)); err != nil {
					cancel(err)
				}
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

// metered makes the last key, and gives what each operation asks and consumes then.
func metered(ctx context.Context, opened *account.Account, meter *dynamolocal.Meter, size int) ([]string, error) {
	created, err := opened.Create(ctx, size)
	if err != nil {
		return nil, err
	}
	row := []string{fmt.Sprintf("%d keys", size)}
	for _, call := range []func() error{
		func() error {
			_, err := opened.Keys.List(ctx, opened.Caller(), keys.Query{Limit: 100})
			return err
		},
		func() error {
			_, err := opened.Keys.Get(ctx, opened.Caller(), created.Key.ID)
			return err
		},
		func() error { return opened.Admit(ctx, created.Secret) },
	} {
		meter.Read()
		if err := call(); err != nil {
			return nil, err
		}
		reading := meter.Read()
		row = append(row, fmt.Sprintf("%d requests, %.1f units", reading.Requests(), reading.ReadUnits+reading.WriteUnits))
	}
	return row, nil
}
