package team_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/team"
)

// operator is who operates the deployment, in acme.
func (f *fixture) operator() grant.Caller {
	return grant.Caller{Organization: acme, Identity: person("operator"), Roles: []string{"admin"}, Operator: true}
}

// account is the organization as stored.
func (f *fixture) account() org.Organization {
	f.Helper()
	account, err := f.Account(f.Context(), f.alice)
	f.must(err)
	return account
}

func (f *fixture) patchAccount(caller grant.Caller, patch team.AccountPatch) org.Organization {
	f.Helper()
	account, followed, err := f.PatchAccount(f.Context(), caller, patch)
	f.must(err)
	f.wantEqual(followed, true)
	return account
}

func TestSettingsAreChangedOneByOne(t *testing.T) {
	f := newFixture(t)
	before := f.account()
	tests := []struct {
		patch team.AccountPatch
		want  func(*org.Organization)
	}{
		{team.AccountPatch{Name: set("  Zürich AG ")}, func(o *org.Organization) { o.Name = "Zürich AG" }},
		{team.AccountPatch{LockedKeys: set(true)}, func(o *org.Organization) { o.LockedKeys = true }},
		{team.AccountPatch{LockedKeys: set(false)}, func(o *org.Organization) { o.LockedKeys = false }},
		{team.AccountPatch{ImmutableNames: set(true)}, func(o *org.Organization) { o.ImmutableNames = true }},
		{team.AccountPatch{Tier: set("pro")}, func(o *org.Organization) { o.Tier = "pro" }},
		{team.AccountPatch{Tier: set("free"), Name: set("B")}, func(o *org.Organization) { o.Tier, o.Name = "free", "B" }},
	}
	want := before
	for _, test := range tests {
		test.want(&want)
		f.patchAccount(f.alice, test.patch)
		now := f.account()
		now.Revision, want.Revision = 0, 0
		f.wantEqual(now, want)
	}
}

func TestAPatchThatChangesNothingWritesNothing(t *testing.T) {
	f := newFixture(t)
	before := f.account()
	for _, patch := range []team.AccountPatch{
		{}, {Name: set(" Acme ")}, {Tier: set("basic")}, {LockedKeys: set(false), ImmutableNames: set(false)},
	} {
		f.wantEqual(f.patchAccount(f.alice, patch), before)
	}
	f.wantEqual(f.account(), before)
}

func TestSettingsThatCannotBeAreRefused(t *testing.T) {
	f := newFixture(t)
	const (
		name  = "name must have 1 to 100 characters, none of them a control character."
		limit = "key_limit must be a whole number from 1 to 10000000."
		tiers = " must be one of free, basic, pro, enterprise, not "
	)
	tests := map[string]struct {
		patch       team.AccountPatch
		field, want string
	}{
		"an empty name":      {team.AccountPatch{Name: set("  ")}, "name", name},
		"a null name":        {team.AccountPatch{Name: null[string]()}, "name", name},
		"a long name":        {team.AccountPatch{Name: set(strings.Repeat("é", 101))}, "name", name},
		"a newline":          {team.AccountPatch{Name: set("a\nb")}, "name", name},
		"an unknown tier":    {team.AccountPatch{Tier: set("gold")}, "tier", "tier" + tiers + `"gold".`},
		"a null tier":        {team.AccountPatch{Tier: null[string]()}, "tier", "tier" + tiers + `"".`},
		"an unknown maximum": {team.AccountPatch{MaxTier: set("gold")}, "max_tier", "max_tier" + tiers + `"gold".`},
		"a null maximum":     {team.AccountPatch{MaxTier: null[string]()}, "max_tier", "max_tier" + tiers + `"".`},
		"a maximum below":    {team.AccountPatch{MaxTier: set("free")}, "max_tier", "max_tier must not be below the account's tier, basic. Send a lower tier too."},
		"null locked keys":   {team.AccountPatch{LockedKeys: null[bool]()}, "locked_keys", "locked_keys must be true or false."},
		"null names":         {team.AccountPatch{ImmutableNames: null[bool]()}, "immutable_names", "immutable_names must be true or false."},
		"no key":             {team.AccountPatch{KeyLimit: set(int64(0))}, "key_limit", limit},
		"too many keys":      {team.AccountPatch{KeyLimit: set(int64(10_000_001))}, "key_limit", limit},
		"a null limit":       {team.AccountPatch{KeyLimit: null[int64]()}, "key_limit", limit},
	}
	before := f.account()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, err := f.PatchAccount(t.Context(), f.operator(), test.patch)
			f.wantFault(err, fault.InvalidFieldValue, test.field, test.want)
		})
	}
	f.wantEqual(f.account(), before)
}

