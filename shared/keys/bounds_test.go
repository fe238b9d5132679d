package keys_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
)

// robot is a key that manages keys, and is bounded in every way.
func (f *fixture) robot() *apikey.Key {
	f.Helper()
	return f.create(keys.Draft{
		Name: "robot", Environment: apikey.Staging, Permissions: set([]string{"keys:read", "keys:write", "dns:*"}), Roles: set([]string{"cache_purger"}),
		Scope:   keys.ScopePatch{Services: only("keyward", "dns"), Customers: only("c1", "c2"), Accounts: only("a1")},
		IPAllow: from("10.0.0.0/8"), IPDeny: from("192.0.2.7"), RateLimit: new(int64(50)), QuotaPerDay: new(int64(10)), QuotaPerMonth: new(int64(100)),
		Expiry: keys.Expiry{Days: set(int64(30))}, Owner: "alice",
	}).Key
}

// exceeds is what a key is told that goes beyond itself.
func exceeds(what string) string { return "A key gives no more than it has: " + what + "." }

// What a key leaves out of another it copies from itself, or lowers to its own.
func TestAKeyMadeByAKeyIsBoundedAsItIs(t *testing.T) {
	f := newFixture(t)
	robot := f.robot()
	created, err := f.Create(t.Context(), asKey(robot), named("made"), nil)
	f.must(err)
	made := created.Key
	if made.Owner != "alice" || made.CreatedBy != "key:"+robot.ID.String() || made.Environment != apikey.Staging || !made.ExpiresAt.Equal(robot.ExpiresAt) {
		t.Errorf("made %+v", made)
	}
	if made.Limits != robot.Limits || !made.OwnLimit || !made.TierInherited {
		t.Errorf("the limits are %+v, want %+v", made.Limits, robot.Limits)
	}
	if !made.Rules().Equal(robot.Rules()) || made.RulesID == robot.RulesID {
		t.Errorf("the rules are %+v, want %+v", made.Rules(), robot.Rules())
	}
	f.wantKey(f.get(made.ID), made)
}

func TestAKeyMakesNoKeyBeyondItself(t *testing.T) {
	f := newFixture(t)
	robot := f.robot()
	f.member("bob", org.MemberActive, "dns_manager")
	later := keys.Expiry{Days: set(int64(31))}
	const inherits = "it can't give the permissions that a member has from day to day, which is what inherit does"
	tests := map[string]struct {
		draft keys.Draft
		want  string // the detail of the refusal; empty: it is made
	}{
		"less of everything": {keys.Draft{
			Environment: apikey.Staging, Permissions: set([]string{"dns:read"}), Owner: "alice", RateLimit: new(int64(49)), QuotaPerDay: new(int64(9)),
			QuotaPerMonth: new(int64(99)), Scope: keys.ScopePatch{Services: only("dns"), Customers: only("c1")}, IPAllow: from("10.1.0.0/16"),
			Expiry: keys.Expiry{Days: set(int64(29))},
		}, ""},
		"a lower tier":             {keys.Draft{Tier: "free"}, ""},
		"another environment":      {keys.Draft{Environment: apikey.Production}, lacks("environment production")},
		"another permission":       {keys.Draft{Permissions: set([]string{"billing:read"})}, lacks("permission billing:read")},
		"another role":             {keys.Draft{Roles: set([]string{"admin"})}, lacks("permission *:*")},
		"another service":          {keys.Draft{Scope: keys.ScopePatch{Services: only("dns", "cdn")}}, lacks("service cdn")},
		"all services":             {keys.Draft{Scope: keys.ScopePatch{Services: all()}}, "Nobody gives more than they have: you do not hold every service yourself."},
		"another customer":         {keys.Draft{Scope: keys.ScopePatch{Customers: only("c3")}}, lacks("customer c3")},
		"all customers":            {keys.Draft{Scope: keys.ScopePatch{Customers: all()}}, "Nobody gives more than they have: you do not hold every customer yourself."},
		"all accounts":             {keys.Draft{Scope: keys.ScopePatch{Accounts: all()}}, "Nobody gives more than they have: you do not hold every account yourself."},
		"another network":          {keys.Draft{IPAllow: from("10.0.0.0/8", "192.0.2.1")}, exceeds("its ip_allow and ip_deny do not admit all that this key's would")},
		"every network":            {keys.Draft{IPAllow: from()}, exceeds("its ip_allow and ip_deny do not admit all that this key's would")},
		"a higher limit":           {keys.Draft{RateLimit: new(int64(51))}, exceeds("its rate_limit is 50")},
		"a higher tier":            {keys.Draft{Tier: "basic"}, exceeds("its rate_limit is 50, less than that of the tier basic")},
		"a higher tier, held down": {keys.Draft{Tier: "basic", RateLimit: new(int64(50))}, exceeds("its rate_limit is 50, less than that of the tier basic")},
		"a higher quota a day":     {keys.Draft{QuotaPerDay: new(int64(11))}, exceeds("its quota_per_day is 10")},
		"a higher quota a month":   {keys.Draft{QuotaPerMonth: new(int64(101))}, exceeds("its quota_per_month is 100")},
		"a later end":              {keys.Draft{Expiry: later}, exceeds("its expires_at is 2026-04-09T12:00:30Z")},
		"no end":                   {keys.Draft{Expiry: keys.Expiry{At: null[string]()}}, exceeds("its expires_at is 2026-04-09T12:00:30Z")},
		"inheriting":               {keys.Draft{Inherit: true}, exceeds(inherits)},
		"of another owner":         {keys.Draft{Owner: "bob"}, exceeds("its owner is alice, and so is that of every key that it makes")},
		"inheriting from another":  {keys.Draft{Inherit: true, Owner: "bob"}, exceeds("its owner is alice, and so is that of every key that it makes")},
	}
	for name, test := range tests {
		f.sub(name, func() {
			test.draft.Name = name
			_, err := f.Create(f.Context(), asKey(robot), test.draft, nil)
			if test.want == "" {
				f.must(err)
				return
			}
			f.wantFault(err, fault.GrantDenied, "", test.want)
		})
	}
}

