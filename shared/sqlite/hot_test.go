package sqlite

import (
	"slices"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
)

// An outcome is decided on while others spend and change the key: it shares the lists of the rules, and no more.
func TestAnOutcomeStaysAsItWas(t *testing.T) {
	store := newFile(t).open(t)
	key := createKey(t, store, ruled(newKey(1)))
	spend := spendOf(key)
	spend.Rules = key.RulesID
	first, err := store.Spend(t.Context(), spend)
	if err != nil || !first.Spent {
		t.Fatal(first, err)
	}
	want := first.Record.Clone()
	second, err := store.Spend(t.Context(), spend)
	if err != nil || !second.Spent || &second.Record.Scope.Services[0] != &first.Record.Scope.Services[0] {
		t.Errorf("outcome %+v, error %v", second, err)
	}
	after := key.Clone()
	after.Scope.Services[0], after.Networks.Allow[0] = "billing", after.Networks.Deny[0]
	change := apikey.Change{Before: key, After: after, Activity: entry(audit.KeyUpdated, key.ID.String())}
	if _, err := store.Change(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	if third, err := store.Spend(t.Context(), spend); err != nil || third.Record.Scope.Services[0] != "billing" {
		t.Errorf("outcome %+v, error %v", third, err)
	}
	if !first.Record.Rules().Equal(want.Rules()) || !slices.Equal(first.Record.Counts, want.Counts) || first.Record.Total != 1 {
		t.Errorf("the first outcome is now %+v", first.Record)
	}
}
