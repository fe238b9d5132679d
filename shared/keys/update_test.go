package keys_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/ratelimit"
)

// What a patch sets changes, null takes away, and everything else stays as it was.
func TestAPatchChangesWhatItSetsAndNothingElse(t *testing.T) {
	tests := map[string]struct {
		patch keys.Patch
		want  func(*apikey.Key)
	}{
		"a name":              {keys.Patch{Name: set(" Other ")}, func(k *apikey.Key) { k.Name = "Other" }},
		"its case":            {keys.Patch{Name: set("KEY")}, func(k *apikey.Key) { k.Name = "KEY" }},
		"a description":       {keys.Patch{Description: set("new")}, func(k *apikey.Key) { k.Description = "new" }},
		"no description":      {keys.Patch{Description: null[string]()}, func(k *apikey.Key) { k.Description = "" }},
		"metadata, whole":     {keys.Patch{Metadata: set(map[string]string{"b": "2"})}, func(k *apikey.Key) { k.Metadata = map[string]string{"b": "2"} }},
		"no metadata":         {keys.Patch{Metadata: null[map[string]string]()}, func(k *apikey.Key) { k.Metadata = nil }},
		"empty metadata":      {keys.Patch{Metadata: set(map[string]string{})}, func(k *apikey.Key) { k.Metadata = nil }},
		"a tier, not its own": {keys.Patch{Tier: set("pro")}, func(k *apikey.Key) { k.Tier = "pro" }},
		"the account's tier":  {keys.Patch{Tier: null[string]()}, func(k *apikey.Key) { k.Tier, k.TierInherited = "basic", true }},
		"a limit of its own":  {keys.Patch{RateLimit: set(int64(7))}, func(k *apikey.Key) { k.Limits.PerMinute = 7 }},
		"the tier's limit":    {keys.Patch{RateLimit: null[int64]()}, func(k *apikey.Key) { k.OwnLimit, k.Limits.PerMinute = false, 10 }},
		"tier and its limit": {keys.Patch{Tier: set("pro"), RateLimit: null[int64]()},
			func(k *apikey.Key) { k.Tier, k.OwnLimit, k.Limits.PerMinute = "pro", false, 1000 }},
		"both back to the account's": {keys.Patch{Tier: null[string](), RateLimit: null[int64]()},
			func(k *apikey.Key) {
				k.Tier, k.TierInherited, k.OwnLimit, k.Limits.PerMinute = "basic", true, false, 100
			}},
		"a time":             {keys.Patch{Expiry: keys.Expiry{At: set("2027-01-31T12:00:00Z")}}, func(k *apikey.Key) { k.ExpiresAt = time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC) }},
		"days from now":      {keys.Patch{Expiry: keys.Expiry{Days: set(int64(1))}}, func(k *apikey.Key) { k.ExpiresAt = noon.Add(25 * time.Hour) }},
		"a period from now":  {keys.Patch{Expiry: keys.Expiry{Period: set("six_months")}}, func(k *apikey.Key) { k.ExpiresAt = time.Date(2026, 9, 10, 13, 0, 30, 0, time.UTC) }},
		"never, by null":     {keys.Patch{Expiry: keys.Expiry{At: null[string]()}}, func(k *apikey.Key) { k.ExpiresAt = time.Time{} }},
		"never, by its name": {keys.Patch{Expiry: keys.Expiry{Period: set("never")}}, func(k *apikey.Key) { k.ExpiresAt = time.Time{} }},
		"not active":         {keys.Patch{Active: set(false)}, func(k *apikey.Key) { k.Disabled = true }},
		"all at once": {keys.Patch{Name: set("x"), Description: set("y"), Active: set(false), RateLimit: set(int64(1))},
			func(k *apikey.Key) { k.Name, k.Description, k.Disabled, k.Limits.PerMinute = "x", "y", true, 1 }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			before := f.create(keys.Draft{Name: "Key", Description: "old", Metadata: map[string]string{"a": "1"}, Tier: "free", RateLimit: new(int64(50))}).Key
			f.now = noon.Add(time.Hour)
			got := f.update(before.ID, test.patch)
			want := before.Clone()
			test.want(want)
			want.UpdatedAt = f.now
			// How a store counts versions is its own; that it moved on is what callers see.
			unversioned := cmpopts.IgnoreFields(apikey.Record{}, "Version", "Digest", "LastUsedIP")
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), unversioned, cmpopts.IgnoreFields(apikey.Details{}, "Revision"),
				cmpopts.EquateComparable(apikey.Digest(""))); diff != "" || got.Digest != before.Digest {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if got.Version() <= before.Version() {
				t.Errorf("version %d, after %d", got.Version(), before.Version())
			}
			f.wantKey(f.get(before.ID), got)
		})
	}
}

