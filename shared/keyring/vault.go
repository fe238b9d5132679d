package keyring

import (
	"context"
	"errors"
)

// Vault is a Source that can be written too: by what makes keys, and by nothing else.
type Vault interface {
	// Load is a Source's. Where nothing has been saved yet its error is ErrNone.
	Source
	// Save replaces the whole of what is kept. After an error it may have been saved or not, but never in part.
	Save(ctx context.Context, ring []byte) error
}

// ErrNone says that a Vault is empty.
var ErrNone = errors.New("nothing is kept there yet")
