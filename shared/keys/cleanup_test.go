package keys_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/policy"
)

// cleaner is a store that counts its batches, and fails or is slow on some keys.
type cleaner struct {
	apikey.Cleaner
	batches  []int // how many keys each batch had
	settled  map[apikey.ID]int
	failing  map[apikey.ID]error
	dueFails error
	takes    time.Duration // each key
}

func (c *cleaner) Due(ctx context.Context, request apikey.DueRequest) ([]apikey.DueKey, error) {
	if c.dueFails != nil {
		return nil, c.dueFails
	}
	due, err := c.Cleaner.Due(ctx, request)
	c.batches = append(c.batches, len(due))
	return due, err
}

func (c *cleaner) Settle(ctx context.Context, key apikey.DueKey, now time.Time) (bool, error) {
	c.settled[key.ID]++
	time.Sleep(c.takes) // in a bubble's time
	if err := c.failing[key.ID]; err != nil {
		return false, err
	}
	return c.Cleaner.Settle(ctx, key, now)
}

// cleanup is what the schedule runs.
func (f *fixture) cleanup() (*keys.Cleanup, *cleaner) {
	store := &cleaner{Cleaner: f.store, settled: map[apikey.ID]int{}, failing: map[apikey.ID]error{}}
	return &keys.Cleanup{Store: store, Catalog: f.Catalog, Now: func() time.Time { return f.now }}, store
}

func (f *fixture) wantCleaned(c *keys.Cleanup, want keys.Cleaned) {
	f.Helper()
	if got, err := c.Run(f.Context()); err != nil || got != want {
		f.Errorf("Run = %+v, %v; want %+v", got, err, want)
	}
}

// expiring makes n keys that expire a day from noon.
func (f *fixture) expiring(n int) []*apikey.Key {
	f.Helper()
	return f.createMany(n, func(_ int, draft *keys.Draft) { draft.Expiry = keys.Expiry{At: set("2026-03-11T12:00:30Z")} })
}

func (f *fixture) liveAndAll() string {
	f.Helper()
	organization, err := f.store.Organization(f.Context(), f.alice.Organization)
	f.must(err)
	return fmt.Sprint(organization.LiveKeys, " of ", organization.Keys)
}

func TestCleanupMarksWhatHasExpiredInBatches(t *testing.T) {
	f := newFixture(t)
	f.expiring(250)
	f.create(named("living"))
	c, store := f.cleanup()
	f.now = noon.Add(24*time.Hour - time.Second)
	f.wantCleaned(c, keys.Cleaned{Finished: true})
	f.now = noon.Add(24 * time.Hour)
	f.wantCleaned(c, keys.Cleaned{Settled: 250, Expired: 250, Finished: true})
	if got := fmt.Sprint(store.batches); got != "[0 100 100 50 0]" {
		t.Errorf("batches of %s", got)
	}
	if got := f.liveAndAll(); got != "1 of 251" {
		t.Errorf("live keys: %s, want 1 of 251", got)
	}
	f.wantCleaned(c, keys.Cleaned{Finished: true})
}

// Ended keys are kept as long as the catalog says, then go for good.
func TestCleanupDeletesWhatEndedBeforeItsRetention(t *testing.T) {
	f := newFixture(t)
	expired := f.expiring(1)[0]
	revoked := f.revoke(f.create(named("revoked")).Key.ID)
	living := f.create(keys.Draft{Name: "living", Expiry: keys.Expiry{Period: set("never")}}).Key
	c, _ := f.cleanup()
	f.now = noon.AddDate(0, 0, 400)
	f.wantCleaned(c, keys.Cleaned{Settled: 1, Expired: 1, Finished: true})
	for _, key := range []*apikey.Key{expired, revoked, living} {
		f.get(key.ID)
	}
	f.now = noon.AddDate(0, 0, 402)
	f.wantCleaned(c, keys.Cleaned{Settled: 2, Deleted: 2, Finished: true})
	for _, key := range []*apikey.Key{expired, revoked} {
		_, err := f.Get(t.Context(), f.alice, key.ID)
		f.wantFault(err, "key_not_found")
	}
	f.get(living.ID)
	if got := f.liveAndAll(); got != "1 of 1" {
		t.Errorf("live keys: %s, want 1 of 1", got)
	}
}

