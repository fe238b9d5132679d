package storetest

import (
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
)

var cleaning = guarantees{
	"an expiry is due from its instant on, and marked once by 20 racing cleanups": settleRace,
	"cleanup and a create that meet at an expired key release it once":            settleAgainstCreate,
	"what is live, revoked or already released has no expiry to mark":             settleNothing,
	"a settled key leaves its name and its place":                                 settleFrees,
	"what has been due longest is listed first, as many as asked for":             dueOrder,
	"with no retention nothing is due for deletion":                               dueForEver,
	"a key is deleted when its retention has ended, and no sooner":                deleteInTime,
	"a deletion leaves nothing of the key, and others alone":                      deleteCompletely,
	"of 20 racing deletions, one removes the key":                                 deletionsRace,
	"an expired key that nobody released is released by its deletion":             deleteUnreleased,
	"cleaning up what is not there does nothing":                                  cleanNowhere,
}

func dueOf(key *apikey.Key) apikey.DueKey {
	return apikey.DueKey{Organization: key.Organization, ID: key.ID}
}

// wantDue checks what is due, in order.
func (f *fixture) wantDue(request apikey.DueRequest, want ...*apikey.Key) {
	f.Helper()
	got, err := f.Due(f.Context(), request)
	f.must(err)
	var keys []apikey.DueKey
	for _, key := range want {
		keys = append(keys, dueOf(key))
	}
	f.wantSame(got, keys)
}

func settleRace(f *fixture) {
	expiry := noon.Add(time.Hour)
	key := f.create(expiring(expiry))
	f.wantDue(apikey.DueRequest{Now: expiry.Add(-time.Second), Limit: 10})
	f.wantDue(apikey.DueRequest{Now: expiry, Limit: 10}, key)
	marked := make([]bool, 20)
	stores := f.several(instances)
	race(len(marked), func(i int) {
		var err error
		marked[i], err = stores[i%instances].Settle(f.Context(), dueOf(key), expiry)
		if err != nil {
			f.Errorf("settling: %v", err)
		}
	})
	f.wantSame(trues(marked), 1)
	f.wantReleased(key)
	f.wantCounters(0, 1)
	f.wantDue(apikey.DueRequest{Now: expiry, Limit: 10})
}

func trues(all []bool) int {
	return len(slices.DeleteFunc(slices.Clone(all), func(b bool) bool { return !b }))
}

func settleAgainstCreate(f *fixture) {
	expiry := noon.Add(time.Hour)
	for range 20 {
		key := f.create(expiring(expiry))
		next := f.newKey(named(key.Name))
		race(2, func(i int) {
			var err error
			if i == 0 {
				err = f.Create(f.Context(), creation(next, expiry))
			} else {
				_, err = f.Settle(f.Context(), dueOf(key), expiry)
			}
			if err != nil {
				f.Error(err)
			}
		})
		f.wantReleased(key)
	}
	f.wantCounters(20, 40)
}

func settleNothing(f *fixture) {
	expiry := noon.Add(time.Hour)
	live, revoked := f.create(expiring(expiry.Add(time.Second))), f.create(expiring(expiry))
	f.changed(revoked, revokedAt(noon))
	for _, key := range []*apikey.Key{live, revoked, f.create()} {
		before := f.stored(key)
		expired, err := f.Settle(f.Context(), dueOf(key), expiry)
		f.must(err)
		f.wantSame(expired, false)
		f.wantSame(f.stored(key), before)
		f.wantActivity(audit.KeyExpired, key.ID, 0)
	}
	f.wantCounters(2, 2)
}

func settleFrees(f *fixture) {
	f.org = f.found(1)
	expiry := noon.Add(time.Hour)
	key := f.create(named("Lease"), expiring(expiry))
	_, err := f.Settle(f.Context(), dueOf(key), expiry)
	f.must(err)
	f.must(f.Create(f.Context(), creation(f.newKey(named("lease")), expiry)))
	f.wantReleased(key)
	f.wantCounters(1, 2)
	f.wantRefused(spendOf(key, expiry))
}

