// Command generate turns a catalog in YAML into what functions start with: the JSON that they read, and the same as Go. It is
// called with the three files: generate catalog.yaml catalog.json shipped.go.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/keyward/keyward/shared/policy/catalogfile"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: generate catalog.yaml catalog.json shipped.go")
		os.Exit(2)
	}
	if err := generate(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func generate(from, toJSON, toGo string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	catalog, err := catalogfile.Load(data)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(catalog, "", "\t")
	if err != nil {
		return err
	}
	source, err := catalogfile.Source(catalog)
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(toJSON, append(text, '\n'), 0o644), os.WriteFile(toGo, source, 0o644))
}
