// Package checkout finds the files of the repository, for tests: those that are compiled with -trimpath, so that another
// checkout need not compile them again, do not know where their sources are.
package checkout

import (
	"os"
	"path/filepath"
)

// Root is the folder of the repository that the working directory is in, which for a test is its package's. It panics
// outside of one.
func Root() string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			panic("the working directory is in no checkout")
		}
		dir = parent
	}
}
