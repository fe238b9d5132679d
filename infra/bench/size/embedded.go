package size

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/keyward/keyward/infra/bench/account"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/sqlite"
)

// spread is how many keys of a file are read and verified, in turn.
const spread = 1_000

// file is a store in a file with so many keys.
type file struct {
	*account.Account
	store   *sqlite.Store
	keys    int
	bytes   int64
	secrets []apikey.Secret // of keys spread evenly over the file
	turn    int
	took    map[string][]time.Duration // by operation, a call each
}

// openFile makes a file with that many keys.
func openFile(ctx context.Context, dir string, keys int) (*file, error) {
	dir = filepath.Join(dir, fmt.Sprint(keys))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "keyward.db")
	template, ring, err := makeTemplate(ctx, path, dir)
	if err != nil {
		return nil, err
	}
	secrets, err := fill(ctx, path, template, ring, keys-1)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	f := &file{keys: keys, bytes: info.Size(), secrets: secrets, took: map[string][]time.Duration{}}
	if f.store, err = sqlite.Open(ctx, path); err != nil {
		return nil, err
	}
	f.Account, err = account.Open(ctx, f.store, dir)
	return f, err
}

// makeTemplate makes a file with one key, and closes it again. It gives the peppers too.
func makeTemplate(ctx context.Context, path, dir string) (id apikey.ID, ring *keyring.Ring, err error) {
	store, err := sqlite.Open(ctx, path)
	if err != nil {
		return "", nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	opened, err := account.Open(ctx, store, dir)
	if err != nil {
		return "", nil, err
	}
	created, err := opened.Create(ctx, 0)
	if err != nil {
		return "", nil, err
	}
	return created.Key.ID, opened.Ring, nil
}

// operations are what is called on each file, in this order.
var operations = []struct {
	name string
	call func(ctx context.Context, f *file, n int) error
}{
	{"list, limit=100", func(ctx context.Context, f *file, _ int) error {
		listing, err := f.Keys.List(ctx, f.Caller(), keys.Query{Limit: 100})
		if err == nil && (len(listing.Keys) != 100 || listing.Total != int64(f.keys)) {
			err = fmt.Errorf("a page of %d keys of %d", len(listing.Keys), listing.Total)
		}
		return err
	}},
	{"get", func(ctx context.Context, f *file, n int) error {
		_, err := f.Keys.Get(ctx, f.Caller(), f.idOf(n))
		return err
	}},
	{"verify", func(ctx context.Context, f *file, n int) error {
		if err := f.Admit(ctx, f.secrets[n%len(f.secrets)]); err != nil {
			return err
		}
		_, err := f.store.Name(ctx, account.ID, f.idOf(n))
		return err
	}},
}

// idOf is one of the keys with secrets.
func (f *file) idOf(n int) apikey.ID {
	n %= len(f.secrets)
	return copied(1 + n*((f.keys-1)/len(f.secrets)))
}

// measure makes so many calls of an operation, and keeps what each of them took where that counts.
func (f *file) measure(ctx context.Context, operation int, calls int, counts bool) error {
	o := operations[operation]
	for range calls {
		f.turn++
		n := f.turn * 617 // no neighbours, so that the next key is on another page of the file
		start := time.Now()
		if err := o.call(ctx, f, n); err != nil {
			return fmt.Errorf("%s with %d keys: %w", o.name, f.keys, err)
		}
		if counts {
			f.took[o.name] = append(f.took[o.name], time.Since(start))
		}
	}
	return nil
}
