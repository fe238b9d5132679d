package sqlite

import (
	"context"
	"errors"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	busyTimeout  = 10 * time.Second // how long one process waits for another's transaction
	busyInterval = time.Millisecond // how often it asks again
)

// patiently tries again while another process has the file. SQLite could wait by itself, but it does not where the file
// is being opened for the first time or closed for the last; and for the write lock it soon asks every tenth of a second
// only, so that processes which write all the time would keep it from another for many seconds.
func patiently(ctx context.Context, do func() error) error {
	deadline := time.Now().Add(busyTimeout)
	for {
		err := do()
		if failed, ok := errors.AsType[*sqlite.Error](err); !ok || failed.Code()&0xff != sqlite3.SQLITE_BUSY || time.Now().After(deadline) {
			return err
		}
		select {
		case <-time.After(busyInterval):
		case <-ctx.Done():
			return err
		}
	}
}
