package sqlite

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Database { return newFile(t) })
}

// file is one database, for storetest.
type file string

func newFile(t testing.TB) file { return file(filepath.Join(t.TempDir(), "keyward.db")) }

// open opens the file once more, until t ends.
func (f file) open(t testing.TB) *Store {
	t.Helper()
	store, err := Open(t.Context(), string(f))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func (f file) Open(t testing.TB, now func() time.Time) storetest.Store {
	store := f.open(t)
	store.Now = now
	return store
}

func (f file) Activity(t testing.TB, organization org.ID) []audit.Entry {
	rows, err := all(t.Context(), f.open(t).reads, `SELECT id, at, actor, action, target, address, before, after
		FROM activity WHERE organization = ?`, string(organization))
	if err != nil {
		t.Fatal(err)
	}
	var entries []audit.Entry
	for _, row := range rows {
		entry := audit.Entry{
			ID: row.text(), At: row.time(), Actor: audit.Actor(row.text()), Action: audit.Action(row.text()),
			Target: row.text(), Address: row.address(),
		}
		row.json(&entry.Before)
		row.json(&entry.After)
		if row.err != nil {
			t.Fatal(row.err)
		}
		entries = append(entries, entry)
	}
	return entries
}

func TestReopeningFindsEverything(t *testing.T) {
	path := newFile(t)
	first := openOnce(t, path)
	key := createKey(t, first, newKey(1))
	if outcome, err := first.Spend(t.Context(), spendOf(key)); err != nil || !outcome.Spent {
		t.Fatal(outcome, err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	found, err := path.open(t).Key(t.Context(), key.Organization, key.ID)
	if err != nil || found.Total != 1 || found.Name != key.Name {
		t.Errorf("found %+v, %v", found, err)
	}
}

func openOnce(t testing.TB, path file) *Store {
	t.Helper()
	store, err := Open(t.Context(), string(path))
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestAClosedStoreAnswersWithAnError(t *testing.T) {
	store := openOnce(t, newFile(t))
	key := createKey(t, store, newKey(1))
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if outcome, err := store.Spend(t.Context(), spendOf(key)); err == nil || outcome.Spent {
		t.Errorf("outcome %+v, error %v", outcome, err)
	}
}

func TestOnlyTheOwnerCanReadTheFile(t *testing.T) {
	path := newFile(t)
	createKey(t, path.open(t), newKey(1))
	files, err := filepath.Glob(string(path) + "*")
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != fs.FileMode(0o600) {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
}

func TestAPathMayHaveAnyCharacters(t *testing.T) {
	path := file(filepath.Join(t.TempDir(), "a b?c=d&e#f%20g.db"))
	createKey(t, path.open(t), newKey(1))
	if _, err := os.Stat(string(path)); err != nil {
		t.Error(err)
	}
}

func TestAFileOfALaterKeywardIsRefused(t *testing.T) {
	path := newFile(t)
	store := openOnce(t, path)
	if _, err := store.writes.ExecContext(t.Context(), "PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if later, err := Open(t.Context(), string(path)); err == nil {
		t.Errorf("opened: %v", later.Close())
	}
}

func TestWhoeverOpensANewFileFirstMakesTheSchema(t *testing.T) { wantOpenedByAll(t, newFile(t)) }

// wantOpenedByAll has several open the file at once.
func wantOpenedByAll(t *testing.T, path file) {
	t.Helper()
	opened := make(chan error, 8)
	for range cap(opened) {
		go func() {
			store, err := Open(t.Context(), string(path))
			if err == nil {
				err = store.Close()
			}
			opened <- err
		}()
	}
	for range cap(opened) {
		if err := <-opened; err != nil {
			t.Error(err)
		}
	}
}
