package keys_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
)

func all() keys.Optional[keys.Selection] { return set(keys.Selection{All: true}) }

func only(ids ...string) keys.Optional[keys.Selection] { return set(keys.Selection{IDs: ids}) }

// numbered are n ids.
func numbered(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprint("id-", i)
	}
	return ids
}

func TestAKeyHasTheRulesThatItIsGiven(t *testing.T) {
	f := newFixture(t)
	f.ownRoles(org.Role{Name: "deployer", Permissions: []string{"dns:write"}})
	key := f.create(keys.Draft{
		Name: "k", Roles: set([]string{"dns_manager", "deployer", "cloud_account_viewer"}), Permissions: set([]string{"cdn:read", "billing:*"}),
		Scope: keys.ScopePatch{Services: only("dns", "cdn"), Customers: only("c.1", "c:2"), Accounts: only("a-1")},
	}).Key
	want := apikey.Rules{
		Roles: []string{"dns_manager", "deployer", "cloud_account_viewer"}, Permissions: []string{"cdn:read", "billing:*"},
		Scope: apikey.Scope{Services: []string{"dns", "cdn"}, Customers: []string{"c.1", "c:2"}, Accounts: []string{"a-1"}},
	}
	if !key.Rules().Equal(want) || key.RulesID != "" || key.Inherits != "" {
		t.Errorf("the rules are %+v, want %+v", key.Rules(), want)
	}
	f.wantKey(f.get(key.ID), key)
}

