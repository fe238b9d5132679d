package conformance

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/dynamo/dynamotest"
	"github.com/keyward/keyward/shared/org"
)

// A process may die after any write of a change. Whoever comes next, another change or cleanup, leaves the key as it
// was before or as it is after, in all its items, with its activity written once or not at all.
func TestAChangeCutOffIsFinishedByWhoeverComesNext(t *testing.T) {
	finishers := map[string]func(f *fixture, key *apikey.Key){
		"the next change": (*fixture).changeNext,
		"cleanup":         (*fixture).settleDue,
	}
	for finisher, finish := range finishers {
		for name, e := range edits {
			t.Run(name+" by "+finisher, func(t *testing.T) {
				f := newFixture(t)
				for writes := 0; f.cutOff(writes, e.from, e.edit, e.exclusive, finish); writes++ {
				}
			})
		}
	}
}

// cutOff has a change die after that many writes, and checks what is left after finish. It reports whether the change died.
func (f *fixture) cutOff(writes int, from, edit func(*apikey.Key), exclusive bool, finish func(*fixture, *apikey.Key)) bool {
	f.Helper()
	before := f.createOnce(from)
	change := f.change(before, edit, exclusive)
	f.client.Reset(dynamotest.DieAfter(writes))
	_, err := f.faulty.Change(f.Context(), change)
	seen := f.key(before.ID)
	f.wantSameRules(&seen.Record)
	finish(f, before)
	f.wantWholly(writes, change, err == nil)
	if seen.Version() != before.Version() && seen.Version() > f.key(before.ID).Version() {
		f.Errorf("after %d writes version %d was seen and then taken back", writes, seen.Version())
	}
	return err != nil
}

// wantWholly checks that the change is there as a whole or not at all.
func (f *fixture) wantWholly(writes int, change apikey.Change, succeeded bool) {
	f.Helper()
	got, n := f.key(change.Before.ID), f.entriesOf(change.Activity.ID)
	want := change.Before
	if n == 1 {
		want = change.After
	}
	if succeeded && n != 1 || n > 1 {
		f.Errorf("after %d writes: %d entries of activity, success %t", writes, n, succeeded)
	}
	ignored := cmpopts.IgnoreFields(apikey.Key{}, "Record.Version", "Details.Revision", "Details.Released", "Details.Description", "Details.UpdatedAt")
	if diff := cmp.Diff(want, got, ignored, cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}, apikey.Digest("")), cmpopts.EquateEmpty()); diff != "" {
		f.Errorf("after %d writes (-want +got)\n%s", writes, diff)
	}
	f.wantItemsAgree(got)
	f.wantRulesKept(got)
	f.wantSealed(got, got.RevokedAt.IsZero() && got.Digest == change.Before.Digest)
	if due, err := f.store.Due(f.Context(), apikey.DueRequest{Now: noon, Limit: 100}); err != nil || len(due) > 0 {
		f.Errorf("after %d writes cleanup still has %v to do (%v)", writes, due, err)
	}
}

// wantItemsAgree checks the name, the expiry and the counters that go with the key.
func (f *fixture) wantItemsAgree(key *apikey.Key) {
	f.Helper()
	want := map[apikey.Order]int{apikey.ByName: 1, apikey.SoonestExpiry: 1}
	if !key.RevokedAt.IsZero() {
		want = map[apikey.Order]int{apikey.ByName: 0, apikey.SoonestExpiry: 0}
	}
	for order, times := range want {
		listed, live := 0, 0
		keys, _, err := f.store.Page(f.Context(), apikey.PageRequest{Organization: account, Order: order, Limit: 1000})
		f.must(err)
		for _, k := range keys {
			live++
			if k.ID == key.ID {
				listed++
			}
		}
		if listed != times {
			f.Errorf("listed %d times by %s, want %d", listed, order, times)
		}
		if o, err := f.store.Organization(f.Context(), account); err != nil || int(o.LiveKeys) != live {
			f.Errorf("%d live keys counted, %d listed by %s (%v)", o.LiveKeys, live, order, err)
		}
	}
}

// changeNext describes the key, reading it again where the change that was cut off has been carried through meanwhile.
func (f *fixture) changeNext(key *apikey.Key) {
	f.Helper()
	err := apikey.ErrMoved
	for tries := 0; tries < 3 && errors.Is(err, apikey.ErrMoved); tries++ {
		now := f.key(key.ID)
		_, err = f.store.Change(f.Context(), f.change(now, func(k *apikey.Key) { k.Description = "next" }, false))
	}
	if f.key(key.ID).RevokedAt.IsZero() {
		f.must(err)
	}
}

