package wire

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/keyward/keyward/shared/policy"
)

// CatalogLoader reads a catalog file, such as policy.Load.
type CatalogLoader func([]byte) (*policy.Catalog, error)

// CatalogFile is the catalog of a deployment that has one of its own, in the zip of every function. It has no setting: Lambda
// changes a function's settings and its code one after the other, and what starts between would not find the file.
const CatalogFile = "catalog.json"

// catalogPath is the catalog's file; empty where there is none.
func catalogPath(getenv Getenv) string {
	if path := getenv("KEYWARD_CATALOG"); path != "" {
		return path
	}
	folder := getenv("LAMBDA_TASK_ROOT")
	if folder == "" {
		return ""
	}
	path := filepath.Join(folder, CatalogFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return path
}

func readCatalog(path string, load CatalogLoader) (*policy.Catalog, error) {
	if path == "" {
		return policy.LoadShipped()
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return load(data)
}
