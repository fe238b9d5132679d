package jwtkey

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/keyring/privatefile"
)

// File keeps a signing ring in a file that only its owner can read. It is a keyring.Vault.
type File struct{ Path string }

// Load reads the file. A file that others may read is refused.
func (f File) Load(context.Context) ([]byte, error) {
	data, err := privatefile.Read(f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading %s: %w", f.Path, keyring.ErrNone)
	}
	return data, err
}

// Save writes the file, mode 0600, or replaces it.
func (f File) Save(_ context.Context, ring []byte) error {
	if err := privatefile.Write(f.Path, ring); err != nil {
		return fmt.Errorf("writing %s: %w", f.Path, err)
	}
	return nil
}
