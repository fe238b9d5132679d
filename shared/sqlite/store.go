package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"

	"github.com/keyward/keyward/shared/apikey"
)

// Store keeps everything in one file.
type Store struct {
	// Now dates deletions, and tells Idempotent how old a create is. Open sets it to time.Now.
	Now func() time.Time

	committer *committer
	writes    *sql.DB // one connection, synchronous=FULL: durable before it returns
	reads     *sql.DB
	turn      turn
}

var _ apikey.Store = (*Store)(nil)

// readers are the connections for reads outside of the hot path.
const readers = 4

// Open opens the store in the file at path, made with mode 0600 where it does not exist yet. Its folder must exist.
func Open(ctx context.Context, path string) (*Store, error) {
	s := &Store{Now: time.Now, turn: newTurn()}
	if err := s.open(ctx, path); err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", path, err), s.Close())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, path string) error {
	if err := makePrivate(path); err != nil {
		return err
	}
	durable, err := connector(path, "FULL", 0)
	if err != nil {
		return err
	}
	quick, err := connector(path, "NORMAL", 0)
	if err != nil {
		return err
	}
	reading, err := connector(path, "NORMAL", busyTimeout)
	if err != nil {
		return err
	}
	s.writes, s.reads = sql.OpenDB(durable), sql.OpenDB(reading)
	s.writes.SetMaxOpenConns(1)
	s.reads.SetMaxOpenConns(readers)
	s.reads.SetMaxIdleConns(readers)
	if err := patiently(ctx, func() error { return migrate(ctx, s.writes) }); err != nil {
		return err
	}
	return patiently(ctx, func() (err error) {
		s.committer, err = newCommitter(ctx, quick, s.turn)
		return err
	})
}

// Close answers what the committer has begun, refuses what comes later, and closes the file. Unless another process has
// it open, everything is in that one file then.
func (s *Store) Close() error {
	var failures []error
	if s.committer != nil {
		failures = append(failures, s.committer.close())
		_, err := s.writes.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
		failures = append(failures, err)
	}
	for _, db := range []*sql.DB{s.writes, s.reads} {
		if db != nil {
			failures = append(failures, db.Close())
		}
	}
	return errors.Join(failures...)
}

// makePrivate makes the file, for its owner alone, if there is none. SQLite gives its companions the same mode.
func makePrivate(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

// connector opens connections whose transactions take the write lock when they begin, and which wait so long for a lock.
func connector(path, synchronous string, wait time.Duration) (driver.Connector, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	options := url.Values{
		"_busy_timeout": {fmt.Sprint(wait.Milliseconds())},
		"_journal_mode": {"WAL"},
		"_synchronous":  {synchronous},
		"_txlock":       {"immediate"},
	}
	file := url.URL{Path: absolute}
	return sqlite.NewConnector("file:" + file.EscapedPath() + "?" + options.Encode())
}
