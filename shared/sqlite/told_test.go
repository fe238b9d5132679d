package sqlite_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/sqlite"
)

// A store that can't answer is a 503, whatever was asked: never an allow, and never a 500.
func TestAStoreThatCannotAnswerIsUnavailable(t *testing.T) {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "keyward.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, key := t.Context(), &apikey.Key{Record: apikey.Record{ID: "00000000", Organization: "org_a"}}
	for doing, ask := range map[string]func() error{
		"spend":  func() error { _, err := store.Spend(ctx, apikey.Spend{ID: key.ID, At: time.Now()}); return err },
		"read":   func() error { _, err := store.Read(ctx, key.ID); return err },
		"rehash": func() error { return store.Rehash(ctx, key.ID, "k1.a", "k2.a") },
		"name":   func() error { _, err := store.Name(ctx, "org_a", key.ID); return err },
		"create": func() error { return store.Create(ctx, apikey.Creation{Key: key}) },
		"key":    func() error { _, err := store.Key(ctx, "org_a", key.ID); return err },
		"page": func() error {
			_, _, err := store.Page(ctx, apikey.PageRequest{Organization: "org_a", Order: apikey.ByName})
			return err
		},
		"change":  func() error { _, err := store.Change(ctx, apikey.Change{Before: key, After: key}); return err },
		"past":    func() error { _, err := store.Idempotent(ctx, "id"); return err },
		"due":     func() error { _, err := store.Due(ctx, apikey.DueRequest{Now: time.Now(), Limit: 1}); return err },
		"members": func() error { _, err := store.Memberships(ctx, org.Identity{Issuer: "i", Subject: "s"}); return err },
		"account": func() error { _, err := store.Organization(ctx, "org_a"); return err },
		"session": func() error {
			_, _, err := store.SpendSession(ctx, org.Identity{Issuer: "i", Subject: "s"}, 1, time.Now())
			return err
		},
	} {
		if err := ask(); !errors.Is(err, fault.Unavailable) {
			t.Errorf("%s: %v, want fault.Unavailable", doing, err)
		}
	}
}
