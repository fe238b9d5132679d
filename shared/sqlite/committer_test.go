package sqlite

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
)

func TestABurstOfSpendsSharesTransactions(t *testing.T) {
	store := newFile(t).open(t)
	key := createKey(t, store, newKey(1))
	const callers, each = 64, 50
	var wait sync.WaitGroup
	for range callers {
		wait.Go(func() {
			for range each {
				if _, err := store.Spend(t.Context(), spendOf(key)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if commits := store.committer.commits.Load(); commits == 0 || commits >= callers*each/2 {
		t.Errorf("%d transactions for %d spends", commits, callers*each)
	}
}

// data_version tells a connection that another one has changed the file.
func TestReadsAndRefusalsWriteNothing(t *testing.T) {
	path := newFile(t)
	store := path.open(t)
	key := createKey(t, store, newKey(1))
	watcher := path.open(t).writes
	version := func() (version int) {
		if err := watcher.QueryRowContext(t.Context(), "PRAGMA data_version").Scan(&version); err != nil {
			t.Fatal(err)
		}
		return version
	}
	before := version()
	refused := spendOf(key)
	refused.Digests = []apikey.Digest{"k1.other"}
	for range 10 {
		if _, err := store.Read(t.Context(), key.ID); err != nil {
			t.Fatal(err)
		}
		if outcome, err := store.Spend(t.Context(), refused); err != nil || outcome.Spent {
			t.Fatal(outcome, err)
		}
	}
	if after := version(); after != before || store.committer.commits.Load() != 0 {
		t.Errorf("data version %d, then %d; %d commits", before, after, store.committer.commits.Load())
	}
}

// A caller's patience ends, while another process holds the file, without ending the batch of the others.
func TestACallerWhoGivesUpLeavesTheBatchToTheOthers(t *testing.T) {
	store := newFile(t).open(t)
	key := createKey(t, store, newKey(1))
	if err := store.turn.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	impatient, giveUp := context.WithCancel(t.Context())
	answers := make(chan error, 2)
	spend := func(ctx context.Context) {
		_, err := store.Spend(ctx, spendOf(key))
		answers <- err
	}
	go spend(impatient)
	go spend(t.Context())
	giveUp()
	if err := <-answers; !errors.Is(err, context.Canceled) {
		t.Errorf("the impatient caller was told %v", err)
	}
	store.turn.end()
	if err := <-answers; err != nil {
		t.Errorf("the patient caller was told %v", err)
	}
	record, err := store.Read(t.Context(), key.ID)
	if err != nil || record.Total != 1 {
		t.Errorf("record %+v, error %v", record, err)
	}
}

// An answer without an error would say that there is no such key.
func TestACallerWhoHasGoneIsNotAnswered(t *testing.T) {
	store := newFile(t).open(t)
	ctx, leave := context.WithCancel(t.Context())
	leave()
	r := newRequest(ctx, true, func(*batch) error { t.Error("the request was run"); return nil })
	store.committer.queue <- r
	if err := <-r.answer; !errors.Is(err, context.Canceled) {
		t.Errorf("answer %v, want canceled", err)
	}
}
