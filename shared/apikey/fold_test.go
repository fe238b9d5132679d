package apikey

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
)

// Two names are one if Unicode's case folding says so, and only then.
func TestFoldingAgreesWithUnicodeOnEveryRune(t *testing.T) {
	folder := cases.Fold()
	theirs := map[string]string{} // our fold to theirs
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) || unicode.Is(unicode.Cherokee, r) { // x/text leaves Cherokee as it is; Unicode does not
			continue
		}
		ours, want := fold(string(r)), folder.String(string(r))
		if ours != fold(want) {
			t.Errorf("%U folds to %+q, but its Unicode folding %+q to %+q", r, ours, want, fold(want))
		}
		if before, seen := theirs[ours]; seen && before != want {
			t.Errorf("%U: %+q stands for both %+q and %+q", r, ours, before, want)
		}
		theirs[ours] = want
	}
}

func TestFoldingIsFull(t *testing.T) {
	if FoldName("Straße") != FoldName("STRASSE") {
		t.Error("Straße and STRASSE are not one name")
	}
}
