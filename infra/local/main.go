// Command local is the whole of keyward on one machine: the same functions behind the same tables as on AWS, on an
// embedded store, with a development identity provider.
//
//	local run                    serve until Ctrl-C
//	local token [-member NAME]   print a session token
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "keyward:", err)
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string) error {
	settings, err := readSettings(os.Getenv)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return run(ctx, settings)
	}
	switch args[0] {
	case "run":
		return run(ctx, settings)
	case "token":
		flags := flag.NewFlagSet("token", flag.ContinueOnError)
		member := flags.String("member", "dev", "the `name` of the member who signs in")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return printToken(settings, *member)
	default:
		return fmt.Errorf("there is no command %q; there are run and token", args[0])
	}
}
