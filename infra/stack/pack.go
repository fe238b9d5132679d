package stack

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/wire"
)

// Pack puts the catalog, where config has one, beside each function's program, in zips of folder that the returned Config
// deploys. Program and catalog so change in one step of Lambda's: as a setting, the catalog's name could be there before its
// file. The same programs and catalog give the same bytes.
func (c Config) Pack(folder string) (Config, error) {
	if c.Catalog == nil {
		return c, nil
	}
	catalog, err := json.MarshalIndent(c.Catalog, "", "\t")
	if err != nil {
		return c, fmt.Errorf("catalog: %w", err)
	}
	for _, row := range httpapi.Functions {
		if err := packWith(catalog, c.zip(row.Name), filepath.Join(folder, row.Name+".zip")); err != nil {
			return c, fmt.Errorf("packing the function %s: %w", row.Name, err)
		}
	}
	c.Build = folder
	return c, nil
}

// packWith copies the zip from to the zip to, byte by byte, and adds the catalog.
func packWith(catalog []byte, from, to string) error {
	source, err := zip.OpenReader(from)
	if err != nil {
		return err
	}
	defer source.Close()
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	err = writePack(file, &source.Reader, catalog)
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

func writePack(file io.Writer, source *zip.Reader, catalog []byte) error {
	archive := zip.NewWriter(file)
	for _, entry := range source.File {
		if err := archive.Copy(entry); err != nil {
			return err
		}
	}
	header := &zip.FileHeader{Name: wire.CatalogFile, Method: zip.Deflate}
	header.SetMode(0o644)
	entry, err := archive.CreateHeader(header)
	if err != nil {
		return err
	}
	if _, err := entry.Write(catalog); err != nil {
		return err
	}
	return archive.Close()
}
