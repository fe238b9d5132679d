package size

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/session/devoidc"
	"github.com/keyward/keyward/shared/sqlite"
)

// spread is how many keys of a file are read and verified, in turn.
const spread = 1_000

// file is a store in a file with so many keys, and a home over it.
type file struct {
	*home
	store   *sqlite.Store
	keys    int
	bytes   int64
	made    made
	secrets []apikey.Secret // of copies spread evenly over the file
	turn    int
	took    map[string][]time.Duration // by operation, a call each
}

// openFile makes a file with that many keys: two that are created, the others copied from one of them.
func openFile(ctx context.Context, dir string, keys int) (*file, error) {
	dir = filepath.Join(dir, fmt.Sprint(keys))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	f := &file{keys: keys, took: map[string][]time.Duration{}}
	path := filepath.Join(dir, "keyward.db")
	var err error
	if f.made, err = create(ctx, path, dir); err != nil {
		return nil, err
	}
	if f.secrets, err = fill(ctx, path, f.made, keys-2); err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	f.bytes = info.Size()
	if f.store, err = sqlite.Open(ctx, path); err != nil {
		return nil, err
	}
	f.home, err = openHome(f.store, dir)
	return f, err
}

func (f *file) close() error {
	f.identities.Close()
	return f.store.Close()
}

// made is what a file holds before it is filled: a key to copy, and one to verify with.
type made struct {
	organization org.ID
	template     apikey.ID
	caller       string // its secret
	ring         *keyring.Ring
}

// create makes a file with its first two keys, and closes it again.
func create(ctx context.Context, path, dir string) (m made, err error) {
	store, err := sqlite.Open(ctx, path)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	home, err := openHome(store, dir)
	if err != nil {
		return m, err
	}
	defer home.identities.Close()
	template, err := home.create(ctx, "template")
	if err != nil {
		return m, err
	}
	caller, err := home.create(ctx, "caller")
	if err != nil {
		return m, err
	}
	m.organization = org.Identity{Issuer: devoidc.Issuer, Subject: "dev"}.PersonalOrganization()
	m.template, _ = apikey.ParseID(template.ID)
	m.caller = caller.Secret
	m.ring, err = peppers(dir).Ring(ctx)
	return m, err
}
