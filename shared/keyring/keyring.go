package keyring

import (
	"context"

	"github.com/keyward/keyward/shared/keyring/lastgood"
)

// Source is where a ring is kept.
type Source interface {
	// Load reads the ring, in the form that ParseRing reads. It returns within a few seconds, whatever ctx allows.
	Load(ctx context.Context) ([]byte, error)
}

// Keyring gives the ring of a source without reading it each time.
type Keyring struct{ ring *lastgood.Value[*Ring] }

// New is the keyring of source. report is told why a read failed where that is no error for anyone, because
// the last good ring goes on; it must be safe to call at once from several goroutines.
func New(source Source, report func(error)) *Keyring {
	read := func(ctx context.Context) (*Ring, error) {
		data, err := source.Load(ctx)
		if err != nil {
			return nil, err
		}
		return ParseRing(data)
	}
	return &Keyring{lastgood.New("the keyring", read, report)}
}

// Ring is the ring. It reads the source at the first use, and again at the first use after five minutes, for
// which that one caller waits. When a read fails the last good ring goes on; with none it is a
// fault.Unavailable, and the next call tries again.
func (k *Keyring) Ring(ctx context.Context) (*Ring, error) { return k.ring.Get(ctx) }

// Refresh is the ring, read again if it lacks the pepper of that id: some other process may have hashed with a
// pepper added since. A source is read at most once in ten seconds, and all who ask meanwhile share that
// read. The ring returned may still lack the pepper: that is not an error. That it could not be read is one, since
// nobody can tell then.
func (k *Keyring) Refresh(ctx context.Context, pepperID string) (*Ring, error) {
	return k.ring.Refresh(ctx, func(ring *Ring) bool { return ring.Has(pepperID) })
}
