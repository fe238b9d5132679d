package acceptance

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// root is the repository's.
const root = "../../"

var (
	coverageRow  = regexp.MustCompile(`(?m)^\| “.*$`)
	coverageTest = regexp.MustCompile("`([A-Za-z0-9_/.-]+\\.go): ([^`]+)`")
	coverageMark = regexp.MustCompile(`\*\*(console|logs|rule|advice|later)\*\*`)
)

// docs/coverage.md names no test that there is not, and leaves no sentence without a test or a reason.
func TestTheCoveragePageNamesTestsThatExist(t *testing.T) {
	page, err := os.ReadFile(root + "docs/coverage.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := coverageRow.FindAllString(string(page), -1)
	if len(rows) < 100 {
		t.Errorf("the page lists %d sentences", len(rows))
	}
	for _, row := range rows {
		tests := coverageTest.FindAllStringSubmatch(row, -1)
		if len(tests) == 0 && !coverageMark.MatchString(row) {
			t.Errorf("neither a test nor a reason: %s", row)
		}
		for _, test := range tests {
			if missing := missingTest(t, test[1], test[2]); missing != "" {
				t.Errorf("%s: there is no %q", test[0], missing)
			}
		}
	}
}

// missingTest is the first part of a test's name that its file does not have; empty where the test exists. The name is
// TestSomething, or a group of this suite, and the names of subtests, as they stand in the source.
func missingTest(t *testing.T, file, name string) string {
	t.Helper()
	if !strings.Contains(file, "/") {
		file = "infra/acceptance/" + file
	}
	parts := strings.Split(name, "/")
	functions, texts := namesIn(t, root+file)
	isGroup := slices.ContainsFunc(groups, func(g group) bool { return g.name == parts[0] })
	if inSuite := path.Dir(file) == "infra/acceptance"; !functions[parts[0]] && !(inSuite && isGroup) {
		return parts[0]
	}
	for _, part := range parts[1:] {
		if !texts[part] {
			return part
		}
	}
	return ""
}

// namesIn are the functions and the strings of a file.
func namesIn(t *testing.T, file string) (functions, texts map[string]bool) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	functions, texts = map[string]bool{}, map[string]bool{}
	ast.Inspect(parsed, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.FuncDecl:
			functions[node.Name.Name] = node.Recv == nil
		case *ast.BasicLit:
			if text, err := strconv.Unquote(node.Value); err == nil && node.Kind == token.STRING {
				texts[text] = true
			}
		}
		return true
	})
	return functions, texts
}