// What a rule of a key may not be, on create and on PATCH alike.
func TestABadRuleIsNamedWithItsField(t *testing.T) {
	long := strings.Repeat("x", 65)
	tests := map[string]struct {
		patch         keys.Patch
		field, detail string
	}{
		"an unknown role":         {keys.Patch{Roles: set([]string{"admin", "boss"})}, "roles", `There is no role "boss", neither in the catalog nor among your organization's own.`},
		"a role being deleted":    {keys.Patch{Roles: set([]string{"leaving"})}, "roles", `The role "leaving" is being deleted and can't be given any more.`},
		"a role twice":            {keys.Patch{Roles: set([]string{"admin", "admin"})}, "roles", `roles has "admin" twice.`},
		"many roles":              {keys.Patch{Roles: set(numbered(21))}, "roles", "roles must have at most 20 entries, not 21."},
		"what is no id":           {keys.Patch{Roles: set([]string{"a b"})}, "roles", `roles must have ids of 1 to 64 of A-Z, a-z, 0-9, _, ., : and -, not "a b".`},
		"an unknown permission":   {keys.Patch{Permissions: set([]string{"dns:destroy"})}, "permissions", `There is no permission "dns:destroy" in the catalog.`},
		"an operator's":           {keys.Patch{Permissions: set([]string{"operator:write"})}, "permissions", `There is no permission "operator:write" in the catalog.`},
		"what is no permission":   {keys.Patch{Permissions: set([]string{"dns"})}, "permissions", `permissions must be of the form resource:action, such as dns:read, not "dns".`},
		"a permission twice":      {keys.Patch{Permissions: set([]string{"dns:read", "dns:read"})}, "permissions", `permissions has "dns:read" twice.`},
		"many permissions":        {keys.Patch{Permissions: set(numbered(51))}, "permissions", "permissions must have at most 50 entries, not 51."},
		"inherit and roles":       {keys.Patch{Inherit: set(true), Roles: set([]string{"admin"})}, "inherit", "inherit and roles contradict each other: a key that inherits has its owner's permissions and none of its own. Send one of them."},
		"inherit and permissions": {keys.Patch{Inherit: set(true), Permissions: set([]string{"dns:read"})}, "inherit", "inherit and permissions contradict each other: a key that inherits has its owner's permissions and none of its own. Send one of them."},
		"an unknown service":      {keys.Patch{Scope: keys.ScopePatch{Services: only("dns", "smtp")}}, "services", `There is no service "smtp" in the catalog.`},
		"no services":             {keys.Patch{Scope: keys.ScopePatch{Services: only()}}, "services", `services must be "all" or a list of at least one id.`},
		"many services":           {keys.Patch{Scope: keys.ScopePatch{Services: only(numbered(51)...)}}, "services", "services must have at most 50 entries, not 51."},
		"no customers":            {keys.Patch{Scope: keys.ScopePatch{Customers: only()}}, "customers", `customers must be "all" or a list of at least one id.`},
		"null for customers":      {keys.Patch{Scope: keys.ScopePatch{Customers: null[keys.Selection]()}}, "customers", `customers must be "all" or a list of at least one id.`},
		"many customers":          {keys.Patch{Scope: keys.ScopePatch{Customers: only(numbered(101)...)}}, "customers", "customers must have at most 100 entries, not 101."},
		"a customer twice":        {keys.Patch{Scope: keys.ScopePatch{Customers: only("c", "c")}}, "customers", `customers has "c" twice.`},
		"no accounts":             {keys.Patch{Scope: keys.ScopePatch{Accounts: only()}}, "accounts", `accounts must be "all" or a list of at least one id.`},
		"a long account":          {keys.Patch{Scope: keys.ScopePatch{Accounts: only(long)}}, "accounts", `accounts must have ids of 1 to 64 of A-Z, a-z, 0-9, _, ., : and -, not "` + long + `".`},
		"many accounts":           {keys.Patch{Scope: keys.ScopePatch{Accounts: only(numbered(101)...)}}, "accounts", "accounts must have at most 100 entries, not 101."},
		"a viewer of no accounts": {keys.Patch{Roles: set([]string{"cloud_account_viewer"})}, "accounts", `Cloud Account Viewer needs at least one account, or "all".`},
		"a quota of nothing":      {keys.Patch{QuotaPerDay: set(int64(0))}, "quota_per_day", "quota_per_day must be a whole number from 1 to 999999999999999, or null for none, not 0."},
		"an endless quota":        {keys.Patch{QuotaPerDay: set(int64(1e15))}, "quota_per_day", "quota_per_day must be a whole number from 1 to 999999999999999, or null for none, not 1000000000000000."},
		"no list of addresses":    {keys.Patch{IPAllow: null[[]keys.IPRule]()}, "ip_allow", "ip_allow must be a list of entries. An empty one lists no address."},
		"no list to deny":         {keys.Patch{IPDeny: null[[]keys.IPRule]()}, "ip_deny", "ip_deny must be a list of entries. An empty one lists no address."},
		"no list of roles":        {keys.Patch{Roles: null[[]string]()}, "roles", "roles must be a list of ids. An empty one gives nothing."},
		"no list of permissions":  {keys.Patch{Permissions: null[[]string]()}, "permissions", "permissions must be a list of ids. An empty one gives nothing."},
		"a negative quota":        {keys.Patch{QuotaPerMonth: set(int64(-1))}, "quota_per_month", "quota_per_month must be a whole number from 1 to 999999999999999, or null for none, not -1."},
		"a successor of nobody":   {keys.Patch{Successor: set("key_00000000")}, "successor", `successor must be the key_id of another key of your organization that is not revoked, or null for none, not "key_00000000".`},
		"what is no key_id":       {keys.Patch{Successor: set("next")}, "successor", `successor must be the key_id of another key of your organization that is not revoked, or null for none, not "next".`},
	}
	f := newFixture(t)
	f.ownRoles(org.Role{Name: "leaving", Permissions: []string{"dns:read"}, Leaving: true})
	before := f.create(named("Key")).Key
	for name, test := range tests {
		f.sub(name, func() {
			_, err := f.Update(t.Context(), f.alice, before.ID, test.patch, nil)
			f.wantFault(err, fault.InvalidFieldValue, test.field, test.detail)
			f.wantKey(f.get(before.ID), before)
			_, err = f.Create(t.Context(), f.alice, draftOf(test.patch), nil)
			f.wantFault(err, fault.InvalidFieldValue, test.field, test.detail)
		})
	}
	if listing := f.list(keys.Query{}); listing.Total != 1 {
		t.Errorf("there are %d keys, want none made", listing.Total)
	}
}

// draftOf is a create that asks for what the patch does.
func draftOf(patch keys.Patch) keys.Draft {
	draft := keys.Draft{
		Name: "new", Inherit: patch.Inherit.Value, Roles: patch.Roles, Permissions: patch.Permissions, Scope: patch.Scope,
		IPAllow: patch.IPAllow, IPDeny: patch.IPDeny, Successor: patch.Successor.Value,
	}
	if patch.QuotaPerDay.Set {
		draft.QuotaPerDay = &patch.QuotaPerDay.Value
	}
	if patch.QuotaPerMonth.Set {
		draft.QuotaPerMonth = &patch.QuotaPerMonth.Value
	}
	return draft
}

func TestAListMayBeAsLongAsTheRuleSays(t *testing.T) {
	f := newFixture(t)
	var roles []org.Role
	for _, name := range numbered(20) {
		roles = append(roles, org.Role{Name: name, Permissions: []string{"dns:read"}})
	}
	f.ownRoles(roles...)
	longest := strings.Repeat("x", 64)
	key := f.create(keys.Draft{
		Name: "k", Roles: set(numbered(20)),
		Scope: keys.ScopePatch{Customers: only(append(numbered(99), longest)...), Accounts: only(numbered(100)...)},
	}).Key
	if len(key.Roles) != 20 || len(key.Scope.Customers) != 100 || len(key.Scope.Accounts) != 100 || key.RulesID == "" {
		t.Errorf("the rules are %+v", key.Rules())
	}
	f.wantKey(f.get(key.ID), key)
}

