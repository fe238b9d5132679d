// Package python runs the Python client printed in the Veriglob document. It needs requests, so that `make verify` runs it.
package python

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/keyward/keyward/infra/local/clients"
)

func TestClient_Python(t *testing.T) {
	interpreter := filepath.Join(clients.Tools(), "python", "bin", "python")
	if _, err := os.Stat(interpreter); err != nil {
		t.Fatalf("requests is not installed (%v): run `make tools`", err)
	}
	clients.Check(t, interpreter, filepath.Join(clients.Folder(), "python", "client.py"))
}
