package runtimeapi_test

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/runtimeapi"
)

// archive makes a zip of one file.
func archive(t *testing.T, name string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "function.zip")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	writer := zip.NewWriter(file)
	header := &zip.FileHeader{Name: name}
	header.SetMode(mode)
	entry, err := writer.CreateHeader(header)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := entry.Write([]byte("#!/bin/sh\n")); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAnUnpackedBootstrapCanBeExecuted(t *testing.T) {
	bootstrap, err := runtimeapi.Unpack(archive(t, "bootstrap", 0o755), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(bootstrap)
	if err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestAZipThatLambdaCouldNotRunIsRefused(t *testing.T) {
	for want, path := range map[string]string{
		"may not be executed":  archive(t, "bootstrap", 0o644),
		"has no bootstrap":     archive(t, "bin/bootstrap", 0o755),
		"leads elsewhere":      archive(t, "../bootstrap", 0o755),
		"no such file":         filepath.Join(t.TempDir(), "function.zip"),
		"not a valid zip file": text(t, filepath.Join(t.TempDir(), "text.zip")),
	} {
		if _, err := runtimeapi.Unpack(path, t.TempDir()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v", want, err)
		}
	}
}

// text makes a file that is no zip.
func text(t *testing.T, path string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
