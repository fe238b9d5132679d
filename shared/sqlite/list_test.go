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
	expiring := newKey(1)
	expiring.ExpiresAt = noon
	for name, order := range orders {
		for _, after := range []string{"", expiring.Position(name), newKey(2).Position(name)} {
			for _, prefix := range []string{"", "A"} {
				if prefix != "" && order.columns[0] != "d.folded" {
					continue
				}
				query, arguments, err := order.query(apikey.PageRequest{
					Organization: acme.ID, Order: name, NamePrefix: prefix, After: after, Limit: 100,
				})
				if err != nil {
					t.Fatal(err)
				}
				wantIndexed(t, store, query, arguments...)
			}
		}
	}
}

func TestWhatIsNoPositionIsRefused(t *testing.T) {
	store := newFile(t).open(t)
	for _, position := range []string{"x", "x#y", "never", "2026-03-10#00000001"} {
		request := apikey.PageRequest{Organization: acme.ID, Order: apikey.SoonestExpiry, After: position, Limit: 1}
		if keys, next, err := store.Page(t.Context(), request); err == nil {
			t.Errorf("%q: %v, next %q", position, keys, next)
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

// Whatever the number of organizations, of their keys and of their members, these touch those asked for alone.
func TestOrganizationsAreReadByIndex(t *testing.T) {
	store := newFile(t).open(t)
	for query, test := range map[string]struct {
		arguments []any
		index     string
	}{
		walk:        {[]any{"", 3}, "SEARCH records USING PRIMARY KEY"},
		following:   {[]any{3}, "SCAN organizations USING COVERING INDEX to_follow"},
		roster:      {[]any{"org_a"}, "SEARCH m USING INDEX members_by_organization"},
		memberQuery: {[]any{"org_a", "hash"}, "SEARCH m USING PRIMARY KEY (person=? AND organization=?)"},
	} {
		if plan := planOf(t, store, query, test.arguments...); !strings.Contains(plan, test.index) {
			t.Errorf("%s\n%s", query, plan)
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