func dueOrder(f *fixture) {
	third, first, second := f.create(expiring(noon.Add(3*time.Hour))), f.create(expiring(noon.Add(time.Hour))), f.create(expiring(noon.Add(2*time.Hour)))
	f.create(expiring(noon.Add(4*time.Hour + time.Second)))
	f.wantDue(apikey.DueRequest{Now: noon.Add(4 * time.Hour), Limit: 10}, first, second, third)
	f.wantDue(apikey.DueRequest{Now: noon.Add(4 * time.Hour), Limit: 2}, first, second)
}

func dueForEver(f *fixture) {
	key := f.create()
	f.changed(key, revokedAt(noon))
	f.wantDue(apikey.DueRequest{Now: noon.AddDate(100, 0, 0), Limit: 10})
	f.wantDue(apikey.DueRequest{Now: noon.AddDate(100, 0, 0), EndedBefore: noon.AddDate(99, 0, 0), Limit: 10}, key)
}

func deleteInTime(f *fixture) {
	ended := noon.Add(time.Hour)
	revoked, expired := f.create(), f.create(expiring(ended))
	f.changed(revoked, revokedAt(ended))
	_, err := f.Settle(f.Context(), dueOf(expired), ended)
	f.must(err)
	f.create()
	f.wantDue(apikey.DueRequest{Now: ended.AddDate(1, 0, 0), EndedBefore: ended, Limit: 10})
	for _, key := range []*apikey.Key{revoked, expired} {
		f.wantDeleted(key, ended, false)
		f.stored(key)
		f.wantDue(apikey.DueRequest{Now: ended.AddDate(1, 0, 0), EndedBefore: ended.Add(time.Second), Limit: 1}, key)
		f.wantDeleted(key, ended.Add(time.Second), true)
		f.wantAbsent(key)
	}
	f.wantDue(apikey.DueRequest{Now: ended.AddDate(1, 0, 0), EndedBefore: ended.Add(time.Second), Limit: 10})
	f.wantCounters(1, 1)
}

func (f *fixture) wantDeleted(key *apikey.Key, endedBefore time.Time, want bool) {
	f.Helper()
	deleted, err := f.Delete(f.Context(), dueOf(key), endedBefore)
	f.must(err)
	f.wantSame(deleted, want)
}

func deleteCompletely(f *fixture) {
	key, once := f.createOnce(named("Gone"))
	other, kept := f.createOnce()
	live := f.stored(other)
	f.changed(key, revokedAt(noon))
	f.wantDeleted(other, noon.Add(time.Hour), false)
	f.wantDeleted(key, noon.Add(time.Hour), true)

	f.wantAbsent(key)
	f.wantSame(f.spend(spendOf(key, noon)), apikey.Outcome{})
	f.wantIdempotent(once.ID, nil)
	f.wantActivity(audit.KeyDeleted, key.ID, 1)
	f.wantSame(f.stored(other), live)
	f.wantIdempotent(kept.ID, kept)
	f.wantActivity(audit.KeyDeleted, other.ID, 0)
	f.wantCounters(1, 1)
}

func deletionsRace(f *fixture) {
	key := f.create(expiring(noon.Add(time.Hour)))
	f.create()
	removed := make([]bool, 20)
	stores := f.several(instances)
	race(len(removed), func(i int) {
		var err error
		removed[i], err = stores[i%instances].Delete(f.Context(), dueOf(key), noon.Add(2*time.Hour))
		if err != nil {
			f.Errorf("deleting: %v", err)
		}
	})
	f.wantSame(trues(removed), 1)
	f.wantActivity(audit.KeyDeleted, key.ID, 1)
	f.wantCounters(1, 1)
}

func deleteUnreleased(f *fixture) {
	f.org = f.found(1)
	expiry := noon.Add(time.Hour)
	key := f.create(named("Lease"), expiring(expiry))
	f.wantDeleted(key, expiry.Add(time.Second), true)
	f.wantActivity(audit.KeyExpired, key.ID, 1)
	f.wantCounters(0, 0)
	f.create(named("lease"))
	f.wantError(f.Create(f.Context(), creation(f.newKey(), expiry)), fault.KeyLimitReached)
}

func cleanNowhere(f *fixture) {
	key := f.newKey(expiring(noon))
	expired, err := f.Settle(f.Context(), dueOf(key), noon.Add(time.Hour))
	f.must(err)
	f.wantSame(expired, false)
	f.wantDeleted(key, noon.Add(time.Hour), false)
	f.wantAbsent(key)
	f.wantCounters(0, 0)
}
