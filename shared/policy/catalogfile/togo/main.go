// Command togo turns a catalog in YAML into the Go that functions start with: togo catalog.yaml shipped.go.
package main

import (
	"fmt"
	"os"

	"github.com/keyward/keyward/shared/policy/catalogfile"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: togo catalog.yaml shipped.go")
		os.Exit(2)
	}
	if err := convert(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "togo:", err)
		os.Exit(1)
	}
}

func convert(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	catalog, err := catalogfile.Load(data)
	if err != nil {
		return err
	}
	out, err := catalogfile.Source(catalog)
	if err != nil {
		return err
	}
	return os.WriteFile(to, out, 0o644)
}