// A key may edit, enable and regenerate what stays within itself; it may stop what it does not exceed, and revoke anything
// of its environment.
func TestAKeyEditsOnlyWhatStaysWithinItself(t *testing.T) {
	f := newFixture(t)
	robot := f.robot()
	beyond := map[string]keys.Draft{
		"permissions": {Roles: set([]string{"admin"}), Scope: keys.ScopePatch{Services: only("dns"), Customers: only("c1"), Accounts: only("a1")}},
		"scope":       {}, "networks": {IPAllow: from("10.0.0.0/7")}, "end": {Expiry: keys.Expiry{At: null[string]()}}, "limit": {RateLimit: new(int64(51))},
		"quota a day": {QuotaPerDay: new(int64(11))}, "quota a month": {QuotaPerMonth: new(int64(101))}, "inheriting": {Inherit: true},
	}
	for name, draft := range beyond {
		f.sub(name, func() {
			draft.Name = name
			id := f.create(f.asRobot(draft, name)).Key.ID
			for _, operation := range []string{"PATCH", "regenerate"} {
				_, err := operations[operation](f, asKey(robot), id)
				f.wantFault(err, fault.GrantDenied)
			}
			_, err := f.Update(f.Context(), asKey(robot), id, keys.Patch{Active: set(false), Description: set("and more")}, nil)
			f.wantFault(err, fault.GrantDenied)
			_, err = f.Update(f.Context(), asKey(robot), id, keys.Patch{Active: set(false)}, nil)
			f.must(err)
			for _, operation := range []string{"enable", "PATCH active"} {
				_, err := operations[operation](f, asKey(robot), id)
				f.wantFault(err, fault.GrantDenied)
			}
			for _, operation := range []string{"GET", "PATCH {}", "disable", "DELETE"} {
				_, err := operations[operation](f, asKey(robot), id)
				f.must(err)
			}
		})
	}
	id := f.create(f.asRobot(keys.Draft{Name: "within"}, "")).Key.ID
	for _, operation := range []string{"GET", "PATCH", "regenerate", "disable", "enable", "DELETE"} {
		_, err := operations[operation](f, asKey(robot), id)
		f.must(err)
	}
}

// asRobot is a draft that is within the robot, but for what it says itself and but for the scope where that is what is
// tried.
func (f *fixture) asRobot(draft keys.Draft, tried string) keys.Draft {
	draft.Environment = apikey.Staging
	if !draft.Roles.Set && !draft.Inherit {
		draft.Permissions = set([]string{"dns:read"})
	}
	if tried != "scope" {
		draft.Scope = keys.ScopePatch{Services: only("dns"), Customers: only("c1"), Accounts: only("a1")}
	}
	if !draft.IPAllow.Set {
		draft.IPAllow = from("10.1.0.0/16")
	}
	if !draft.Expiry.Asked() {
		draft.Expiry = keys.Expiry{Days: set(int64(30))}
	}
	for quota, own := range map[**int64]int64{&draft.RateLimit: 50, &draft.QuotaPerDay: 10, &draft.QuotaPerMonth: 100} {
		if *quota == nil {
			*quota = &own
		}
	}
	return draft
}

