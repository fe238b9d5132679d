// Package privatefile keeps keys in a file that only its owner can read, and that is never there in part.
package privatefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxSize is the size from which a file can't be one of ours, in bytes.
const maxSize = 64 << 10

// Open reads the file at path. Where there is none it first makes it, mode 0600 in a directory of mode 0700,
// with what fresh gives. However many processes open it for the first time at once, one content wins,
// and all of them return that; none ever sees a part of it.
//
// A file that its group or others may touch is refused, with an error that says how to put that right.
func Open(path string, fresh func() ([]byte, error)) ([]byte, error) {
	data, err := Read(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return data, err
	}
	if err := create(path, fresh); err != nil {
		return nil, fmt.Errorf("making %s: %w", path, err)
	}
	return Read(path)
}

// Write replaces the file at path, or makes it, as Open would. A reader sees the whole of what was there before or the
// whole of data, and so does whoever comes after a crash.
func Write(path string, data []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	whole, err := writeWhole(dir, func() ([]byte, error) { return data, nil })
	if err != nil {
		return err
	}
	if err := os.Rename(whole, path); err != nil {
		_ = os.Remove(whole)
		return err
	}
	return syncDir(dir)
}

// Read reads the file at path. Where there is none its error is fs.ErrNotExist. A file that its group or others may touch
// is refused, as by Open.
func Read(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if err := inspect(path, file); err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(file, maxSize))
}

// inspect refuses what is no private file. It looks at the file that is open, not at whatever path names by now.
func inspect(path string, file *os.File) error {
	info, err := file.Stat()
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file: move it out of the way", path)
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("%s can be read or changed by other users (mode %04o): run chmod 600 %s, and replace what it holds if they may have read it",
			path, info.Mode().Perm(), path)
	case info.Size() >= maxSize:
		return fmt.Errorf("%s is too large: it must have less than %d bytes", path, maxSize)
	default:
		return nil
	}
}

// create writes the whole file under another name, then links it into place, which fails if somebody else
// has been first: then theirs stands.
func create(path string, fresh func() ([]byte, error)) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	whole, err := writeWhole(dir, fresh)
	if err != nil {
		return err
	}
	defer os.Remove(whole)
	if err := os.Link(whole, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(dir)
}

// writeWhole writes a file of its own in dir, to the disk, and gives its name. os.CreateTemp makes it 0600.
func writeWhole(dir string, fresh func() ([]byte, error)) (name string, err error) {
	data, err := fresh()
	if err != nil {
		return "", err
	}
	file, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return "", err
	}
	_, err = file.Write(data)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return file.Name(), err
}

func syncDir(dir string) error {
	handle, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(handle.Sync(), handle.Close())
}
