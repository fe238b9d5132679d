package privatefile_test

import (
	"errors"
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