// What a key has it may keep, though nobody could be given it any more.
func TestAKeyMayKeepARoleThatIsBeingDeleted(t *testing.T) {
	f := newFixture(t)
	f.ownRoles(org.Role{Name: "old", Permissions: []string{"dns:read"}})
	id := f.create(keys.Draft{Name: "k", Roles: set([]string{"old"})}).Key.ID
	f.ownRoles(org.Role{Name: "old", Permissions: []string{"dns:read"}, Leaving: true})
	got := f.update(id, keys.Patch{Roles: set([]string{"old", "dns_manager"})})
	if diff := cmp.Diff([]string{"old", "dns_manager"}, got.Roles); diff != "" {
		t.Error(diff)
	}
}

// "All" must be said for a role that is meant for some accounts: once, and not again at every change.
func TestACloudAccountViewerSaysWhichAccounts(t *testing.T) {
	f := newFixture(t)
	viewer := set([]string{"cloud_account_viewer"})
	everywhere := f.create(keys.Draft{Name: "all", Roles: viewer, Scope: keys.ScopePatch{Accounts: all()}}).Key
	f.update(everywhere.ID, keys.Patch{Roles: set([]string{"cloud_account_viewer", "dns_manager"})})
	limited := f.create(keys.Draft{Name: "limited", Scope: keys.ScopePatch{Accounts: only("a")}}).Key
	if got := f.update(limited.ID, keys.Patch{Roles: viewer}); got.Scope.Accounts[0] != "a" {
		t.Errorf("the scope is %+v", got.Scope)
	}
	open := f.create(named("open")).Key
	_, err := f.Update(t.Context(), f.alice, open.ID, keys.Patch{Roles: viewer}, nil)
	f.wantFault(err, fault.InvalidFieldValue, "accounts")
	f.update(open.ID, keys.Patch{Roles: viewer, Scope: keys.ScopePatch{Accounts: all()}})
}

func TestRulesArePatchedEachByItself(t *testing.T) {
	f := newFixture(t)
	id := f.create(keys.Draft{
		Name: "k", Roles: set([]string{"dns_manager"}), Permissions: set([]string{"cdn:read"}), QuotaPerDay: new(int64(5)), QuotaPerMonth: new(int64(50)),
		Scope: keys.ScopePatch{Services: only("dns"), Customers: only("c"), Accounts: only("a")},
	}).Key.ID
	got := f.update(id, keys.Patch{Roles: set([]string{}), QuotaPerMonth: null[int64](), Scope: keys.ScopePatch{Customers: all()}})
	want := apikey.Rules{Permissions: []string{"cdn:read"}, Scope: apikey.Scope{Services: []string{"dns"}, Accounts: []string{"a"}}}
	if !got.Rules().Equal(want) || got.Scope.Customers != nil || got.Limits.PerDay != 5 || got.Limits.PerMonth != 0 {
		t.Errorf("the key is %+v, want %+v", got.Record, want)
	}
	got = f.update(id, keys.Patch{QuotaPerDay: null[int64](), QuotaPerMonth: set(int64(9))})
	if got.Limits.PerDay != 0 || got.Limits.PerMonth != 9 {
		t.Errorf("the limits are %+v", got.Limits)
	}
}

// A key that is given nothing is made, and told of: it is allowed, but unwise.
func TestWhatIsUnwiseIsToldInWarnings(t *testing.T) {
	const never = "The key never expires. Set expires_at, so that a forgotten key does not work for ever."
	const reachesNothing = "No role or permission of the key reaches any service in its scope. Every request with it will be refused."
	f := newFixture(t)
	tests := map[string]struct {
		draft keys.Draft
		want  []string
	}{
		"nothing":                {keys.Draft{Roles: set([]string{})}, []string{reachesNothing}},
		"another service's role": {keys.Draft{Roles: set([]string{"dns_manager"}), Scope: keys.ScopePatch{Services: only("cdn")}}, []string{reachesNothing}},
		"its service's role":     {keys.Draft{Roles: set([]string{"dns_manager"}), Scope: keys.ScopePatch{Services: only("dns")}}, []string{}},
		"for ever, and nothing":  {keys.Draft{Permissions: set([]string{}), Expiry: keys.Expiry{At: null[string]()}}, []string{never, reachesNothing}},
	}
	for name, test := range tests {
		test.draft.Name = name
		created := f.create(test.draft)
		updated, err := f.Update(t.Context(), f.alice, created.Key.ID, keys.Patch{}, nil)
		f.must(err)
		switched, err := f.SetActive(t.Context(), f.alice, created.Key.ID, false)
		f.must(err)
		made, err := f.Regenerate(t.Context(), f.alice, created.Key.ID, keys.Regeneration{}, nil)
		f.must(err)
		for _, got := range [][]string{created.Warnings, updated.Warnings, switched.Warnings, made.Warnings} {
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s (-want +got)\n%s", name, diff)
			}
		}
	}
}