func (f *fixture) settleDue(*apikey.Key) {
	f.Helper()
	due, err := f.store.Due(f.Context(), apikey.DueRequest{Now: noon, Limit: 100})
	f.must(err)
	for _, key := range due {
		_, err := f.store.Settle(f.Context(), key, noon)
		f.must(err)
	}
}

// A create is there as a whole, or leaves nothing behind.
func TestACreateCutOffLeavesAllOrNothing(t *testing.T) {
	f := newFixture(t)
	for writes := range 2 {
		key := newKey()
		bulky(key)
		key.Restamp(nil)
		f.client.Reset(dynamotest.DieAfter(writes))
		err := f.faulty.Create(f.Context(), f.creation(key))
		record, readErr := f.store.Read(f.Context(), key.ID)
		f.must(readErr)
		if (err == nil) != (record != nil) || (record != nil) != (len(f.partition(key.ID)) == 2) {
			f.Errorf("after %d writes: error %v, record %v, items %v", writes, err, record, f.partition(key.ID))
		}
		key.ID = newID()
		if err := f.store.Create(f.Context(), f.creation(key)); (err == nil) == (record != nil) {
			f.Errorf("after %d writes the name: %v", writes, err)
		}
	}
}

// A lost reply is asked for again by the store itself, so the caller sees a success, and it happened once.
func TestALostReplyOfAnyWriteIsNoFailure(t *testing.T) {
	f := newFixture(t)
	for name, e := range edits {
		for nth := 1; nth <= 5; nth++ {
			before := f.createOnce(e.from)
			change := f.change(before, e.edit, e.exclusive)
			f.client.Reset(dynamotest.LoseReply(nth))
			if _, err := f.faulty.Change(f.Context(), change); err != nil {
				f.Errorf("%s, write %d lost: %v", name, nth, err)
			}
			f.wantWholly(nth, change, true)
		}
	}
	key := newKey()
	f.client.Reset(dynamotest.LoseReply(1))
	f.must(f.faulty.Create(f.Context(), f.creation(key)))
	f.client.Reset(dynamotest.LoseReply(1))
	id := org.ID("org_fedcba9876543210")
	f.must(f.faulty.Found(f.Context(), tenant(id), first(id), f.entry(audit.OrganizationCreated)))
}

// Where no reply ever comes the caller learns that it cannot tell, and what happened is whole.
func TestEveryReplyLostIsAnOutage(t *testing.T) {
	f := newFixture(t)
	for name, e := range edits {
		for nth := 1; nth <= 3; nth++ {
			before := f.createOnce(e.from)
			change := f.change(before, e.edit, e.exclusive)
			f.client.Reset(dynamotest.LoseRepliesFrom(nth))
			_, err := f.faulty.Change(f.Context(), change)
			f.settleDue(before)
			f.wantWholly(nth, change, err == nil)
			if t.Failed() {
				t.Fatalf("%s, replies lost from write %d on: %v", name, nth, err)
			}
		}
	}
}

// DynamoDB cancels a write that meets a transaction, and a transaction that meets a write. Both are tried again.
func TestConflictsAreTriedAgain(t *testing.T) {
	f := newFixture(t)
	f.client.Reset(dynamotest.ConflictsBut(4))
	key := newKey()
	f.must(f.faulty.Create(f.Context(), f.creation(key)))
	if outcome, err := f.faulty.Spend(f.Context(), spendOf(key, noon)); err != nil || !outcome.Spent {
		f.Errorf("spend: %v, %v", outcome, err)
	}
	for name, e := range edits {
		before := f.createOnce(e.from)
		change := f.change(before, e.edit, e.exclusive)
		f.client.Reset(dynamotest.ConflictsBut(3))
		if _, err := f.faulty.Change(f.Context(), change); err != nil {
			f.Errorf("%s: %v", name, err)
		}
		f.wantWholly(0, change, true)
	}
}

// A key that expired before its change was cut off is settled all the same.
func TestAnExpiryIsSettledThoughAChangeWasCutOff(t *testing.T) {
	f := newFixture(t)
	for writes := 1; writes <= 3; writes++ {
		key := f.create()
		f.client.Reset(dynamotest.DieAfter(writes))
		_, _ = f.faulty.Change(f.Context(), f.change(key, func(k *apikey.Key) { k.ExpiresAt = noon.Add(48 * time.Hour) }, false))
		later := noon.Add(72 * time.Hour)
		expired, err := f.store.Settle(f.Context(), apikey.DueKey{Organization: account, ID: key.ID}, later)
		if !expired || err != nil || !f.key(key.ID).Released {
			f.Errorf("after %d writes: expired %t, %v", writes, expired, err)
		}
	}
}