// A patch that says what already is changes nothing: no version, no time, no activity.
func TestAPatchThatChangesNothingLeavesTheKeyAsItIs(t *testing.T) {
	f := newFixture(t)
	before := f.create(keys.Draft{Name: "Key", Metadata: map[string]string{"a": "1"}, RateLimit: new(int64(7))}).Key
	f.now = noon.Add(time.Hour)
	for name, patch := range map[string]keys.Patch{
		"nothing": {}, "the same name": {Name: set(" Key")}, "active": {Active: set(true)}, "the same limit": {RateLimit: set(int64(7))},
		"the account's tier": {Tier: null[string]()}, "the same metadata": {Metadata: set(map[string]string{"a": "1"})},
		"the same time": {Expiry: keys.Expiry{At: set("2026-09-10T12:00:30Z")}},
	} {
		t.Run(name, func(t *testing.T) { f.wantKey(f.update(before.ID, patch), before) })
	}
}

// What a key has, it keeps: a change of something else is not refused because its tier would not be given any more.
func TestAChangeOfSomethingElseDoesNotJudgeTheTierAgain(t *testing.T) {
	f := newFixture(t)
	key := f.create(keys.Draft{Name: "Key", Tier: "pro"}).Key
	f.Organizations = lowered{f.store}
	if got := f.update(key.ID, keys.Patch{Description: set("x")}); got.Tier != "pro" || got.Limits.PerMinute != 1000 {
		t.Errorf("tier %s with %v, want it as it was", got.Tier, got.Limits)
	}
	_, err := f.Update(t.Context(), f.alice, key.ID, keys.Patch{RateLimit: set(int64(11))}, nil)
	f.wantFault(err, fault.TierNotAllowed)
}

func TestABadPatchIsRefusedAndChangesNothing(t *testing.T) {
	f := newFixture(t)
	f.create(named("taken"))
	before := f.create(named("Key")).Key
	tests := map[string]struct {
		patch keys.Patch
		code  fault.Code
		field string
	}{
		"no name":            {keys.Patch{Name: set("")}, "invalid_field", "name"},
		"null for a name":    {keys.Patch{Name: null[string]()}, "invalid_field", "name"},
		"a taken name":       {keys.Patch{Name: set("TAKEN")}, "name_taken", "name"},
		"null for active":    {keys.Patch{Active: null[bool]()}, "invalid_field", "active"},
		"an empty tier":      {keys.Patch{Tier: set("")}, "invalid_field", "tier"},
		"an unknown tier":    {keys.Patch{Tier: set("gold")}, "invalid_field", "tier"},
		"a tier too high":    {keys.Patch{Tier: set("enterprise")}, "tier_not_allowed", ""},
		"a limit of nothing": {keys.Patch{RateLimit: set(int64(0))}, "invalid_field", "rate_limit"},
		"a limit too high":   {keys.Patch{RateLimit: set(int64(1001))}, "tier_not_allowed", ""},
		"the past":           {keys.Patch{Expiry: keys.Expiry{At: set("2020-01-01T00:00:00Z")}}, "invalid_field", "expires_at"},
		"null days":          {keys.Patch{Expiry: keys.Expiry{Days: null[int64]()}}, "invalid_field", "expires_in_days"},
		"bad metadata":       {keys.Patch{Name: set("fine"), Metadata: set(map[string]string{"": "x"})}, "invalid_field", "metadata"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := f.Update(t.Context(), f.alice, before.ID, test.patch, nil)
			f.wantFault(err, test.code, test.field)
			f.wantKey(f.get(before.ID), before)
		})
	}
}

// The table of states and operations: what is over can't be changed, only revoked.
func TestWhatIsOverCanNotBeChanged(t *testing.T) {
	tests := map[string]struct {
		end  func(*fixture, apikey.ID)
		want fault.Code
	}{
		"expired":             {func(f *fixture, _ apikey.ID) { f.now = noon.Add(24 * time.Hour) }, fault.KeyExpired},
		"revoked":             {func(f *fixture, id apikey.ID) { f.revoke(id) }, fault.KeyRevoked},
		"revoked and expired": {func(f *fixture, id apikey.ID) { f.revoke(id); f.now = noon.Add(24 * time.Hour) }, fault.KeyRevoked},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			key := f.create(keys.Draft{Name: "Key", Expiry: keys.Expiry{Days: set(int64(1))}}).Key
			test.end(f, key.ID)
			before := f.get(key.ID)
			for _, patch := range []keys.Patch{{}, {Name: set("x")}, {Active: set(false)}, {Expiry: keys.Expiry{At: null[string]()}}} {
				_, err := f.Update(t.Context(), f.alice, key.ID, patch, nil)
				f.wantFault(err, test.want)
			}
			f.wantKey(f.get(key.ID), before)
			if got := f.revoke(key.ID); got.RevokedAt.IsZero() {
				t.Error("it can't be revoked")
			}
		})
	}
}

