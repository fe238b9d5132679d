// Command zip writes <in>/<name>.zip from <in>/<name>/bootstrap for each name it is given. The same bootstrap gives the
// same bytes on every machine: entries have no times of their own.
package main

import (
	"archive/zip"
	"compress/flate"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	in := flag.String("in", filepath.Join("build", "functions"), "the folder of the bootstraps, and of the zips")
	flag.Parse()
	for _, name := range flag.Args() {
		size, err := pack(filepath.Join(*in, name))
		if err != nil {
			fmt.Fprintln(os.Stderr, "zip:", err)
			os.Exit(1)
		}
		fmt.Printf("%s/%-16s %5.2f MB\n", *in, name+".zip", float64(size)/1e6)
	}
}

// pack writes dir.zip with dir/bootstrap in it, and gives its size in bytes.
func pack(dir string) (size int64, err error) {
	bootstrap, err := os.ReadFile(filepath.Join(dir, "bootstrap"))
	if err != nil {
		return 0, err
	}
	file, err := os.Create(dir + ".zip")
	if err != nil {
		return 0, err
	}
	defer func() {
		if closed := file.Close(); err == nil {
			err = closed
		}
	}()
	if err := write(file, bootstrap); err != nil {
		return 0, err
	}
	return file.Seek(0, io.SeekCurrent)
}

func write(out io.Writer, bootstrap []byte) error {
	archive := zip.NewWriter(out)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate}
	header.SetMode(0o755)
	entry, err := archive.CreateHeader(header)
	if err != nil {
		return err
	}
	if _, err := entry.Write(bootstrap); err != nil {
		return err
	}
	return archive.Close()
}
