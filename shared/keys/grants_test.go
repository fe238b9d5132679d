package keys_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// keeper is the role of who manages keys, and holds little beside that.
func (f *fixture) keeper(subject string) keys.Caller {
	f.Helper()
	f.ownRoles(org.Role{Name: "keeper", Permissions: []string{"keys:read", "keys:write"}})
	return f.member(subject, org.MemberActive, "keeper", "dns_manager")
}

// lacks is what a member is told who lacks something.
func lacks(what string) string {
	return "Nobody gives more than they have: you do not hold the " + what + " yourself."
}

// Nobody makes a key that holds more than they do.
func TestNobodyMakesAStrongerKeyThanTheyAre(t *testing.T) {
	f := newFixture(t)
	bob := f.keeper("bob")
	f.member("ops", org.MemberActive, "traffic_manager")
	f.member("newcomer", org.MemberActive)
	tests := map[string]struct {
		draft keys.Draft
		want  string // the detail of the refusal; empty: it is made
	}{
		"their own roles":        {keys.Draft{}, ""},
		"a role of theirs":       {keys.Draft{Roles: set([]string{"dns_manager"})}, ""},
		"a permission of theirs": {keys.Draft{Permissions: set([]string{"dns:write", "keys:read"})}, ""},
		"nothing":                {keys.Draft{Permissions: set([]string{})}, ""},
		"inheriting themselves":  {keys.Draft{Inherit: true}, ""},
		"for somebody else":      {keys.Draft{Owner: "alice", Roles: set([]string{"dns_manager"})}, ""},
		"an Admin's role":        {keys.Draft{Roles: set([]string{"admin"})}, lacks("permission *:*")},
		"another role":           {keys.Draft{Roles: set([]string{"dns_manager", "cache_purger"})}, lacks("permission cache:purge")},
		"another permission":     {keys.Draft{Permissions: set([]string{"dns:read", "cdn:read"})}, lacks("permission cdn:read")},
		"a wider pattern":        {keys.Draft{Permissions: set([]string{"*:read"})}, lacks("permission *:read")},
		"inheriting an Admin":    {keys.Draft{Inherit: true, Owner: "alice"}, lacks("permission *:*")},
		"inheriting another":     {keys.Draft{Inherit: true, Owner: "ops"}, lacks("permission traffic:*")},
		"inheriting a nobody":    {keys.Draft{Inherit: true, Owner: "newcomer"}, ""},
	}
	for name, test := range tests {
		f.sub(name, func() {
			test.draft.Name = name
			_, err := f.Create(f.Context(), bob, test.draft, nil)
			if test.want == "" {
				f.must(err)
				return
			}
			f.wantFault(err, fault.GrantDenied, "", test.want)
		})
	}
}