// A successor is a key that the caller sees, not itself, and not revoked.
func TestAKeyMayNameItsSuccessor(t *testing.T) {
	f := newFixture(t)
	next, gone := f.create(named("next")).Key.ID, f.create(named("gone")).Key.ID
	f.revoke(gone)
	key := f.create(keys.Draft{Name: "k", Successor: next.String()}).Key
	if key.Successor != next {
		t.Errorf("the successor is %s", key.Successor)
	}
	theirs, err := f.Create(t.Context(), f.stranger, named("theirs"), nil)
	f.must(err)
	for _, id := range []apikey.ID{key.ID, gone, theirs.Key.ID} {
		_, err := f.Update(t.Context(), f.alice, key.ID, keys.Patch{Successor: set(id.String())}, nil)
		f.wantFault(err, fault.InvalidFieldValue, "successor")
	}
	f.revoke(next)
	if same := f.update(key.ID, keys.Patch{Successor: set(next.String()), Description: set("said again")}); same.Successor != next {
		t.Errorf("the successor is %q", same.Successor)
	}
	if none := f.update(key.ID, keys.Patch{Successor: null[string]()}); none.Successor != "" {
		t.Errorf("the successor is %s", none.Successor)
	}
}

func TestNamesMayBeImmutable(t *testing.T) {
	for name, make := range map[string]func(*fixture){
		"by the organization": func(f *fixture) { f.settings(func(o *org.Organization) { o.ImmutableNames = true }) },
		"by the catalog":      func(f *fixture) { f.Catalog.Flags.ImmutableNames = true },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			make(f)
			key := f.create(named("Key")).Key
			for _, other := range []string{"Other", "KEY"} {
				_, err := f.Update(t.Context(), f.alice, key.ID, keys.Patch{Name: set(other), Description: set("x")}, nil)
				f.wantFault(err, fault.NameImmutable, "name", "The names of keys can't be changed here. Create a new key under the other name.")
			}
			f.wantKey(f.get(key.ID), key)
			if got := f.update(key.ID, keys.Patch{Name: set(" Key "), Description: set("x")}); got.Description != "x" {
				t.Errorf("the key is %+v", got)
			}
		})
	}
}

// The catalog's maximum lifetime and its ban of never hold for creates and changes, however they are asked for.
func TestTheCatalogBoundsLifetimes(t *testing.T) {
	f := newFixture(t)
	f.Catalog.MaxLifetimeDays, f.Catalog.NeverAllowed = 200, false
	key := f.create(named("Key")).Key
	tests := map[string]struct {
		expiry        keys.Expiry
		field, detail string
	}{
		"never, by null":     {keys.Expiry{At: null[string]()}, "expires_at", "expires_at must not be never here: a key may live for 200 days at most."},
		"never, by its name": {keys.Expiry{Period: set("never")}, "expires_in", "expires_in must not be never here: a key may live for 200 days at most."},
		"a long period":      {keys.Expiry{Period: set("one_year")}, "expires_in", "expires_in must be at most 200 days ahead."},
		"many days":          {keys.Expiry{Days: set(int64(201))}, "expires_in_days", "expires_in_days must be a whole number from 1 to 200."},
		"a late time":        {keys.Expiry{At: set("2026-09-26T12:00:31Z")}, "expires_at", "expires_at must be at most 200 days ahead."},
		"what is no time":    {keys.Expiry{At: set("soon")}, "expires_at", "expires_at must be a time in RFC 3339, such as 2027-01-31T12:00:00Z."},
	}
	for name, test := range tests {
		f.sub(name, func() {
			_, err := f.Create(t.Context(), f.alice, keys.Draft{Name: "new", Expiry: test.expiry}, nil)
			f.wantFault(err, fault.InvalidFieldValue, test.field, test.detail)
			_, err = f.Update(t.Context(), f.alice, key.ID, keys.Patch{Expiry: test.expiry}, nil)
			f.wantFault(err, fault.InvalidFieldValue, test.field, test.detail)
		})
	}
	f.update(key.ID, keys.Patch{Expiry: keys.Expiry{At: set("2026-09-26T12:00:30Z")}})
}
