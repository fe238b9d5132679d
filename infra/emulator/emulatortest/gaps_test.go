package emulatortest

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/infra/acceptance"
	"github.com/keyward/keyward/shared/checkout"
)

var gapRow = regexp.MustCompile(`(?m)^\| ([^|]+) \| [^|]+ \| [^|]+ \| [^|]+ \|$`)

// docs/fidelity.md has a row for each known gap, and for no other.
func TestGaps_areThoseOfThePage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(checkout.Root(), "docs", "fidelity.md"))
	if err != nil {
		t.Fatal(err)
	}
	var listed []acceptance.Gap
	for _, row := range gapRow.FindAllStringSubmatch(string(page), -1) {
		if row[1] != "gap" && row[1] != "---" {
			listed = append(listed, acceptance.Gap(row[1]))
		}
	}
	slices.Sort(listed)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(Gaps)), listed); diff != "" {
		t.Errorf("(-known +on the page)\n%s", diff)
	}
	for gap, reason := range Gaps {
		if reason == "" {
			t.Errorf("%s has no reason", gap)
		}
	}
}
