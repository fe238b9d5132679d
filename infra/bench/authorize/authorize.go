// Package authorize measures what Authorize takes beyond the one conditional UpdateItem that it sends.
package authorize

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/infra/bench/account"
	"github.com/keyward/keyward/infra/bench/child"
	"github.com/keyward/keyward/infra/bench/dynamolocal"
	"github.com/keyward/keyward/shared/dynamo"
)

const (
	rounds    = 15    // in which both have their turns; the first warms up
	callsEach = 1_000 // of either in a round
	table     = "authorize"
)

// subject is something to call, and what that took.
type subject struct {
	name string
	call func(context.Context) error
	cpu  []time.Duration // a call, by round
	time []time.Duration
}

// Measure writes the CPU time of Authorize on DynamoDB Local, beside that of the same UpdateItem sent by the SDK alone.
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
	if err := server.Table(ctx, table); err != nil {
		return err
	}
	cost, err := meter(ctx, server, dir)
	if err != nil {
		return err
	}
	subjects, err := subjectsOf(ctx, server, dir)
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
	write(out, subjects, cost)
	return nil
}

// subjectsOf are the bare UpdateItem and Authorize, each on a key of its own, with a client of its own.
func subjectsOf(ctx context.Context, server *dynamolocal.Server, dir string) ([]*subject, error) {
	bare := &recorder{API: server.Client()}
	if _, err := admit(ctx, bare, dir); err != nil {
		return nil, err
	}
	authorize, err := admit(ctx, server.Client(), dir)
	if err != nil {
		return nil, err
	}
	return []*subject{
		{name: "the bare UpdateItem", call: func(ctx context.Context) error {
			_, err := bare.API.UpdateItem(ctx, bare.last)
			return err
		}},
		{name: "Authorize", call: authorize},
	}, nil
}

// recorder keeps the last UpdateItem that was sent through it: the same item, the same expressions, to be sent again.
type recorder struct {
	dynamo.API
	last *dynamodb.UpdateItemInput
}

// UpdateItem implements dynamo.API.
func (r *recorder) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	r.last = in
	return r.API.UpdateItem(ctx, in, o...)
}

// admit makes a key, and gives what authorizes one request with it, which has been done once.
func admit(ctx context.Context, client dynamo.API, dir string) (func(context.Context) error, error) {
	opened, err := account.Open(ctx, dynamo.New(client, table), dir)
	if err != nil {
		return nil, err
	}
	created, err := opened.Create(ctx, int(time.Now().UnixNano()))
	if err != nil {
		return nil, err
	}
	call := func(ctx context.Context) error { return opened.Admit(ctx, created.Secret) }
	return call, call(ctx)
}

// turn makes one round of calls, and keeps what they took where that counts.
func (s *subject) turn(ctx context.Context, counts bool) error {
	before, err := child.OwnCPU()
	if err != nil {
		return err
	}
	start := time.Now()
	for range callsEach {
		if err := s.call(ctx); err != nil {
			return err
		}
	}
	took := time.Since(start)
	after, err := child.OwnCPU()
	if err == nil && counts {
		s.cpu = append(s.cpu, (after-before)/callsEach)
		s.time = append(s.time, took/callsEach)
	}
	return err
}
