package faults

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"testing"
)

// root is the repository's.
const root = "../../../"

var (
	row   = regexp.MustCompile(`(?m)^\| [^-f].*$`)
	named = regexp.MustCompile("`([A-Za-z0-9_/.-]+_test\\.go): (Test\\w+)`")
)

// docs/faults.md names no test that there is not, and no fault without one; and no test of this package is missing from it.
func TestThePageOfFaultsNamesTestsThatExist(t *testing.T) {
	page, err := os.ReadFile(root + "docs/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := row.FindAllString(string(page), -1)
	if len(rows) < 15 {
		t.Errorf("the page has %d faults", len(rows))
	}
	told := map[string]bool{"TestMain": true, "TestThePageOfFaultsNamesTestsThatExist": true}
	for _, row := range rows {
		tests := named.FindAllStringSubmatch(row, -1)
		if len(tests) == 0 {
			t.Errorf("no test: %s", row)
		}
		for _, test := range tests {
			told[test[2]] = true
			if !testsOf(t, root+test[1])[test[2]] {
				t.Errorf("there is no %s", test[0])
			}
		}
	}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		for name := range testsOf(t, file.Name()) {
			if !told[name] {
				t.Errorf("docs/faults.md does not say what %s shows", name)
			}
		}
	}
}

// testsOf are the names of the tests of a file.
func testsOf(t *testing.T, file string) map[string]bool {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]bool{}
	for _, declaration := range parsed.Decls {
		function, ok := declaration.(*ast.FuncDecl)
		if ok && function.Recv == nil && len(function.Name.Name) > 4 && function.Name.Name[:4] == "Test" {
			tests[function.Name.Name] = true
		}
	}
	return tests
}
