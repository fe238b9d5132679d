// Command bench measures what docs/benchmarks.md claims: `go run ./infra/bench verify`, and so on. Each measurement
// prints a table in markdown. It compares things in one run, taking turns, so that ratios hold on a noisy machine.
package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/keyward/keyward/infra/bench/authorize"
	"github.com/keyward/keyward/infra/bench/bare"
	"github.com/keyward/keyward/infra/bench/features"
	"github.com/keyward/keyward/infra/bench/size"
	"github.com/keyward/keyward/infra/bench/start"
	"github.com/keyward/keyward/infra/bench/verify"
)

// measurements are what there is to measure, by name. Each writes its table to out.
var measurements = map[string]func(ctx context.Context, out io.Writer) error{
	"authorize": authorize.Measure,
	"features":  features.Measure,
	"size":      size.Measure,
	"start":     start.Measure,
	"verify":    verify.Measure,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// command runs the measurements that are named. bare is none: it is the server that verify compares with, in a
// process of its own.
func command(ctx context.Context, names []string) error {
	if len(names) == 2 && names[0] == bare.Command {
		return bare.Serve(ctx, names[1])
	}
	if len(names) == 0 {
		return fmt.Errorf("say what to measure: %s", strings.Join(slices.Sorted(maps.Keys(measurements)), ", "))
	}
	for _, name := range names {
		measure, found := measurements[name]
		if !found {
			return fmt.Errorf("there is no measurement %q", name)
		}
		if err := measure(ctx, os.Stdout); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