// To change what a key may do takes all that it holds, before and after. A key that was weakened, and whose secret was then
// taken, would be mended one day.
func TestAMemberNeedsAKeysPowersToChangeWhatItMayDo(t *testing.T) {
	f := newFixture(t)
	bob := f.keeper("bob")
	tests := map[string]struct {
		patch   keys.Patch
		refused bool
	}{
		"a name":                  {keys.Patch{Name: set("other")}, false},
		"prose":                   {keys.Patch{Description: set("other"), Metadata: set(map[string]string{"a": "b"})}, false},
		"fewer permissions":       {keys.Patch{Permissions: set([]string{"cdn:read"})}, true},
		"a role less":             {keys.Patch{Roles: set([]string{})}, true},
		"a narrower scope":        {keys.Patch{Scope: keys.ScopePatch{Services: only("cdn"), Customers: only("c1"), Accounts: only("a")}}, true},
		"fewer networks":          {keys.Patch{IPAllow: from("10.1.0.0/16")}, true},
		"another network to deny": {keys.Patch{IPDeny: from("10.1.0.0/16")}, true},
		"an earlier end":          {keys.Patch{Expiry: keys.Expiry{Days: set(int64(1))}}, true},
		"a lower limit":           {keys.Patch{RateLimit: set(int64(5))}, true},
		"lower quotas":            {keys.Patch{QuotaPerDay: set(int64(9)), QuotaPerMonth: set(int64(99))}, true},
		"disabling":               {keys.Patch{Active: set(false)}, false},

		"a permission of their own": {keys.Patch{Permissions: set([]string{"cdn:read", "cdn:write", "dns:read"})}, true},
		"a role of their own":       {keys.Patch{Roles: set([]string{"cache_purger", "dns_manager"})}, true},
		"another service":           {keys.Patch{Scope: keys.ScopePatch{Services: only("cdn", "dns", "billing")}}, true},
		"all services":              {keys.Patch{Scope: keys.ScopePatch{Services: all()}}, true},
		"another customer":          {keys.Patch{Scope: keys.ScopePatch{Customers: only("c3")}}, true},
		"all customers":             {keys.Patch{Scope: keys.ScopePatch{Customers: all()}}, true},
		"another account":           {keys.Patch{Scope: keys.ScopePatch{Accounts: only("a", "b")}}, true},
		"another network":           {keys.Patch{IPAllow: from("10.0.0.0/8", "192.0.2.0/24")}, true},
		"every network":             {keys.Patch{IPAllow: set([]keys.IPRule{})}, true},
		"a later end":               {keys.Patch{Expiry: keys.Expiry{Days: set(int64(400))}}, true},
		"no end":                    {keys.Patch{Expiry: keys.Expiry{At: null[string]()}}, true},
		"a higher limit":            {keys.Patch{RateLimit: set(int64(51))}, true},
		"the tier's limit":          {keys.Patch{RateLimit: null[int64]()}, true},
		"a higher quota a day":      {keys.Patch{QuotaPerDay: set(int64(11))}, true},
		"no quota a day":            {keys.Patch{QuotaPerDay: null[int64]()}, true},
		"no quota a month":          {keys.Patch{QuotaPerMonth: null[int64]()}, true},
		"inheriting":                {keys.Patch{Inherit: set(true)}, true},
	}
	for name, test := range tests {
		f.sub(name, func() {
			before := f.create(keys.Draft{
				Name: name, Roles: set([]string{"cache_purger"}), Permissions: set([]string{"cdn:read", "cdn:write"}),
				Scope:   keys.ScopePatch{Services: only("cdn", "dns"), Customers: only("c1", "c2"), Accounts: only("a")},
				IPAllow: from("10.0.0.0/8"), RateLimit: new(int64(50)), QuotaPerDay: new(int64(10)), QuotaPerMonth: new(int64(100)),
			}).Key
			_, err := f.Update(f.Context(), bob, before.ID, test.patch, nil)
			if !test.refused {
				f.must(err)
				return
			}
			f.wantFault(err, fault.GrantDenied)
			f.wantKey(f.get(before.ID), before)
		})
	}
}

// Enabling a stronger key, or making a new secret of it, would be a way to its powers; disabling and revoking it is none.
func TestAStrongerKeyCanOnlyBeStopped(t *testing.T) {
	f := newFixture(t)
	bob := f.keeper("bob")
	strong := f.create(named("strong")).Key
	f.setActive(strong.ID, false)
	before := f.get(strong.ID)
	for _, operation := range []string{"enable", "regenerate", "PATCH active"} {
		_, err := operations[operation](f, bob, strong.ID)
		f.wantFault(err, fault.GrantDenied, "", lacks("permission *:*"))
		f.wantKey(f.get(strong.ID), before)
	}
	f.setActive(strong.ID, true)
	for _, operation := range []string{"GET", "PATCH", "PATCH {}", "enable", "disable", "DELETE"} {
		_, err := operations[operation](f, bob, strong.ID)
		f.must(err)
	}
}

// An owner who is away may come back: meanwhile nobody else gets hold of what inherits from them.
func TestAnInheritingKeyIsWeighedByItsOwnerEvenWhereTheyAreAway(t *testing.T) {
	for name, leave := range map[string]func(*org.Member){
		"disabled": func(m *org.Member) { m.Status = org.MemberDisabled }, "removed": nil,
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			bob := f.keeper("bob")
			carol := f.member("carol", org.MemberActive, "admin")
			created, err := f.Create(t.Context(), carol, keys.Draft{Name: "k", Inherit: true}, nil)
			f.must(err)
			f.becomes("carol", leave)
			_, err = f.Regenerate(t.Context(), bob, created.Key.ID, keys.Regeneration{}, nil)
			f.wantFault(err, fault.GrantDenied, "", lacks("permission *:*"))
			f.regenerate(created.Key.ID, keys.Regeneration{})
		})
	}
}

