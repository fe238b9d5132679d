package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/keyward/keyward/shared/jwtkey"
	"github.com/keyward/keyward/shared/wire"
)

// retierBatch is how many keys are looked at between two lines of progress.
const retierBatch = 1000

// retier gives existing keys the numbers that the catalog's tiers have now, starting behind the position after, and tells
// how far it has come: whatever stops it, it can go on from there.
func retier(ctx context.Context, settings settings, after string, out io.Writer) (err error) {
	store, closeStore, err := openStore(ctx, settings)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	follower := wire.Parts{Config: settings.config, Store: store, Now: time.Now, Log: slog.Default()}.Follower()
	examined, changed := 0, 0
	for {
		step, err := follower.Retier(ctx, after, retierBatch)
		if err != nil {
			return fmt.Errorf("after %d keys: %w; go on with: retier -after %q", examined, err, after)
		}
		examined, changed, after = examined+step.Examined, changed+step.Changed, step.Next
		fmt.Fprintf(out, "%d keys looked at, %d changed\n", examined, changed)
		if after == "" {
			return nil
		}
	}
}

// signingKeys tells which keys sign keys in JWT format, after rotating them or withdrawing one where that is asked for.
func signingKeys(ctx context.Context, settings settings, rotate bool, withdraw string, out io.Writer) (err error) {
	store, closeStore, err := openStore(ctx, settings)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	path, err := settings.path("signing.json")
	if err != nil {
		return err
	}
	custodian := wire.Parts{Config: settings.config, Store: store, Vault: jwtkey.File{Path: path}, Now: time.Now}.SigningKeys()
	do := custodian.Ensure
	switch {
	case rotate:
		fmt.Fprintf(os.Stderr, "publishing a new key; it signs in %s, when every keyward on this data has noticed it\n", jwtkey.Notice)
		do = custodian.Rotate
	case withdraw != "":
		do = func(ctx context.Context) (jwtkey.Custody, error) { return custodian.Withdraw(ctx, withdraw) }
	}
	custody, err := do(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "current %s (%s), published %v\n", custody.Current, custody.Algorithm, custody.Published)
	return err
}
