// Package onaws starts a function on AWS: configuration from the environment, the parts that its main.go names, logs and
// metrics on standard output.
package onaws

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/journal"
	"github.com/keyward/keyward/shared/metric"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/wire"
)

// Part adds what a function needs to its parts: table.Part, peppers.Part. Each is a package of its own, so that a
// function's program holds only what its main.go names.
type Part func(*wire.Parts)

// Start runs the function of that name, which build makes from its parts. A missing setting ends the start with its
// name. What the hot path calls first is called once before the first request.
func Start[Handler any](name string, build func(wire.Parts) (Handler, error), needs ...Part) {
	handler, err := prepare(name, build, needs)
	if err != nil {
		slog.New(slog.NewJSONHandler(os.Stderr, nil)).Error("the function can't start", "function", name, "error", err)
		os.Exit(1)
	}
	lambda.Start(early{lambda.NewHandler(handler)})
}

func prepare[Handler any](name string, build func(wire.Parts) (Handler, error), needs []Part) (handler Handler, err error) {
	function, found := httpapi.FunctionOf(name)
	if !found {
		return handler, fmt.Errorf("there is no function %s in the table of functions", name)
	}
	load := policy.Load
	if function.NoCatalog {
		load = nil
	}
	config, err := wire.ReadConfig(wire.Env, load)
	if err != nil {
		return handler, err
	}
	if err := config.Require(function); err != nil {
		return handler, err
	}
	tally := new(metric.Tally)
	parts := wire.Parts{
		Config:  config,
		Now:     time.Now,
		Log:     slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: config.LogLevel})),
		Journal: journal.Embedded(os.Stdout, config.Deployment, config.LogSample, tally),
		Tally:   tally,
	}
	for _, add := range needs {
		add(&parts)
	}
	if handler, err = build(parts); err != nil {
		return handler, err
	}
	warmUp(parts)
	return handler, nil
}

// warmUpTime bounds the warm-up: a store that does not answer must not keep the function from starting, since then
// it answers 503 instead of nothing.
const warmUpTime = 2 * time.Second

// warmUp makes the hot path's first calls, the ones that open connections, before a request waits for them.
func warmUp(parts wire.Parts) {
	if parts.Keyring == nil || parts.Store == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), warmUpTime)
	defer cancel()
	var both sync.WaitGroup
	both.Go(func() {
		if _, err := parts.Keyring.Ring(ctx); err != nil {
			parts.Log.WarnContext(ctx, "warming up: the peppers could not be read", "error", err)
		}
	})
	both.Go(func() {
		if _, err := parts.Store.Read(ctx, "00000000"); err != nil {
			parts.Log.WarnContext(ctx, "warming up: the store could not be read", "error", err)
		}
	})
	both.Wait()
}