// A replay shows a secret: it needs all that the key has become since, as a new secret would.
func TestAReplayNeedsWhatTheKeyHoldsNow(t *testing.T) {
	f := newFixture(t)
	bob := f.keeper("bob")
	draft := keys.Draft{Name: "k", Roles: set([]string{"dns_manager"})}
	first, err := f.Create(t.Context(), bob, draft, once("{}"))
	f.must(err)
	f.update(first.Key.ID, keys.Patch{Roles: set([]string{"admin"})})
	again, err := f.Create(t.Context(), bob, draft, once("{}"))
	f.wantFault(err, fault.GrantDenied, "", lacks("permission *:*"))
	if again.Key != nil || again.Secret.Reveal() != "" {
		t.Errorf("it gave %+v", again)
	}
	f.update(first.Key.ID, keys.Patch{Roles: set([]string{"dns_manager"})})
	if again, err := f.Create(t.Context(), bob, draft, once("{}")); err != nil || !again.Replayed {
		t.Errorf("again = %+v, %v", again, err)
	}
	f.becomes("bob", func(m *org.Member) { m.Roles = []string{"keeper"} })
	_, err = f.Create(t.Context(), bob, draft, once("{}"))
	f.wantFault(err, fault.GrantDenied, "", lacks("permission dns:*"))
}

// What others widen between a read and the change is weighed too.
func TestAWideningInBetweenIsWeighed(t *testing.T) {
	f := newFixture(t)
	bob := f.keeper("bob")
	key := f.create(keys.Draft{Name: "k", Roles: set([]string{"dns_manager"})}).Key
	f.setActive(key.ID, false)
	f.Store = &meddling{f.store, func() { f.update(key.ID, keys.Patch{Roles: set([]string{"admin"})}) }}
	_, err := f.SetActive(t.Context(), bob, key.ID, true)
	f.wantFault(err, fault.GrantDenied)
	if f.get(key.ID).StatusAt(f.now) != apikey.Inactive {
		t.Error("the key works")
	}
}

// A key is judged by the state that its change is made on: what an Admin has just done to it stays done.
func TestAKeyCanNotUndoWhatHappenedToItMeanwhile(t *testing.T) {
	for name, meanwhile := range map[string]keys.Patch{
		"disabled": {Active: set(false)}, "narrowed": {Roles: set([]string{"dns_manager"})},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			key := f.create(named("k")).Key
			f.Store = &meddling{f.store, func() { f.update(key.ID, meanwhile) }}
			back := keys.Patch{Active: set(true), Roles: set([]string{"admin"}), RateLimit: set(int64(7))}
			if _, err := f.Update(t.Context(), asKey(key), key.ID, back, nil); err == nil {
				t.Error("it was undone")
			}
			if got := f.get(key.ID); got.StatusAt(f.now) == apikey.Active && slices.Contains(got.Roles, "admin") {
				t.Errorf("the key is %s, with %v", got.StatusAt(f.now), got.Roles)
			}
		})
	}
}

// A request that came in with one secret does nothing once the key has another: who stole it is too late.
func TestARequestEndsWithItsSecret(t *testing.T) {
	f := newFixture(t)
	key := f.create(named("k")).Key
	thief := asKey(key)
	f.regenerate(key.ID, keys.Regeneration{Compromised: true})
	for name, operation := range operations {
		if name == "GET" {
			continue
		}
		if _, err := operation(f, thief, key.ID); !errors.Is(err, fault.Unauthorized) {
			t.Errorf("%s: error = %v, want unauthorized", name, err)
		}
	}
}

// In its grace a retiring secret works, but it does not take the key from whoever has the new one.
func TestARetiringSecretRegeneratesNotItsOwnKey(t *testing.T) {
	f := newFixture(t)
	key := f.create(named("k")).Key
	old := asKey(key)
	now := f.regenerate(key.ID, keys.Regeneration{GraceSeconds: 3600}).Key
	_, err := f.Regenerate(t.Context(), old, key.ID, keys.Regeneration{}, nil)
	f.wantFault(err, fault.GrantDenied, "", "The secret that asks is being retired. Use the key's new secret.")
	f.wantKey(f.get(key.ID), now)
	if _, err := f.Create(t.Context(), old, named("another"), nil); err != nil {
		t.Errorf("in its grace it makes no key: %v", err)
	}
	_, err = f.Regenerate(t.Context(), asKey(now), key.ID, keys.Regeneration{}, nil)
	f.must(err)
}

