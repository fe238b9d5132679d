package protect

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/checkout"
)

var template = regexp.MustCompile("(?s)```yaml\n(AWSTemplateFormatVersion.*?)```")

// The templates of docs/protect.md are valid as they stand there.
func TestDocument_templatesAreValid(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(checkout.Root(), "docs", "protect.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := template.FindAllStringSubmatch(string(text), -1)
	if blocks := strings.Count(string(text), "```yaml"); len(found) != blocks || blocks == 0 {
		t.Fatalf("%d of %d YAML blocks are templates", len(found), blocks)
	}
	for i, match := range found {
		file := filepath.Join(t.TempDir(), fmt.Sprintf("template%d.yaml", i))
		if err := os.WriteFile(file, []byte(match[1]), 0o600); err != nil {
			t.Fatal(err)
		}
		lint := exec.CommandContext(t.Context(), filepath.Join(checkout.Root(), ".tools", "cfn-lint", "bin", "cfn-lint"), file)
		if output, err := lint.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s\n%s", err, output, match[1])
		}
	}
}
