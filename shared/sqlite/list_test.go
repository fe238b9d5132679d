package sqlite

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
)

// With a million keys a page must cost what it costs with ten.
func TestEveryPageWalksAnIndex(t *testing.T) {
	store := newFile(t).open(t)
	for name, order := range orders {
		for _, after := range []string{"", "abcdefgh:12"} {
			request := apikey.PageRequest{Organization: acme.ID, Order: name, After: after, Limit: 100}
			if order.rank == "folded" {
				request.NamePrefix = "a"
			}
			query, arguments, err := order.query(request)
			if err != nil {
				t.Fatal(err)
			}
			wantIndexed(t, store, query, arguments...)
		}
	}
}

// The plan of Due sorts what its two limited walks have found, and no more.
func TestWhatIsDueIsFoundByIndex(t *testing.T) {
	store := newFile(t).open(t)
	for _, walk := range []string{"SEARCH details USING INDEX to_settle", "SEARCH details USING INDEX to_delete"} {
		plan := planOf(t, store, due, sql.Named("now", 2), sql.Named("limit", 3), sql.Named("ended", 1), sql.Named("retention", 1))
		if !strings.Contains(plan, walk) {
			t.Errorf("no %q in\n%s", walk, plan)
		}
	}
}

func wantIndexed(t *testing.T, store *Store, query string, arguments ...any) {
	t.Helper()
	plan := planOf(t, store, query, arguments...)
	if strings.Contains(plan, "SCAN") || strings.Contains(plan, "TEMP B-TREE") {
		t.Errorf("%s\n%s", query, plan)
	}
}

func planOf(t *testing.T, store *Store, query string, arguments ...any) string {
	t.Helper()
	steps, err := all(t.Context(), store.reads, "EXPLAIN QUERY PLAN "+query, arguments...)
	if err != nil {
		t.Fatal(err)
	}
	var plan strings.Builder
	for _, step := range steps {
		_, _, _ = step.number(), step.number(), step.number()
		plan.WriteString(step.text() + "\n")
	}
	return plan.String()
}
