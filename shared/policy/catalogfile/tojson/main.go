// Command tojson turns a catalog in YAML into the JSON that functions read: tojson catalog.yaml catalog.json.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/keyward/keyward/shared/policy/catalogfile"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: tojson catalog.yaml catalog.json")
		os.Exit(2)
	}
	if err := convert(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "tojson:", err)
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
	out, err := json.MarshalIndent(catalog, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(to, append(out, '\n'), 0o644)
}
