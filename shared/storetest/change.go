package storetest

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
)

var changing = guarantees{
	"a change stores every field that it may change":           changeRoundTrip,
	"a change leaves counters and last use alone":              changeKeepsCounters,
	"versions grow with changes, and with no spend":            versionsGrow,
	"a change of what has moved is refused":                    changeMoved,
	"changes of different parts compose":                       changesCompose,
	"an exclusive change minds the whole key":                  changeExclusive,
	"of 20 racing changes made from one version, one succeeds": changesRace,
	"a change of a key that is not there is refused":           changeNowhere,
	"a change writes its activity, a refused one does not":     changeActivity,
	"a change in another's place can't revive a released key":  changeRevives,
	"an expired key can't be revived, but it can be revoked":   changeExpired,
	"an exclusive change that changes nothing still checks":    changeNothing,
}

func changeRoundTrip(f *fixture) {
	key := f.create()
	want := key.Clone()
	everything(want)
	want.Counts, want.Total, want.LastUsedAt, want.LastUsedIP = nil, 0, time.Time{}, key.LastUsedIP
	want.Idempotency = "" // of the create alone
	want.Owner, want.Tier, want.Digest, want.Name, want.Mask = "bob", "free", "k2.new", "New name", "vg_live_...new"

	stored := f.changed(key, func(k *apikey.Key) {
		before := k.Clone()
		*k = *want.Clone()
		k.Record.Version, k.Revision = before.Record.Version, before.Revision
	})
	want.UpdatedAt, want.RulesID = stored.UpdatedAt, stored.RulesID
	want.Record.Version, want.Revision = stored.Record.Version, stored.Revision
	f.wantSame(stored, want)
	f.wantSame(f.stored(key), want)
}

func changeKeepsCounters(f *fixture) {
	key := f.create()
	before := f.stored(key)
	f.wantSpent(spendOf(key, noon))
	stored, err := f.Change(f.Context(), change(before, noon, func(k *apikey.Key) { k.Tier, k.Name = "free", "Renamed" }))
	f.must(err)
	f.wantSame(stored, f.stored(key))
	f.wantSame([]int64{stored.Total, int64(len(stored.Counts))}, []int64{1, 3})
	f.wantSame(stored.LastUsedAt, noon)
}

func versionsGrow(f *fixture) {
	key := f.create()
	f.wantSpent(spendOf(key, noon))
	f.wantSame(f.stored(key).Version(), key.Version())
	record := f.changed(key, func(k *apikey.Key) { k.Disabled = true })
	details := f.changed(key, func(k *apikey.Key) { k.Description = "x" })
	both := f.changed(key, func(k *apikey.Key) { k.Disabled, k.Description = false, "y" })
	for i, versions := range [][2]int64{
		{key.Record.Version, record.Record.Version},
		{record.Revision, details.Revision},
		{details.Record.Version, both.Record.Version},
		{details.Revision, both.Revision},
		{key.Version(), record.Version()},
		{record.Version(), details.Version()},
		{details.Version(), both.Version()},
	} {
		if versions[0] >= versions[1] {
			f.Errorf("%d: version %d is followed by %d", i, versions[0], versions[1])
		}
	}
}

func changeMoved(f *fixture) {
	for name, edits := range map[string][2]func(*apikey.Key){
		"record":  {func(k *apikey.Key) { k.Disabled = true }, func(k *apikey.Key) { k.Tier = "free" }},
		"details": {func(k *apikey.Key) { k.Description = "x" }, func(k *apikey.Key) { k.Metadata = map[string]string{"a": "b"} }},
		"both":    {func(k *apikey.Key) { k.Disabled = true }, func(k *apikey.Key) { k.Tier, k.Description = "free", "y" }},
	} {
		key := f.create()
		first := f.changed(key, edits[0])
		_, err := f.Change(f.Context(), change(key, noon, edits[1]))
		if !is(err, apikey.ErrMoved) {
			f.Errorf("%s: error = %v, want ErrMoved", name, err)
		}
		f.wantSame(f.stored(key), first)
	}
}

