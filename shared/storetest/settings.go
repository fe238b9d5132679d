package storetest

import (
	"errors"
	"slices"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

var settings = guarantees{
	"a change of an organization stores every setting, and nothing else":               settingsRoundTrip,
	"every change of an organization moves its revision, and no create or member does": settingsRevision,
	"a change of an older revision is refused, and leaves nothing":                     settingsMoved,
	"of 20 racing changes of one revision, one succeeds":                               settingsRace,
	"counters are right after creates that raced with changes":                         settingsBesideCreates,
	"a change of an organization writes its activity, a step on the way none":          settingsActivity,
	"a key limit holds from its change on":                                             settingsKeyLimit,
	"an organization that is not there can't be changed":                               settingsNowhere,
}

func (f *fixture) organization() org.Organization {
	f.Helper()
	o, err := f.Organization(f.Context(), f.org)
	f.must(err)
	return o
}

// set changes the settings of the organization as it is now.
func (f *fixture) set(edit func(*org.Organization)) org.Organization {
	f.Helper()
	stored, err := f.setOn(f.organization(), edit)
	f.must(err)
	return stored
}

func (f *fixture) setOn(before org.Organization, edit func(*org.Organization)) (org.Organization, error) {
	after := before
	edit(&after)
	activity := entry(noon, audit.OrganizationUpdated, string(before.ID))
	return f.ChangeOrganization(f.Context(), before, after, &activity)
}

func tiered(tier string) func(*org.Organization) {
	return func(o *org.Organization) { o.Tier, o.Following, o.FollowedTo = tier, true, "" }
}

// everySetting changes all that a change may change.
func everySetting(o *org.Organization) {
	o.Name, o.Tier, o.MaxTier, o.KeyLimit = "Früh & Söhne", "basic", "enterprise", 77
	o.LockedKeys, o.ImmutableNames, o.Following, o.FollowedTo = true, true, true, "0A1b2C3d"
}

func settingsRoundTrip(f *fixture) {
	f.create()
	want := f.organization()
	everySetting(&want)
	stored := f.set(func(o *org.Organization) {
		everySetting(o)
		o.CreatedAt, o.CursorKey, o.LiveKeys, o.Keys = noon.AddDate(1, 0, 0), []byte("another"), 50, 60
	})
	want.Revision = stored.Revision
	f.wantSame(stored, want)
	f.wantSame(f.organization(), want)

	stored = f.set(func(o *org.Organization) {
		o.LockedKeys, o.ImmutableNames, o.Following, o.FollowedTo = false, false, false, ""
	})
	want.LockedKeys, want.ImmutableNames, want.Following, want.FollowedTo, want.Revision = false, false, false, "", stored.Revision
	f.wantSame(f.organization(), want)
}

func settingsRevision(f *fixture) {
	first := f.organization()
	key := f.create()
	f.changed(key, revokedAt(noon))
	f.add()
	f.wantSame(f.organization().Revision, first.Revision)
	second, err := f.setOn(first, func(o *org.Organization) { o.Name = "x" })
	f.must(err)
	third := f.set(func(o *org.Organization) { o.FollowedTo = "y" })
	if first.Revision >= second.Revision || second.Revision >= third.Revision {
		f.Errorf("revisions %d, %d, %d", first.Revision, second.Revision, third.Revision)
	}
	f.wantSame(second.Keys, f.organization().Keys)
}

func settingsMoved(f *fixture) {
	before := f.organization()
	want := f.set(func(o *org.Organization) { o.Name = "x" })
	_, err := f.setOn(before, func(o *org.Organization) { o.Tier = "basic" })
	f.wantError(err, org.ErrMoved)
	f.wantSame(f.organization(), want)
	f.wantActivities(audit.OrganizationUpdated, 1)
}

func settingsRace(f *fixture) {
	before, stores := f.organization(), f.several(instances)
	var outcomes tally
	race(20, func(i int) {
		racer := *f
		racer.Store = stores[i%instances]
		_, err := racer.setOn(before, func(o *org.Organization) { o.Name = "x" })
		outcomes.note(f, err, org.ErrMoved)
	})
	outcomes.want(f, 1, 19)
	f.wantActivities(audit.OrganizationUpdated, 1)
}

func settingsBesideCreates(f *fixture) {
	stores := f.several(instances)
	race(9, func(i int) {
		for range 5 {
			var err error
			if i == 0 {
				before, readErr := f.Organization(f.Context(), f.org)
				_, err = f.setOn(before, func(o *org.Organization) { o.Name += "x" })
				err = errors.Join(readErr, err)
			} else {
				err = stores[i%instances].Create(f.Context(), creation(f.newKey(), noon))
			}
			if err != nil {
				f.Error(err)
			}
		}
	})
	f.wantCounters(40, 40)
	f.wantSame(f.organization().Name, "Acmexxxxx")
}

func settingsActivity(f *fixture) {
	before := f.organization()
	activity := entry(noon, audit.OrganizationUpdated, string(f.org))
	activity.Before, activity.After = map[string]any{"tier": "free"}, map[string]any{"tier": "basic"}
	after := before
	after.Tier = "basic"
	stored, err := f.ChangeOrganization(f.Context(), before, after, &activity)
	f.must(err)
	after = stored
	after.FollowedTo = "x"
	_, err = f.ChangeOrganization(f.Context(), stored, after, nil)
	f.must(err)
	f.wantActivities(audit.OrganizationUpdated, 1)
	f.wantEntry(activity)
}

// wantEntry checks that an entry is there with every field.
func (f *fixture) wantEntry(want audit.Entry) {
	f.Helper()
	entries := f.database.Activity(f.T, f.org)
	i := slices.IndexFunc(entries, func(entry audit.Entry) bool { return entry.ID == want.ID })
	if i < 0 {
		f.Errorf("there is no entry %s of %s", want.ID, want.Action)
		return
	}
	f.wantSame(entries[i], want)
}

func settingsKeyLimit(f *fixture) {
	f.create()
	f.create()
	f.set(func(o *org.Organization) { o.KeyLimit = 1 })
	f.wantError(f.Create(f.Context(), creation(f.newKey(), noon)), fault.KeyLimitReached)
	f.set(func(o *org.Organization) { o.KeyLimit = 3 })
	f.create()
	f.wantError(f.Create(f.Context(), creation(f.newKey(), noon)), fault.KeyLimitReached)
	f.wantCounters(3, 3)
}

func settingsNowhere(f *fixture) {
	o, _ := organization(5)
	if _, err := f.setOn(o, func(o *org.Organization) { o.Name = "x" }); err == nil {
		f.Error("it was changed")
	}
	_, err := f.Organization(f.Context(), o.ID)
	f.wantError(err, fault.ThingNotFound)
}
