package emulatortest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/checkout"
)

// Catalog is the shipped catalog with one text in it replaced.
func Catalog(t testing.TB, from, to string) string {
	t.Helper()
	shipped, err := os.ReadFile(filepath.Join(checkout.Root(), "shared", "policy", "catalog.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if found := strings.Count(string(shipped), from); found != 1 {
		t.Fatalf("the shipped catalog has %q %d times", from, found)
	}
	return strings.Replace(string(shipped), from, to, 1)
}