func TestTheTierGoesUpToTheHighestThatOperatorsAllow(t *testing.T) {
	f := newFixture(t)
	for _, caller := range []grant.Caller{f.alice, f.operator()} {
		_, _, err := f.PatchAccount(t.Context(), caller, team.AccountPatch{Tier: set("enterprise")})
		f.wantFault(err, fault.TierNotAllowed, "", "The tier enterprise is above pro, the highest that your organization may use. Ask for a higher one.")
	}
	f.patchAccount(f.operator(), team.AccountPatch{MaxTier: set("enterprise"), Tier: set("enterprise")})
	f.patchAccount(f.operator(), team.AccountPatch{MaxTier: set("free"), Tier: set("free"), KeyLimit: set(int64(7))})
	account := f.account()
	f.wantEqual([]any{account.Tier, account.MaxTier, account.KeyLimit}, []any{"free", "free", int64(7)})
}

// Nobody but operators sets what bounds an organization: not its Admin, and no key of whatever strength.
func TestOnlyOperatorsMoveTheBounds(t *testing.T) {
	f := newFixture(t)
	key := asKey(f.key(keys.Draft{Name: "strong"}))
	before := f.account()
	for _, caller := range []grant.Caller{f.alice, key} {
		for _, patch := range []team.AccountPatch{{MaxTier: set("pro")}, {KeyLimit: set(int64(2000))}, {MaxTier: null[string]()}, {KeyLimit: null[int64](), Name: set("x")}} {
			_, _, err := f.PatchAccount(t.Context(), caller, patch)
			f.wantFault(err, fault.PermissionDenied, "", "max_tier and key_limit are changed by the deployment's operators alone. Ask one of them.")
		}
	}
	f.wantEqual(f.account().KeyLimit, before.KeyLimit)
}

// Once a change of the tier is answered as done, every key that follows it has it; the others have what they had.
func TestKeysThatFollowTheTierHaveItAtOnce(t *testing.T) {
	f := newFixture(t)
	draft := func(name string, edit func(*keys.Draft)) keys.Draft {
		draft := keys.Draft{Name: name}
		edit(&draft)
		return draft
	}
	own := int64(42)
	follows := f.key(draft("follows", func(*keys.Draft) {}))
	explicit := f.key(draft("explicit", func(d *keys.Draft) { d.Tier = "free" }))
	limited := f.key(draft("limited", func(d *keys.Draft) { d.RateLimit = &own }))
	account := f.patchAccount(f.alice, team.AccountPatch{Tier: set("pro")})
	f.wantEqual(account.Tier, "pro")
	f.wantEqual(f.account().Following, false)
	for key, want := range map[*apikey.Key]int64{follows: 1000, explicit: 10, limited: 42} {
		now, err := f.keys.Get(t.Context(), f.alice, key.ID)
		f.must(err)
		f.wantEqual(now.Limits.PerMinute, want)
	}
}

// Beyond a thousand keys the answer comes before the last has the tier; what is left goes on by itself.
func TestATierWithTooManyFollowersIsNotDoneAtOnce(t *testing.T) {
	f := newFixture(t)
	for i := range 1001 {
		f.now = f.now.Add(time.Millisecond)
		f.key(keys.Draft{Name: fmt.Sprintf("key %d", i), Roles: set([]string{})})
	}
	_, followed, err := f.PatchAccount(t.Context(), f.alice, team.AccountPatch{Tier: set("pro")})
	f.must(err)
	f.wantEqual([]any{followed, f.account().Following}, []any{false, true})
	waiting, err := f.store.Following(t.Context(), 10)
	f.must(err)
	f.wantEqual(waiting, []org.ID{acme})

	f.wantEqual(f.patchAccount(f.alice, team.AccountPatch{Name: set("Busy")}).Name, "Busy")
	f.patchAccount(f.alice, team.AccountPatch{Tier: set("pro")}) // asked again, it goes on
	for _, key := range f.liveKeys() {
		if key.Limits.PerMinute != 1000 {
			t.Fatalf("%s has %d", key.Name, key.Limits.PerMinute)
		}
	}
}

