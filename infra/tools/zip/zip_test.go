package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// A deployment can be checked against its source: the same commit gives the same zip, wherever and whenever it is built.
func TestTheSameSourceGivesTheSameZipInAnotherFolder(t *testing.T) {
	here, elsewhere := t.TempDir(), t.TempDir()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"shared", "functions"} {
		if err := os.CopyFS(filepath.Join(elsewhere, part), os.DirFS(filepath.Join(root, part))); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(elsewhere, file), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	first, second := zipOf(t, root, filepath.Join(here, "sample")), zipOf(t, elsewhere, filepath.Join(elsewhere, "sample"))
	if !bytes.Equal(first, second) {
		t.Errorf("the zips differ: %d and %d bytes", len(first), len(second))
	}
}

// zipOf builds the sample function of the module in dir, with the flags of infra/tools/build.sh, and packs it.
func zipOf(t *testing.T, dir, out string) []byte {
	t.Helper()
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", "lambda.norpc", "-trimpath", "-buildvcs=false",
		"-ldflags", "-s -w -buildid=", "-o", filepath.Join(out, "bootstrap"), "./functions/sample")
	build.Dir = dir
	build.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	if _, err := pack(out); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(out + ".zip")
	if err != nil {
		t.Fatal(err)
	}
	return data
}
