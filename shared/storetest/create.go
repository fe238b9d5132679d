package storetest

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

const notFound = fault.KeyNotFound

var creating = guarantees{
	"a key comes back with every field":                        createRoundTrip,
	"an activity comes back with every field":                  activityRoundTrip,
	"a create counts, and writes its activity":                 createCounts,
	"of 20 racing creates with one ID, one succeeds":           idsRace,
	"a create that is refused leaves nothing":                  refusedLeavesNothing,
	"a create in an organization that is not there is refused": createNowhere,
	"a key's name is told to its own organization":             names,
	"another organization's key is not found":                  isolation,
}

func createRoundTrip(f *fixture) {
	key := f.create(everything)
	f.wantSame(f.stored(key), key)
	record, err := f.open().Read(f.Context(), key.ID)
	f.must(err)
	f.wantSame(record, &key.Record)
}

func activityRoundTrip(f *fixture) {
	key := f.newKey()
	c := creation(key, noon)
	c.Activity.Before = map[string]any{"active": true}
	c.Activity.After = map[string]any{"name": "n", "metadata": map[string]any{"a": "b"}, "expires_at": nil}
	f.must(f.Create(f.Context(), c))
	for _, entry := range f.database.Activity(f.T, f.org) {
		if entry.ID == c.Activity.ID {
			f.wantSame(entry, c.Activity)
			return
		}
	}
	f.Error("the activity is not there")
}

func createCounts(f *fixture) {
	key := f.create()
	f.wantCounters(1, 1)
	f.wantActivity(audit.KeyCreated, key.ID, 1)
	f.create()
	f.wantCounters(2, 2)
}

func idsRace(f *fixture) {
	id := f.newKey().ID
	var outcomes tally
	race(20, func(int) {
		key := f.newKey(func(k *apikey.Key) { k.ID = id })
		outcomes.note(f, f.Create(f.Context(), creation(key, noon)), apikey.ErrIDTaken)
	})
	outcomes.want(f, 1, 19)
	f.wantCounters(1, 1)
	f.wantActivity(audit.KeyCreated, id, 1)
}

func refusedLeavesNothing(f *fixture) {
	f.create(named("taken"))
	key := f.newKey(named("Taken"))
	c := creation(key, noon)
	c.Idempotency = idempotencyOf(key, noon)
	f.wantError(f.Create(f.Context(), c), fault.NameTaken)
	f.wantAbsent(key)
	f.wantCounters(1, 1)
	f.wantActivity(audit.KeyCreated, key.ID, 0)
	f.wantIdempotent(c.Idempotency.ID, nil)
}

func createNowhere(f *fixture) {
	key := f.newKey(func(k *apikey.Key) { k.Organization = "org_nowhere" })
	if err := f.Create(f.Context(), creation(key, noon)); err == nil {
		f.Error("the key was made")
	}
	f.wantAbsent(key)
}

// Name may lag, so that only a name which never changed is looked for.
func names(f *fixture) {
	key := f.create()
	for _, want := range []struct {
		organization org.ID
		id           apikey.ID
		name         string
	}{
		{f.org, key.ID, key.Name},
		{f.org, f.newKey().ID, ""},
		{f.found(roomy), key.ID, ""},
	} {
		name, err := f.Name(f.Context(), want.organization, want.id)
		f.must(err)
		f.wantSame(name, want.name)
	}
}

// A key of another organization can't be told from one that never existed, and can't be changed or cleaned up.
func isolation(f *fixture) {
	expiry := noon.Add(time.Hour)
	key := f.create(expiring(expiry))
	stranger := f.found(roomy)
	_, err := f.Key(f.Context(), stranger, key.ID)
	f.wantError(err, notFound)

	theirs := f.stored(key)
	theirs.Organization = stranger
	_, err = f.Change(f.Context(), change(theirs, noon, named("mine")))
	f.wantError(err, apikey.ErrMoved)
	_, err = f.Change(f.Context(), change(theirs, noon, revokedAt(noon)))
	f.wantError(err, apikey.ErrMoved)

	for _, clean := range []func() (bool, error){
		func() (bool, error) { return f.Settle(f.Context(), dueOf(theirs), expiry) },
		func() (bool, error) { return f.Delete(f.Context(), dueOf(theirs), expiry.Add(time.Hour)) },
	} {
		cleaned, err := clean()
		f.must(err)
		f.wantSame(cleaned, false)
	}
	f.wantSame(f.stored(key), key)
}
