// Command local is the whole of keyward on one machine: the same functions behind the same tables as on AWS, on an
// embedded store, with a development identity provider.
//
//	local run                       serve until Ctrl-C
//	local token [-member NAME]      print a session token
//	local retier [-after POSITION]  give existing keys the numbers that the catalog's tiers have now
//	local signing-keys [-rotate | -withdraw KID]
//	                                tell, or change, which keys sign keys in JWT format
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
		args = []string{"run"}
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	switch args[0] {
	case "run":
		return run(ctx, settings)
	case "token":
		member := flags.String("member", "dev", "the `name` of the member who signs in")
		return parsed(flags, args, func() error { return printToken(settings, *member) })
	case "retier":
		after := flags.String("after", "", "the `position` that an earlier run stopped at")
		return parsed(flags, args, func() error { return retier(ctx, settings, *after, os.Stdout) })
	case "signing-keys":
		rotate := flags.Bool("rotate", false, "sign with a new key from now on")
		withdraw := flags.String("withdraw", "", "end all tokens that the key of this `kid` has signed")
		return parsed(flags, args, func() error { return signingKeys(ctx, settings, *rotate, *withdraw, os.Stdout) })
	default:
		return fmt.Errorf("there is no command %q; there are run, token, retier and signing-keys", args[0])
	}
}

// parsed does what a command does, with its flags read.
func parsed(flags *flag.FlagSet, args []string, do func() error) error {
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	return do()
}
