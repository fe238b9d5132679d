package binaries

import (
	"debug/elf"
	"debug/gosym"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/httpapi"
)

// A program holds the code of what its function does, and runs the initializers of no more: where the linker has dropped the
// rest of a package, its initializers may stay, and are to be empty or nearly so. What is imported is held to the table of
// functions by the architecture's test; this reads what was linked.
func TestAProgramHoldsTheCodeOfItsFunctionAlone(t *testing.T) {
	for _, row := range httpapi.Functions {
		names := functionsIn(t, bootstrap(t, row.Name))
		for prefix, allowed := range map[string]bool{
			"github.com/coreos/go-oidc/":                            row.Sessions,
			"github.com/aws/aws-sdk-go-v2/service/dynamodb.":        len(row.Table) > 0,
			"github.com/aws/aws-sdk-go-v2/service/secretsmanager.":  row.Peppers || row.Signing || row.Keymaker,
			"github.com/aws/aws-lambda-go/cfn.":                     row.Keymaker,
			"github.com/keyward/keyward/shared/session.(*Service)":  row.Sessions,
			"github.com/keyward/keyward/shared/jwtkey.(*Custodian)": row.Keymaker,
			"github.com/keyward/keyward/shared/jwtkey.Issuer":       row.Signing,
			"modernc.org/sqlite":                                    false,
			"github.com/aws/aws-sdk-go-v2/config.":                  false,
			"regexp.":                                               len(row.Table) > 0, // the SDK compiles some
		} {
			index := slices.IndexFunc(names, func(name string) bool { return strings.HasPrefix(name, prefix) && !initializer(name) })
			if index >= 0 && !allowed {
				t.Errorf("%s holds %s", row.Name, names[index])
			}
		}
	}
}

func initializer(name string) bool {
	return strings.HasSuffix(name, ".init") || strings.Contains(name, ".init.")
}

// functionsIn are the names of a program's functions, which a Go program needs at run time and so has also when it is stripped.
func functionsIn(t *testing.T, program string) []string {
	t.Helper()
	file, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	section := file.Section(".gopclntab")
	if section == nil {
		t.Fatalf("%s is no Go program", program)
	}
	lines, err := section.Data()
	if err != nil {
		t.Fatal(err)
	}
	table, err := gosym.NewTable(nil, gosym.NewLineTable(lines, file.Section(".text").Addr))
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(table.Funcs))
	for _, function := range table.Funcs {
		names = append(names, function.Name)
	}
	if len(names) < 1000 {
		t.Fatalf("%s has only %d functions: they were not read right", program, len(names))
	}
	return names
}