// Keys of another environment do not exist for a key, whatever it asks.
func TestAKeySeesItsOwnEnvironmentAlone(t *testing.T) {
	f := newFixture(t)
	robot := f.robot()
	production := f.create(named("production")).Key
	for operation, do := range operations {
		_, err := do(f, asKey(robot), production.ID)
		f.wantFault(err, fault.KeyNotFound, "", "There is no such key in your organization. Check the key_id.")
		if t.Failed() {
			t.Fatal(operation)
		}
	}
	_, err := f.Update(t.Context(), asKey(robot), robot.ID, keys.Patch{Successor: set(production.ID.String())}, nil)
	f.wantFault(err, fault.InvalidFieldValue, "successor")
	f.wantKey(f.get(production.ID), production)
	for query, want := range map[apikey.Environment][]string{"": {"robot"}, apikey.Staging: {"robot"}, apikey.Production: nil} {
		listing, err := f.List(t.Context(), asKey(robot), keys.Query{Limit: 10, Environment: query})
		f.must(err)
		if got := names(listing.Keys); !slices.Equal(got, want) || listing.Total != int64(len(want)) {
			t.Errorf("%q lists %v of %d", query, got, listing.Total)
		}
	}
}

// A key may replace its own secret and narrow itself, and give itself nothing.
func TestAKeyMayRotateAndNarrowItself(t *testing.T) {
	f := newFixture(t)
	robot := f.robot()
	if _, err := f.Regenerate(t.Context(), asKey(robot), robot.ID, keys.Regeneration{GraceSeconds: 60}, nil); err != nil {
		t.Error(err)
	}
	if _, err := f.Update(t.Context(), asKey(robot), robot.ID, keys.Patch{RateLimit: set(int64(40))}, nil); err != nil {
		t.Error(err)
	}
	_, err := f.Update(t.Context(), asKey(robot), robot.ID, keys.Patch{RateLimit: set(int64(41))}, nil)
	f.wantFault(err, fault.GrantDenied, "", exceeds("its rate_limit is 40"))
}

// A key that is revoked between the authorizer's look and the service's does nothing any more.
func TestARevokedKeyAsksForNothing(t *testing.T) {
	f := newFixture(t)
	robot := f.robot()
	f.revoke(robot.ID)
	_, err := f.Create(t.Context(), asKey(robot), named("k"), nil)
	f.wantFault(err, fault.Unauthorized)
	_, err = f.List(t.Context(), asKey(robot), keys.Query{Limit: 10})
	f.wantFault(err, fault.Unauthorized)
	for _, do := range operations {
		_, err := do(f, asKey(robot), robot.ID)
		f.wantFault(err, fault.Unauthorized)
	}
}

// An inheriting key gives others what its owner has now, as roles of their own: it can't hand the inheriting on.
func TestAnInheritingKeyGivesItsOwnersRoles(t *testing.T) {
	f := newFixture(t)
	robot := f.create(keys.Draft{Name: "robot", Inherit: true}).Key
	created, err := f.Create(t.Context(), asKey(robot), named("made"), nil)
	f.must(err)
	if diff := cmp.Diff([]string{"admin"}, created.Key.Roles); diff != "" || created.Key.Inherits != "" {
		t.Errorf("made %+v", created.Key.Record)
	}
	sibling := f.create(keys.Draft{Name: "sibling", Inherit: true}).Key
	_, err = f.Regenerate(t.Context(), asKey(robot), sibling.ID, keys.Regeneration{}, nil)
	f.must(err)
	_, err = f.Regenerate(t.Context(), asKey(created.Key), sibling.ID, keys.Regeneration{}, nil)
	f.wantFault(err, fault.GrantDenied)
	f.now = f.now.Add(time.Hour)
	_, err = f.Update(t.Context(), asKey(robot), created.Key.ID, keys.Patch{Inherit: set(true)}, nil)
	f.wantFault(err, fault.GrantDenied)
}

// What a key was told once, that it means all accounts, holds for what it makes.
func TestAViewerOfAllAccountsMakesOthers(t *testing.T) {
	f := newFixture(t)
	viewer := f.create(keys.Draft{Name: "viewer", Roles: set([]string{"cloud_account_viewer"}), Scope: keys.ScopePatch{Accounts: all()}}).Key
	created, err := f.Create(t.Context(), asKey(viewer), named("made"), nil)
	f.must(err)
	if !slices.Equal(created.Key.Roles, viewer.Roles) || created.Key.Scope.Accounts != nil {
		t.Errorf("made %+v", created.Key.Record)
	}
}