// Who is demoted while their request is under way gives nothing any more.
func TestAMemberIsJudgedAsTheyStandNow(t *testing.T) {
	f := newFixture(t)
	bob := f.keeper("bob")
	key := f.create(keys.Draft{Name: "k", Roles: set([]string{"dns_manager"})}).Key
	f.becomes("bob", func(m *org.Member) { m.Roles = []string{"keeper"} })
	_, err := f.Regenerate(t.Context(), bob, key.ID, keys.Regeneration{}, nil)
	f.wantFault(err, fault.GrantDenied, "", lacks("permission dns:*"))
	f.becomes("bob", nil)
	_, err = f.Create(t.Context(), bob, keys.Draft{Name: "n", Roles: set([]string{})}, nil)
	f.wantFault(err, fault.MemberInactive)
}

// Who has the secret of a key that inherits from somebody else gets nothing when that owner is given more one day, but what
// they could have given themselves; the owner's own keys, and an Admin's, get all.
func TestAKeyThatInheritsFromAnotherNeverRisesAboveWhoHasItsSecret(t *testing.T) {
	f := newFixture(t)
	bob := f.keeper("bob")
	nora := f.member("nora", org.MemberActive, "keeper")
	f.member("newcomer", org.MemberActive)
	inherit := func(as keys.Caller, owner string) *apikey.Key {
		created, err := f.Create(t.Context(), as, keys.Draft{Name: owner + " by " + as.Identity.Subject, Inherit: true, Owner: owner}, nil)
		f.must(err)
		return created.Key
	}
	byBob, byAlice, own := inherit(bob, "newcomer"), inherit(f.alice, "newcomer"), inherit(nora, "nora")
	f.becomes("newcomer", func(m *org.Member) { m.Roles = []string{"admin"} })
	f.becomes("nora", func(m *org.Member) { m.Roles = []string{"admin"} })
	grants := func(key *apikey.Key, permission policy.Permission) bool {
		holding, err := f.Desk.HoldingOf(t.Context(), &f.get(key.ID).Record)
		f.must(err)
		return holding.Grants(permission)
	}
	if grants(byBob, "billing:read") || !grants(byBob, "dns:write") {
		t.Error("what bob made has not what bob may do")
	}
	child, err := f.Create(t.Context(), asKey(byBob), named("child"), nil)
	f.must(err)
	if grants(child.Key, "billing:read") || !grants(child.Key, "dns:write") {
		t.Error("what that key made has not what it may do itself")
	}
	if !grants(byAlice, "billing:read") || !grants(own, "billing:read") {
		t.Error("what its owner or an Admin made does not follow its owner")
	}
	f.regenerate(byBob.ID, keys.Regeneration{GraceSeconds: 60})
	if grants(byBob, "billing:read") {
		t.Error("bob's secret rose in its grace")
	}
	f.regenerate(byBob.ID, keys.Regeneration{})
	if !grants(byBob, "billing:read") {
		t.Error("an Admin's new secret does not follow its owner")
	}
}

// Weakening an owner, taking the secret of a key that inherits from them, and waiting: it comes to nothing.
func TestAnOwnerWhoIsWeakForAMomentGivesNothingAway(t *testing.T) {
	f := newFixture(t)
	bob := f.keeper("bob")
	carol := f.member("carol", org.MemberActive, "admin")
	created, err := f.Create(t.Context(), carol, keys.Draft{Name: "k", Inherit: true}, nil)
	f.must(err)
	f.becomes("carol", func(m *org.Member) { m.Roles = nil })
	_, err = f.Regenerate(t.Context(), bob, created.Key.ID, keys.Regeneration{}, nil)
	f.must(err)
	f.becomes("carol", func(m *org.Member) { m.Roles = []string{"admin"} })
	holding, err := f.Desk.HoldingOf(t.Context(), &f.get(created.Key.ID).Record)
	f.must(err)
	if holding.Grants("billing:read") {
		t.Error("bob has what carol has")
	}
}
