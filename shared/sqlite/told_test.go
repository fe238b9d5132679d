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
		"rules":   func() error { _, err := store.Rules(ctx, key.ID, "rules"); return err },
		"walk":    func() error { _, _, err := store.Walk(ctx, "", 1); return err },
		"account": func() error { _, err := store.Organization(ctx, "org_a"); return err },
		"settings": func() error {
			_, err := store.ChangeOrganization(ctx, org.Organization{}, org.Organization{}, nil)
			return err
		},
		"following":    func() error { _, err := store.Following(ctx, 1); return err },
		"standing":     func() error { _, err := store.Standing(ctx, "org_a", "hash"); return err },
		"invitations":  func() error { _, err := store.Invitations(ctx, "a@example.com"); return err },
		"roster":       func() error { _, err := store.Roster(ctx, "org_a"); return err },
		"member":       func() error { _, err := store.Member(ctx, "org_a", "hash"); return err },
		"joining":      func() error { return store.ChangeMember(ctx, org.MemberChange{Organization: "org_a"}) },
		"seen":         func() error { return store.Seen(ctx, "org_a", org.Identity{}, time.Now()) },
		"roles":        func() error { _, err := store.Roles(ctx, "org_a"); return err },
		"change roles": func() error { return store.ChangeRoles(ctx, org.RolesChange{Organization: "org_a"}) },
		"public keys":  func() error { _, err := store.PublicKeys(ctx); return err },
		"publish":      func() error { return store.Publish(ctx, apikey.PublicKey{ID: "kid"}) },
		"withdraw":     func() error { return store.Withdraw(ctx, "kid") },
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
