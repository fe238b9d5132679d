package keyring

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"

	"github.com/keyward/keyward/shared/keyring/privatefile"
)

// File keeps a ring in a file that only its owner can read. The first read makes it, with one fresh pepper.
type File struct{ Path string }

// Load reads the file, or makes it. Of several first reads at once, in whatever processes, one makes the file
// and all return what it holds. A file that others may read is refused.
func (f File) Load(context.Context) ([]byte, error) { return privatefile.Open(f.Path, freshRing) }

// freshRing is a ring with one pepper, k1: 256 random bits as 64 characters.
func freshRing() ([]byte, error) {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails: it ends the program first
	return json.Marshal(map[string]string{currentField: "k1", "k1": hex.EncodeToString(random)})
}