func TestARetentionOfZeroKeepsKeysForEver(t *testing.T) {
	f := newFixture(t)
	key := f.revoke(f.create(named("revoked")).Key.ID)
	c, _ := f.cleanup()
	catalog := *f.Catalog
	catalog.Retention = policy.Retention{}
	c.Catalog = &catalog
	f.now = noon.AddDate(90, 0, 0)
	f.wantCleaned(c, keys.Cleaned{Finished: true})
	f.get(key.ID)
}

// One key that can't be cleaned up is told in the error, and stops no other, in whatever batch.
func TestOneFailingKeyStopsNoOther(t *testing.T) {
	f := newFixture(t)
	all := f.expiring(250)
	f.now = noon.Add(24 * time.Hour)
	c, store := f.cleanup()
	broken, alsoBroken := errors.New("a broken record"), errors.New("another")
	store.failing[all[0].ID], store.failing[all[120].ID] = broken, alsoBroken
	cleaned, err := c.Run(t.Context())
	if want := (keys.Cleaned{Settled: 248, Expired: 248}); cleaned != want || !errors.Is(err, broken) || !errors.Is(err, alsoBroken) {
		t.Errorf("Run = %+v, %v; want %+v and both failures", cleaned, err, want)
	}
	if strings.Count(err.Error(), broken.Error()) != 1 || store.settled[all[0].ID] != 1 {
		t.Errorf("tried %d times: %v; want once", store.settled[all[0].ID], err)
	}
	clear(store.failing)
	f.wantCleaned(c, keys.Cleaned{Settled: 2, Expired: 2, Finished: true})
}

func TestCleanupThatCannotListTellsIt(t *testing.T) {
	f := newFixture(t)
	c, store := f.cleanup()
	store.dueFails = errors.New("throttled")
	if cleaned, err := c.Run(t.Context()); !errors.Is(err, store.dueFails) || cleaned != (keys.Cleaned{}) {
		t.Errorf("Run = %+v, %v", cleaned, err)
	}
}

// A run ends by itself before its deadline, within a batch too; the next goes on where it stopped.
func TestCleanupStopsBeforeItsDeadlineAndGoesOnNextTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.expiring(30)
		f.now = noon.Add(24 * time.Hour)
		c, store := f.cleanup()
		store.takes = time.Second
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		began := time.Now()
		cleaned, err := c.Run(ctx)
		if want := (keys.Cleaned{Settled: 20, Expired: 20}); err != nil || cleaned != want {
			t.Errorf("Run = %+v, %v; want %+v", cleaned, err, want)
		}
		if took := time.Since(began); took != 20*time.Second {
			t.Errorf("it ran for %s of its 30 s, want 20 s", took)
		}
		store.takes = 0
		f.wantCleaned(c, keys.Cleaned{Settled: 10, Expired: 10, Finished: true})
	})
}

func TestCleanupWithoutTimeDoesNothing(t *testing.T) {
	f := newFixture(t)
	f.expiring(1)
	f.now = noon.Add(24 * time.Hour)
	c, store := f.cleanup()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	short, stop := context.WithTimeout(t.Context(), 9*time.Second)
	defer stop()
	for _, ctx := range []context.Context{cancelled, short} {
		if cleaned, err := c.Run(ctx); err != nil || cleaned != (keys.Cleaned{}) || len(store.batches) != 0 {
			t.Errorf("Run = %+v, %v after %v", cleaned, err, store.batches)
		}
	}
}

// lagging is an index that lists keys which no longer need anything.
type lagging struct {
	apikey.Cleaner
	key apikey.DueKey
}

func (l lagging) Due(context.Context, apikey.DueRequest) ([]apikey.DueKey, error) {
	return []apikey.DueKey{l.key}, nil
}

// An index that lags does not keep a run busy for ever.
func TestCleanupEndsWhereABatchMadeNoProgress(t *testing.T) {
	f := newFixture(t)
	key := f.create(named("living")).Key
	c, _ := f.cleanup()
	c.Store = lagging{f.store, apikey.DueKey{Organization: key.Organization, ID: key.ID}}
	f.wantCleaned(c, keys.Cleaned{Settled: 1})
	f.wantKey(f.get(key.ID), key)
}
