package sqlite

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
)

// breakTable makes every write to a table fail, until mend is called.
func breakTable(t *testing.T, store *Store, table string) (mend func()) {
	t.Helper()
	run := func(statement string) {
		if _, err := store.writes.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for _, event := range []string{"INSERT", "UPDATE", "DELETE"} {
		run(fmt.Sprintf("CREATE TRIGGER break_%s BEFORE %s ON %s BEGIN SELECT RAISE(ABORT, 'disk full'); END", event, event, table))
	}
	return func() {
		for _, event := range []string{"INSERT", "UPDATE", "DELETE"} {
			run("DROP TRIGGER break_" + event)
		}
	}
}

// Nobody may be let in by a write that did not happen.
func TestABatchThatFailsAdmitsNobody(t *testing.T) {
	store := newFile(t).open(t)
	key := createKey(t, store, newKey(1))
	mend := breakTable(t, store, "records")
	var wait sync.WaitGroup
	for range 64 {
		wait.Go(func() {
			outcome, err := store.Spend(t.Context(), spendOf(key))
			if err == nil || outcome.Spent || outcome.Record != nil {
				t.Errorf("outcome %+v, error %v", outcome, err)
			}
		})
	}
	wait.Wait()
	if record, err := store.Read(t.Context(), key.ID); err != nil || record.Total != 0 {
		t.Errorf("record %+v, error %v", record, err)
	}
	mend()
	outcome, err := store.Spend(t.Context(), spendOf(key))
	if err != nil || !outcome.Spent || outcome.Record.Total != 1 {
		t.Errorf("outcome %+v, error %v", outcome, err)
	}
}

// tables are all tables that administration writes.
var tables = []string{"organizations", "members", "records", "details", "idempotency", "activity", "roles", "public_keys"}

func TestAWriteThatFailsAtAnyTableLeavesNothing(t *testing.T) {
	for name, write := range administration {
		for _, table := range tables {
			t.Run(name+" "+table, func(t *testing.T) {
				store := newFile(t).open(t)
				prepareAdministration(t, store)
				before := dump(t, store)
				mend := breakTable(t, store, table)
				err := write(store)
				mend()
				if diff := cmp.Diff(before, dump(t, store)); err != nil && diff != "" {
					t.Errorf("%v (-before +after)\n%s", err, diff)
				}
				if err == nil && slices.Equal(before, dump(t, store)) {
					t.Error("the write succeeded, and nothing is written")
				}
			})
		}
	}
}

// administration are writes after prepareAdministration. Each touches most tables.
var administration = map[string]func(*Store) error{
	"create": func(store *Store) error {
		key := newKey(3)
		key.Name = newKey(1).Name
		creation := creationOf(key)
		creation.Activity.At = noon.Add(time.Hour)
		creation.Idempotency = &apikey.Idempotency{ID: "other", Org: acme.ID, Key: key.ID, CreatedAt: noon}
		return store.Create(context.Background(), creation)
	},
	"revoke": func(store *Store) error {
		key, err := store.Key(context.Background(), acme.ID, newKey(2).ID)
		if err != nil {
			return err
		}
		after := key.Clone()
		after.RevokedAt = noon
		change := apikey.Change{Before: key, After: after, Activity: entry(audit.KeyRevoked, key.ID.String())}
		_, err = store.Change(context.Background(), change)
		return err
	},
	"settle": func(store *Store) error {
		_, err := store.Settle(context.Background(), apikey.DueKey{Organization: acme.ID, ID: newKey(1).ID}, noon.Add(time.Hour))
		return err
	},
	"delete": func(store *Store) error {
		_, err := store.Delete(context.Background(), apikey.DueKey{Organization: acme.ID, ID: newKey(1).ID}, noon.Add(time.Hour))
		return err
	},
	"found": func(store *Store) error {
		other := acme
		other.ID = "org_other"
		return store.Found(context.Background(), other, org.Member{Organization: other.ID}, entry(audit.OrganizationCreated, string(other.ID)))
	},
	"settings": func(store *Store) error {
		before, err := store.Organization(context.Background(), acme.ID)
		if err != nil {
			return err
		}
		after, activity := before, entry(audit.OrganizationUpdated, string(acme.ID))
		after.Tier, after.Following = "free", true
		_, err = store.ChangeOrganization(context.Background(), before, after, &activity)
		return err
	},
	"member": func(store *Store) error {
		return store.ChangeMember(context.Background(), invitation("bob@example.com", 0))
	},
	"roles": func(store *Store) error { return store.ChangeRoles(context.Background(), rolesChange(0, "dns:read")) },
	"publish": func(store *Store) error {
		return store.Publish(context.Background(), apikey.PublicKey{ID: "kid", JWK: []byte("{}")})
	},
}

// prepareAdministration makes key 1, which expires a second after noon, and key 2, created idempotently.
func prepareAdministration(t *testing.T, store *Store) {
	t.Helper()
	expiring := newKey(1)
	expiring.ExpiresAt = noon.Add(time.Second)
	createKey(t, store, expiring)
	creation := creationOf(newKey(2))
	creation.Idempotency = &apikey.Idempotency{ID: "once", Org: acme.ID, Key: newKey(2).ID, Sealed: []byte("sealed"), CreatedAt: noon}
	if err := store.Create(t.Context(), creation); err != nil {
		t.Fatal(err)
	}
}

// dump is every row of every table.
func dump(t *testing.T, store *Store) []string {
	t.Helper()
	var lines []string
	for _, table := range tables {
		rows, err := all(t.Context(), store.reads, "SELECT * FROM "+table)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			lines = append(lines, fmt.Sprint(table, row.values))
		}
	}
	return lines
}