func changesCompose(f *fixture) {
	key := f.create()
	f.changed(key, func(k *apikey.Key) { k.Description = "x" })
	stored, err := f.Change(f.Context(), change(key, noon, func(k *apikey.Key) { k.Disabled = true }))
	f.must(err)
	f.wantSame(stored, f.stored(key))
	f.wantSame([]any{stored.Description, stored.Disabled}, []any{"x", true})

	stored, err = f.Change(f.Context(), change(f.stored(key), noon, func(k *apikey.Key) { k.Description = "y" }))
	f.must(err)
	f.wantSame([]any{stored.Description, stored.Disabled}, []any{"y", true})
}

func changeExclusive(f *fixture) {
	for _, edits := range [][2]func(*apikey.Key){
		{func(k *apikey.Key) { k.Description = "x" }, func(k *apikey.Key) { k.Disabled = true }},
		{func(k *apikey.Key) { k.Disabled = true }, func(k *apikey.Key) { k.Description = "x" }},
	} {
		key := f.create()
		f.changed(key, edits[0])
		c := change(key, noon, edits[1])
		c.Exclusive = true
		_, err := f.Change(f.Context(), c)
		f.wantError(err, apikey.ErrMoved)
		c = change(f.stored(key), noon, edits[1])
		c.Exclusive = true
		_, err = f.Change(f.Context(), c)
		f.must(err)
	}
}

func changesRace(f *fixture) {
	for _, edit := range []func(*apikey.Key){
		func(k *apikey.Key) { k.Disabled = true },
		func(k *apikey.Key) { k.Description = "x" },
	} {
		key := f.create()
		stores := f.several(instances)
		var outcomes tally
		race(20, func(i int) {
			_, err := stores[i%instances].Change(f.Context(), change(key, noon, edit))
			outcomes.note(f, err, apikey.ErrMoved)
		})
		outcomes.want(f, 1, 19)
	}
}

func changeNowhere(f *fixture) {
	key := f.newKey()
	_, err := f.Change(f.Context(), change(key, noon, func(k *apikey.Key) { k.Disabled = true }))
	f.wantError(err, apikey.ErrMoved)
	_, err = f.Change(f.Context(), change(key, noon, named("x")))
	f.wantError(err, apikey.ErrMoved)
	f.wantAbsent(key)
	f.wantCounters(0, 0)
}

func changeActivity(f *fixture) {
	key := f.create()
	f.changed(key, func(k *apikey.Key) { k.Disabled = true })
	f.changed(key, func(k *apikey.Key) { k.Description = "x" })
	f.wantActivity(audit.KeyUpdated, key.ID, 2)
	_, err := f.Change(f.Context(), change(key, noon, func(k *apikey.Key) { k.Disabled, k.Description = true, "y" }))
	f.wantError(err, apikey.ErrMoved)
	f.wantActivity(audit.KeyUpdated, key.ID, 2)
}

// A key that expired between being read and being changed has lost its name and place to somebody else: to
// prolong it now would make two live keys of one name.
func changeRevives(f *fixture) {
	expiry := noon.Add(time.Hour)
	key := f.create(named("Lease"), expiring(expiry))
	read := f.stored(key)
	f.must(f.Create(f.Context(), creation(f.newKey(named("lease")), expiry)))
	_, err := f.Change(f.Context(), change(read, expiry, expiring(expiry.Add(time.Hour))))
	f.wantError(err, apikey.ErrMoved)
	f.wantRefused(spendOf(key, expiry))
	f.wantCounters(1, 2)
}

func changeNothing(f *fixture) {
	key := f.create()
	f.changed(key, func(k *apikey.Key) { k.Disabled = true })
	c := change(key, noon)
	c.Exclusive = true
	_, err := f.Change(f.Context(), c)
	f.wantError(err, apikey.ErrMoved)
}

func changeExpired(f *fixture) {
	key := f.create(expiring(noon.Add(time.Minute)))
	stored := f.stored(key)
	revive := change(stored, noon.Add(time.Minute), expiring(noon.Add(time.Hour)))
	_, err := f.Change(f.Context(), revive)
	f.wantError(err, apikey.ErrMoved)
	f.wantSame(f.stored(key), stored)
	revoke := change(stored, noon.Add(time.Minute), revokedAt(noon.Add(time.Minute)))
	_, err = f.Change(f.Context(), revoke)
	f.must(err)
}
