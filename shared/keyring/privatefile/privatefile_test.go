package privatefile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/keyring/privatefile"
)

func TestWhatIsThereIsReadAndNotMadeAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	for _, fresh := range []string{"first", "second"} {
		data, err := privatefile.Open(path, func() ([]byte, error) { return []byte(fresh), nil })
		if err != nil || string(data) != "first" {
			t.Errorf("Open = %q, %v; want first", data, err)
		}
	}
}

func TestAFailedMakingLeavesNothing(t *testing.T) {
	dir, errNo := t.TempDir(), errors.New("no")
	_, err := privatefile.Open(filepath.Join(dir, "key"), func() ([]byte, error) { return nil, errNo })
	if !errors.Is(err, errNo) {
		t.Errorf("error = %v, want %v", err, errNo)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("left behind %v, %v", entries, err)
	}
}

func TestWhatIsNoPrivateFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, make([]byte, 64<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{dir: "is not a regular file", large: "is too large"} {
		_, err := privatefile.Open(path, func() ([]byte, error) { return nil, nil })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error = %v, want it to say %q", path, err, want)
		}
	}
}

func TestWhatIsWrittenReplacesTheWholeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "key")
	if _, err := privatefile.Read(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before: error = %v, want that there is none", err)
	}
	for _, want := range []string{"a long first content", "second"} {
		if err := privatefile.Write(path, []byte(want)); err != nil {
			t.Fatal(err)
		}
		if data, err := privatefile.Read(path); err != nil || string(data) != want {
			t.Errorf("Read = %q, %v; want %q", data, err, want)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Fatalf("left behind %v, %v; want the one file", entries, err)
	}
	if info, err := entries[0].Info(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("file: %v, %v; want mode 0600", info, err)
	}
}

func TestAFailedWriteLeavesWhatWasThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := privatefile.Write(path, []byte("new")); err == nil {
		t.Error("a directory was replaced")
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("left behind %v, %v; want the directory alone", entries, err)
	}
}