func TestRevokingAgainAnswersAsTheFirstTime(t *testing.T) {
	f := newFixture(t)
	key := f.create(named("Key")).Key
	first := f.revoke(key.ID)
	if !first.RevokedAt.Equal(noon) || first.Version() <= key.Version() {
		t.Errorf("revoked at %s, version %d after %d", first.RevokedAt, first.Version(), key.Version())
	}
	f.now = noon.Add(time.Hour)
	f.wantKey(f.revoke(key.ID), first)
}

// With If-Match a change happens to the state that the caller has seen, or not at all.
func TestAChangeWithAVersionNeedsThatVersion(t *testing.T) {
	f := newFixture(t)
	key := f.create(named("Key")).Key
	version := key.Version()
	updated, err := f.Update(t.Context(), f.alice, key.ID, keys.Patch{Description: set("x")}, &version)
	f.must(err)
	_, err = f.Update(t.Context(), f.alice, key.ID, keys.Patch{Description: set("y")}, &version)
	f.wantFault(err, fault.VersionMismatch)
	_, err = f.Revoke(t.Context(), f.alice, key.ID, &version)
	f.wantFault(err, fault.VersionMismatch)
	f.wantKey(f.get(key.ID), updated.Key)
	version = updated.Key.Version()
	if _, err := f.Revoke(t.Context(), f.alice, key.ID, &version); err != nil {
		t.Error(err)
	}
}

func TestAChangeWithAVersionFailsWhereSomebodyComesBetween(t *testing.T) {
	f := newFixture(t)
	key := f.create(named("Key")).Key
	f.Store = &meddling{f.store, func() { f.update(key.ID, keys.Patch{Description: set("theirs")}) }}
	version := key.Version()
	_, err := f.Update(t.Context(), f.alice, key.ID, keys.Patch{Active: set(false)}, &version)
	f.wantFault(err, fault.VersionMismatch)
	if got := f.get(key.ID); got.Disabled || got.Description != "theirs" {
		t.Errorf("the key is %+v, want theirs alone", got)
	}
}

// Without one, both changes happen, whoever comes between.
func TestChangesThatMeetBothHappen(t *testing.T) {
	f := newFixture(t)
	key := f.create(named("Key")).Key
	f.Store = &meddling{f.store, func() { f.update(key.ID, keys.Patch{Description: set("theirs"), Active: set(false)}) }}
	got := f.update(key.ID, keys.Patch{Name: set("ours"), RateLimit: set(int64(9))})
	if got.Name != "ours" || got.Description != "theirs" || !got.Disabled || got.Limits != (ratelimit.Limits{PerMinute: 9}) {
		t.Errorf("the key is %+v, want both changes", got)
	}
}

// A revocation that meets another change is not lost.
func TestARevocationIsNeverLost(t *testing.T) {
	f := newFixture(t)
	key := f.create(named("Key")).Key
	f.Store = &meddling{f.store, func() { f.revoke(key.ID) }}
	_, err := f.Update(t.Context(), f.alice, key.ID, keys.Patch{Active: set(false)}, nil)
	f.wantFault(err, fault.KeyRevoked)
	if got := f.get(key.ID); !got.RevokedAt.Equal(noon) || got.Disabled {
		t.Errorf("the key is %+v, want it revoked", got)
	}
}

// Another organization's key is one that never existed, whatever is asked, and stays as it was.
func TestAnotherOrganizationsKeyIsNotFound(t *testing.T) {
	f := newFixture(t)
	key := f.create(named("Key")).Key
	never := apikey.NewID(noon.AddDate(-1, 0, 0))
	for name, ask := range map[string]func(apikey.ID) error{
		"get": func(id apikey.ID) error { _, err := f.Get(t.Context(), f.stranger, id); return err },
		"update": func(id apikey.ID) error {
			_, err := f.Update(t.Context(), f.stranger, id, keys.Patch{Name: set("x")}, nil)
			return err
		},
		"patch of nothing": func(id apikey.ID) error {
			_, err := f.Update(t.Context(), f.stranger, id, keys.Patch{}, new(int64(99)))
			return err
		},
		"revoke": func(id apikey.ID) error { _, err := f.Revoke(t.Context(), f.stranger, id, nil); return err },
	} {
		theirs, nobodys := ask(key.ID), ask(never)
		f.wantFault(theirs, fault.KeyNotFound)
		f.wantFault(nobodys, fault.KeyNotFound)
		if diff := cmp.Diff(fault.From(nobodys).Detail, fault.From(theirs).Detail); diff != "" {
			t.Errorf("%s tells the two apart (-never +theirs)\n%s", name, diff)
		}
	}
	f.wantKey(f.get(key.ID), key)
	for _, query := range []keys.Query{{Limit: 10}, {Limit: 10, Search: key.ID.String()}, {Limit: 10, Search: key.Mask}, {Limit: 10, Owner: "alice"}} {
		listing, err := f.List(t.Context(), f.stranger, query)
		if err != nil || listing.Total != 0 || len(listing.Keys) != 0 {
			t.Errorf("a stranger lists %+v, %v", listing, err)
		}
	}
}
