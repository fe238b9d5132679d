package runbooks

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/checkout"
)

// read gives the commands of docs/operations.md: the blocks that are marked as sh, by the heading that they stand under. The
// others are not for this machine, and are marked as nothing.
func read(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(checkout.Root(), "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks, heading := map[string][]string{}, ""
	var block *strings.Builder
	for line := range strings.Lines(string(text)) {
		switch {
		case block != nil && line == "```\n":
			blocks[heading] = append(blocks[heading], block.String())
			block = nil
		case block != nil:
			block.WriteString(line)
		case line == "```sh\n":
			block = &strings.Builder{}
		case strings.HasPrefix(line, "#"):
			heading = strings.TrimSpace(strings.TrimLeft(line, "#"))
		}
	}
	return blocks
}
