package keyring_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/keyward/keyward/shared/keyring"
)

func TestAFileIsMadeOnceAndKeepsItsPepper(t *testing.T) {
	source := keyring.File{Path: filepath.Join(t.TempDir(), "new", "peppers.json")}
	first, _ := open(source)
	again, _ := open(source)
	if got, want := ringOf(t, again).Current(secret), ringOf(t, first).Current(secret); got != want {
		t.Errorf("digest %v after a restart, %v before", got, want)
	}
	info, err := os.Stat(source.Path)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("mode %04o, want 0600", mode)
	}
}

// Two processes that each hashed with a pepper of their own would lock out each other's keys.
func TestFirstStartsAtOnceEndWithOnePepper(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "peppers.json")
	digests := make([]string, 32)
	var all sync.WaitGroup
	for i := range digests {
		all.Go(func() {
			keys, _ := open(keyring.File{Path: path})
			digests[i] = string(ringOf(t, keys).Current(secret))
		})
	}
	all.Wait()
	for _, digest := range digests {
		if digest != digests[0] {
			t.Fatalf("digests %v, want one", digests)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("left behind %v, %v; want the one file", entries, err)
	}
}

func TestAFileThatOthersCanReadIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "peppers.json")
	for _, mode := range []os.FileMode{0o644, 0o640, 0o620, 0o604} {
		if err := os.WriteFile(path, []byte(oneRing), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := keyring.File{Path: path}.Load(t.Context())
		if err == nil || !strings.Contains(err.Error(), "run chmod 600 "+path) {
			t.Errorf("mode %04o: error = %v, want one that says chmod 600", mode, err)
		}
	}
}