// deaf is a store that loses the reply of the next change of the organization.
type deaf struct{ org.Store }

func (d deaf) ChangeOrganization(ctx context.Context, before, after org.Organization, activity *audit.Entry) (org.Organization, error) {
	changed, err := d.Store.ChangeOrganization(ctx, before, after, activity)
	return changed, errors.Join(err, fault.Outage("changing", errors.New("the reply was lost")))
}

// A change whose reply was lost is an outage to whoever asked, and goes on all the same.
func TestATierWhoseReplyWasLostIsStillFollowed(t *testing.T) {
	f := newFixture(t)
	f.key(keys.Draft{Name: "follows"})
	f.Organizations = deaf{f.store}
	_, _, err := f.PatchAccount(t.Context(), f.alice, team.AccountPatch{Tier: set("pro")})
	f.wantFault(err, fault.Unavailable)
	f.Organizations = f.store
	f.wantEqual([]any{f.account().Tier, f.account().Following}, []any{"pro", true})
}

// Whoever patches at once, none undoes what another has set, and the keys have the tier that was set last.
func TestPatchesAtOnceUndoNothing(t *testing.T) {
	f := newFixture(t)
	f.key(keys.Draft{Name: "follows"})
	patches := []team.AccountPatch{
		{Name: set("Other")}, {LockedKeys: set(true)}, {ImmutableNames: set(true)}, {Tier: set("pro")}, {Tier: set("free")},
	}
	var group sync.WaitGroup
	for _, patch := range patches {
		group.Go(func() {
			if _, _, err := f.PatchAccount(t.Context(), f.alice, patch); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	account := f.account()
	f.wantEqual([]any{account.Name, account.LockedKeys, account.ImmutableNames, account.Following}, []any{"Other", true, true, false})
	tier, _ := f.Catalog.Tier(account.Tier)
	for _, key := range f.liveKeys() {
		f.wantEqual([]any{key.Tier, key.Limits.PerMinute}, []any{tier.ID, tier.RequestsPerMinute})
	}
}

func TestMembershipsAreThoseOfWhoeverAsks(t *testing.T) {
	f := newFixture(t)
	mallory := f.found("org_other", "mallory")
	f.put("mallory", withRoles("dns_manager"))
	memberships := func(caller grant.Caller) (found []string) {
		all, err := f.Memberships(t.Context(), caller)
		f.must(err)
		for _, membership := range all {
			found = append(found, string(membership.Organization.ID)+" "+membership.Organization.Name+" "+string(membership.Status))
		}
		return found
	}
	f.wantEqual(memberships(f.alice), []string{"org_acme Acme active"})
	f.wantEqual(memberships(mallory), []string{"org_other Acme active", "org_acme Acme pending"})
	f.wantEqual(memberships(f.operator()), []string{})
	f.wantEqual(memberships(asKey(f.key(keys.Draft{Name: "key"}))), []string{})
}

// A key with account:write does not make itself, or others, faster than it may be.
func TestAKeyRaisesNoTierAboveItself(t *testing.T) {
	f := newFixture(t)
	created, err := f.keys.Create(t.Context(), f.alice, keys.Draft{Name: "k", RateLimit: new(int64(200)), Roles: set([]string{"admin"})}, nil)
	f.must(err)
	tier := func(id string) error {
		_, _, err := f.PatchAccount(t.Context(), asKey(created.Key), team.AccountPatch{Tier: set(id)})
		return err
	}
	if err := tier("pro"); !errors.Is(err, fault.GrantDenied) {
		t.Errorf("error = %v", err)
	}
	f.must(tier("free"))
	f.must(tier("basic"))
}
