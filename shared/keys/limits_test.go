package keys_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
)

// A limit of a key's own above its tier needs account:write; above the organization's highest tier an operator, who goes
// up to the catalog's ceiling.
func TestWhoMayGiveWhichLimit(t *testing.T) {
	f := newFixture(t)
	f.ownRoles(org.Role{Name: "keeper", Permissions: []string{"keys:write", "keys:read"}},
		org.Role{Name: "accountant", Permissions: []string{"keys:write", "account:write"}})
	operator := f.alice
	operator.Identity, operator.Operator = person("root"), true
	callers := map[string]keys.Caller{
		"keeper": f.member("kim", org.MemberActive, "keeper"), "accountant": f.member("ann", org.MemberActive, "accountant"), "operator": operator,
	}
	const denied, beyond = fault.PermissionDenied, fault.TierNotAllowed
	tests := map[string]struct {
		limit int64
		want  map[string]fault.Code
	}{
		"its tier's":             {100, map[string]fault.Code{}},
		"above its tier's":       {101, map[string]fault.Code{"keeper": denied}},
		"the highest tier's":     {1000, map[string]fault.Code{"keeper": denied}},
		"above the highest tier": {1001, map[string]fault.Code{"keeper": beyond, "accountant": beyond}},
		"the ceiling":            {30_000, map[string]fault.Code{"keeper": beyond, "accountant": beyond}},
		"above the ceiling":      {30_001, map[string]fault.Code{"keeper": beyond, "accountant": beyond, "operator": beyond}},
	}
	for name, test := range tests {
		for who, caller := range callers {
			f.sub(name+" by the "+who, func() {
				draft := keys.Draft{Name: name + who, Roles: set([]string{}), RateLimit: &test.limit}
				created, err := f.Create(f.Context(), caller, draft, nil)
				if code := test.want[who]; code != "" {
					f.wantFault(err, code)
					return
				}
				f.must(err)
				if created.Key.Limits.PerMinute != test.limit || !created.Key.OwnLimit {
					f.Errorf("the limits are %+v", created.Key.Limits)
				}
			})
		}
	}
	_, err := f.Create(t.Context(), callers["keeper"], keys.Draft{Name: "x", Roles: set([]string{}), RateLimit: new(int64(101))}, nil)
	f.wantFault(err, denied, "", "A rate_limit of 101 is above the 100 requests per minute of the tier basic. That needs account:write, which you do not have.")
	_, err = f.Create(t.Context(), operator, keys.Draft{Name: "x", RateLimit: new(int64(30_001))}, nil)
	f.wantFault(err, beyond, "", "A rate_limit of 30001 is above the 30000 requests per minute that this deployment gives a key at most.")
}

// What an operator gave a key it keeps when something else of it changes.
func TestALimitAboveTheHighestTierOutlivesOtherChanges(t *testing.T) {
	f := newFixture(t)
	operator := f.alice
	operator.Operator = true
	created, err := f.Create(t.Context(), operator, keys.Draft{Name: "k", RateLimit: new(int64(20_000))}, nil)
	f.must(err)
	if got := f.update(created.Key.ID, keys.Patch{Description: set("x"), QuotaPerDay: set(int64(9))}); got.Limits.PerMinute != 20_000 {
		t.Errorf("the limits are %+v", got.Limits)
	}
	_, err = f.Update(t.Context(), f.alice, created.Key.ID, keys.Patch{RateLimit: set(int64(19_999))}, nil)
	f.wantFault(err, fault.TierNotAllowed)
}

// moving is an organization store in which the tier changes, once, right after the organization was read.
type moving struct {
	org.Store
	move func()
}

func (m *moving) Organization(ctx context.Context, id org.ID) (org.Organization, error) {
	organization, err := m.Store.Organization(ctx, id)
	if move := m.move; move != nil {
		m.move = nil
		move()
	}
	return organization, err
}

func (f *fixture) moveTierOnce(tier string) {
	f.Organizations = &moving{f.store, func() { f.settings(func(o *org.Organization) { o.Tier = tier }) }}
}

// A key that follows its account has the account's tier of now, whatever changed while it was made or changed.
func TestAKeyNeverFollowsATierThatIsGone(t *testing.T) {
	f := newFixture(t)
	own := f.create(keys.Draft{Name: "own", Tier: "free"}).Key
	f.moveTierOnce("pro")
	if key := f.create(named("new")).Key; key.Tier != "pro" || key.Limits.PerMinute != 1000 {
		t.Errorf("the new key has %s, %+v", key.Tier, key.Limits)
	}
	f.moveTierOnce("basic")
	got := f.update(own.ID, keys.Patch{Tier: null[string]()})
	if got.Tier != "basic" || got.Limits.PerMinute != 100 || !got.TierInherited {
		t.Errorf("the key has %s, %+v", got.Tier, got.Limits)
	}
	f.wantKey(f.get(own.ID), got)
}

// restless is a store in which everything moves at every attempt.
type restless struct{ apikey.Keys }

func (restless) Create(context.Context, apikey.Creation) error { return apikey.ErrMoved }

func (restless) Change(context.Context, apikey.Change) (*apikey.Key, error) {
	return nil, apikey.ErrMoved
}

// Where something moves at every attempt, attempts end, and so do they where who asked has gone.
func TestAttemptsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		id := f.create(named("k")).Key.ID
		f.Store = restless{f.store}
		gone, leave := context.WithCancel(t.Context())
		f.Organizations = &moving{f.store, leave}
		_, err := f.Create(gone, f.alice, named("other"), nil)
		f.wantFault(err, fault.Unavailable)
		_, err = f.Create(t.Context(), f.alice, named("other"), nil)
		f.wantFault(err, fault.Unavailable)
		_, err = f.Revoke(t.Context(), f.alice, id, nil)
		f.wantFault(err, fault.Unavailable)
	})
}
