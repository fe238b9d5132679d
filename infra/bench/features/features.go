// Package features measures what the features of a key cost an authorization: in requests and capacity on DynamoDB Local,
// and in CPU time on both stores, beside a key that has none of them.
package features

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/keyward/keyward/infra/bench/account"
	"github.com/keyward/keyward/infra/bench/dynamolocal"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/jwtkey"
	"github.com/keyward/keyward/shared/sqlite"
)

// The tables of DynamoDB Local, one for each measurement.
const (
	capacityTable = "capacity"
	timeTable     = "time"
)

// Measure writes both tables.
func Measure(ctx context.Context, out io.Writer) (err error) {
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
	if err := measureCapacity(ctx, out, server, dir); err != nil {
		return err
	}
	return measureTime(ctx, out, server, dir)
}

// open opens an account with all that the shapes need, whose peppers and signing keys are in a folder of dir.
func open(ctx context.Context, store account.Store, dir, name string) (*account.Account, error) {
	dir = filepath.Join(dir, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	opened, err := account.Open(ctx, store, dir)
	if err != nil {
		return nil, err
	}
	for _, algorithm := range []jwtkey.Algorithm{jwtkey.ES256, jwtkey.EdDSA} { // before anything reads the public keys
		if err := opened.Sign(ctx, algorithm); err != nil {
			return nil, err
		}
	}
	return opened, opened.GiveRole(ctx, ownRole)
}

// openTable is open on a new table of DynamoDB Local.
func openTable(ctx context.Context, server *dynamolocal.Server, client dynamo.API, dir, table string) (*account.Account, error) {
	if err := server.Table(ctx, table); err != nil {
		return nil, err
	}
	return open(ctx, dynamo.New(client, table), dir, table)
}

func measureTime(ctx context.Context, out io.Writer, server *dynamolocal.Server, dir string) (err error) {
	file, err := sqlite.Open(ctx, filepath.Join(dir, "keyward.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	embedded, err := open(ctx, file, dir, "embedded")
	if err != nil {
		return err
	}
	table, err := openTable(ctx, server, server.Client(), dir, timeTable)
	if err != nil {
		return err
	}
	subjects, err := subjectsOf(ctx, embedded, table)
	if err != nil {
		return err
	}
	for round := range rounds {
		for _, subject := range subjects {
			if err := subject.turn(ctx, round > 0); err != nil {
				return err
			}
		}
	}
	writeTime(out, subjects)
	return nil
}
