package conformance

import (
	"fmt"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
)

// However short the pages are, and however many keys and other items there are, a walk comes to all keys.
func TestAWalkComesToEveryKey(t *testing.T) {
	f := newFixture(t)
	want := map[apikey.DueKey]bool{}
	for n := range 40 {
		key := f.create()
		want[apikey.DueKey{Organization: account, ID: key.ID}] = true
		if n%4 == 0 {
			_, err := f.store.Change(f.Context(), f.change(key, bulky, false))
			f.must(err)
		}
	}
	for _, limit := range []int{1, 7, 1000} {
		got := map[apikey.DueKey]bool{}
		for after, first := "", true; first || after != ""; first = false {
			keys, next, err := f.store.Walk(f.Context(), after, limit)
			f.must(err)
			if len(keys) > limit {
				f.Errorf("%d keys, want up to %d", len(keys), limit)
			}
			for _, key := range keys {
				got[key] = true
			}
			after = next
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			f.Errorf("by %d: came to %d keys, want %d", limit, len(got), len(want))
		}
	}
	for _, position := range []string{"nonsense", "!", "AA"} {
		if _, _, err := f.store.Walk(f.Context(), position, 10); err == nil {
			f.Errorf("%q is taken for a position", position)
		}
	}
}
