package runtimeapi

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Unpack makes a folder of what a function's zip holds, as Lambda makes /var/task, and gives the path of its bootstrap. A zip
// that Lambda could not run is refused: one without a bootstrap at its root, or with one that may not be executed.
func Unpack(archive, dir string) (bootstrap string, err error) {
	reader, err := zip.OpenReader(archive)
	if err != nil {
		return "", fmt.Errorf("opening %s: %w", archive, err)
	}
	defer reader.Close()
	for _, file := range reader.File {
		if err := unpackFile(file, dir); err != nil {
			return "", fmt.Errorf("unpacking %s of %s: %w", file.Name, archive, err)
		}
	}
	bootstrap = filepath.Join(dir, "bootstrap")
	info, err := os.Stat(bootstrap)
	if err != nil {
		return "", fmt.Errorf("%s has no bootstrap: %w", archive, err)
	}
	if info.Mode().Perm()&0o111 == 0 {
		return "", fmt.Errorf("the bootstrap of %s may not be executed: its mode is %v", archive, info.Mode())
	}
	return bootstrap, nil
}

func unpackFile(file *zip.File, dir string) (err error) {
	if !filepath.IsLocal(file.Name) {
		return errors.New("its name leads elsewhere")
	}
	path := filepath.Join(dir, file.Name)
	if file.FileInfo().IsDir() {
		return os.MkdirAll(path, 0o755)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	from, err := file.Open()
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, file.Mode().Perm())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	_, err = io.Copy(to, from)
	return err
}
