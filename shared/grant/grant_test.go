package grant_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

var (
	noon  = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	alice = org.Identity{Issuer: "https://id.example", Subject: "alice"}
)

// archive is what a desk reads, in memory. It counts the reads of standings and of own roles.
type archive struct {
	org.Store
	records map[apikey.ID]*apikey.Record
	owner   *org.Member
	member  org.Member // who asks; the zero Member: nobody
	roles   org.Roles
	read    int
	err     error
}

func (a *archive) Read(_ context.Context, id apikey.ID) (*apikey.Record, error) {
	return a.records[id], a.err
}

func (a *archive) Standing(context.Context, org.ID, string) (org.Standing, error) {
	a.read++
	return org.Standing{Owner: a.owner, Roles: a.roles}, a.err
}

func (a *archive) Roles(context.Context, org.ID) (org.Roles, error) {
	a.read++
	return a.roles, a.err
}

func (a *archive) Member(context.Context, org.ID, string) (org.Member, error) {
	if a.err == nil && a.member.Status == "" {
		return a.member, fault.New(fault.MemberNotFound, "There is no such member.")
	}
	return a.member, a.err
}

func newDesk(t *testing.T) (grant.Desk, *archive) {
	t.Helper()
	catalog, err := policy.Load(policy.Shipped)
	if err != nil {
		t.Fatal(err)
	}
	store := &archive{
		records: map[apikey.ID]*apikey.Record{},
		roles:   org.Roles{List: []org.Role{{Name: "zone-reader", Permissions: []string{"dns:read"}}}},
	}
	return grant.Desk{Records: store, Organizations: store, Catalog: catalog, Now: func() time.Time { return noon }}, store
}

// aKey is the record of an active key of org_acme that may do those things in production.
func aKey(permissions ...string) *apikey.Record {
	return &apikey.Record{ID: "00000001", Organization: "org_acme", Owner: "alice", Environment: apikey.Production, Digest: current, Permissions: permissions}
}

// The digests of a key's secrets.
const (
	current  apikey.Digest = "k1.current"
	retiring apikey.Digest = "k1.retiring"
)

func keyCaller() grant.Caller {
	return grant.Caller{Organization: "org_acme", Key: "00000001", Secret: []string{"of another pepper", current.Fingerprint()}}
}

func memberCaller() grant.Caller { return grant.Caller{Organization: "org_acme", Identity: alice} }

func TestACallerIsNamedAsTheActivityLogNamesThem(t *testing.T) {
	caller := memberCaller()
	if caller.IsKey() || caller.Actor() != audit.MemberActor("alice") {
		t.Errorf("a member acts as %s", caller.Actor())
	}
	caller = keyCaller()
	caller.Identity, caller.Address = org.Identity{Subject: "alice"}, netip.MustParseAddr("203.0.113.9")
	if !caller.IsKey() || caller.Actor() != audit.KeyActor("key_00000001") {
		t.Errorf("a key acts as %s", caller.Actor())
	}
}

// A member holds what their roles give, everywhere; the organization's own roles are read only for who has one.
func TestAMemberHoldsWhatTheirRolesGive(t *testing.T) {
	tests := map[string]struct {
		roles []string
		want  []policy.Permission
		read  int
	}{
		"none":           {nil, nil, 0},
		"of the catalog": {[]string{policy.FirstRole}, []policy.Permission{"*:*"}, 0},
		"of its own":     {[]string{"zone-reader"}, []policy.Permission{"dns:read"}, 1},
		"of nobody":      {[]string{"zone-writer"}, nil, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			desk, store := newDesk(t)
			store.member = org.Member{Identity: alice, Status: org.MemberActive, Roles: test.roles}
			principal, err := desk.Principal(t.Context(), memberCaller())
			if err != nil || principal.Record != nil || !slices.Equal(principal.Holding.Permissions(), test.want) || store.read != test.read {
				t.Errorf("principal %+v, %v after %d reads", principal, err, store.read)
			}
			if principal.Holding.Environment != "" {
				t.Errorf("a member is bound to %s", principal.Holding.Environment)
			}
		})
	}
}

// A key holds what its record gives now, in its environment and scope; one that inherits, what its owner has now.
func TestAKeyHoldsWhatItsRecordGives(t *testing.T) {
	inheriting := aKey()
	inheriting.Inherits = alice.Hash()
	tests := map[string]struct {
		record *apikey.Record
		status org.MemberStatus
		want   []policy.Permission
		read   int
	}{
		"permissions of its own":        {aKey("dns:read", "cdn:purge"), org.MemberActive, []policy.Permission{"dns:read", "cdn:purge"}, 0},
		"inherited":                     {inheriting, org.MemberActive, []policy.Permission{"dns:read"}, 1},
		"inherited of somebody stopped": {inheriting, org.MemberDisabled, nil, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			desk, store := newDesk(t)
			store.records["00000001"] = test.record
			store.owner = &org.Member{Identity: alice, Status: test.status, Roles: []string{"zone-reader"}}
			principal, err := desk.Principal(t.Context(), keyCaller())
			if err != nil || principal.Record != test.record || !slices.Equal(principal.Holding.Permissions(), test.want) || store.read != test.read {
				t.Errorf("principal %+v, %v after %d reads", principal, err, store.read)
			}
			if principal.Holding.Environment != apikey.Production {
				t.Errorf("a key is bound to %q", principal.Holding.Environment)
			}
		})
	}
}

// A key that is no longer one, or is another organization's, asks for nothing any more, whatever let it in a moment ago.
func TestAKeyThatEndedMeanwhileIsNobody(t *testing.T) {
	tests := map[string]func(*apikey.Record){
		"revoked":                func(r *apikey.Record) { r.RevokedAt = noon },
		"expired":                func(r *apikey.Record) { r.ExpiresAt = noon },
		"disabled":               func(r *apikey.Record) { r.Disabled = true },
		"another organization's": func(r *apikey.Record) { r.Organization = "org_other" },
		"deleted":                nil,
	}
	for name, edit := range tests {
		t.Run(name, func(t *testing.T) {
			desk, store := newDesk(t)
			if edit != nil {
				record := aKey("*:*")
				edit(record)
				store.records["00000001"] = record
			}
			principal, err := desk.Principal(t.Context(), keyCaller())
			if !errors.Is(err, fault.Unauthorized) || len(principal.Holding.Permissions()) != 0 {
				t.Errorf("principal %+v, %v", principal, err)
			}
		})
	}
}

// A member is who they are now: whatever the authorizer saw, who was disabled or removed meanwhile is nobody. An operator
// need not be one.
func TestAMemberWhoLeftMeanwhileIsNobody(t *testing.T) {
	for _, status := range []org.MemberStatus{org.MemberDisabled, org.MemberPending, ""} {
		desk, store := newDesk(t)
		store.member = org.Member{Identity: alice, Status: status, Roles: []string{policy.FirstRole}}
		caller := memberCaller()
		caller.Roles = []string{policy.FirstRole}
		if principal, err := desk.Principal(t.Context(), caller); !errors.Is(err, fault.MemberInactive) || len(principal.Holding.Permissions()) != 0 {
			t.Errorf("%q: principal %+v, %v", status, principal, err)
		}
		caller.Operator = true
		if principal, err := desk.Principal(t.Context(), caller); err != nil || !principal.Holding.Grants("keys:write") {
			t.Errorf("%q, but an operator: principal %+v, %v", status, principal, err)
		}
	}
}

// A key asks with a secret that is its own now: the current one, or within its grace the one before, and that is told.
func TestAKeyAsksWithASecretThatIsItsOwnNow(t *testing.T) {
	grace := func(until time.Time) *apikey.Record {
		record := aKey("dns:read")
		record.Retiring, record.GraceUntil = retiring, until
		return record
	}
	for name, test := range map[string]struct {
		record  *apikey.Record
		secret  []string
		admits  bool
		retired bool
	}{
		"the current one":           {aKey("dns:read"), []string{current.Fingerprint()}, true, false},
		"one of another key":        {aKey("dns:read"), []string{apikey.Digest("k1.other").Fingerprint()}, false, false},
		"none":                      {aKey("dns:read"), nil, false, false},
		"none, where there is none": {&apikey.Record{ID: "00000001", Organization: "org_acme"}, []string{apikey.Digest("").Fingerprint()}, false, false},
		"a retiring one":            {grace(noon.Add(time.Second)), []string{retiring.Fingerprint()}, true, true},
		"a retired one":             {grace(noon), []string{retiring.Fingerprint()}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			desk, store := newDesk(t)
			store.records["00000001"] = test.record
			caller := keyCaller()
			caller.Secret = test.secret
			principal, err := desk.Principal(t.Context(), caller)
			if (err == nil) != test.admits || principal.Retired != test.retired || !test.admits && !errors.Is(err, fault.Unauthorized) {
				t.Errorf("principal %+v, %v", principal, err)
			}
		})
	}
}

// A store that fails gives nobody anything.
func TestAPrincipalThatCannotBeReadHoldsNothing(t *testing.T) {
	desk, store := newDesk(t)
	store.records["00000001"], store.err = aKey("*:*"), errors.New("the store is down")
	for name, caller := range map[string]grant.Caller{"a key": keyCaller(), "a member": memberCaller()} {
		principal, err := desk.Principal(t.Context(), caller)
		if !errors.Is(err, store.err) || len(principal.Holding.Permissions()) != 0 {
			t.Errorf("%s: principal %+v, %v", name, principal, err)
		}
	}
}

// Nobody gives more than they have: what is missing is named.
func TestNobodyGivesMoreThanTheyHave(t *testing.T) {
	limited := aKey("dns:*")
	limited.Scope = apikey.Scope{Services: []string{"dns"}, Customers: []string{"c1"}, Accounts: []string{"a1"}}
	tests := map[string]struct {
		give func(*apikey.Record)
		want string // empty: it may be given
	}{
		"the same":               {func(*apikey.Record) {}, ""},
		"less":                   {func(r *apikey.Record) { r.Permissions = []string{"dns:read"} }, ""},
		"nothing":                {func(r *apikey.Record) { r.Permissions = nil }, ""},
		"another permission":     {func(r *apikey.Record) { r.Permissions = []string{"dns:read", "keys:write"} }, "the permission keys:write"},
		"a wider permission":     {func(r *apikey.Record) { r.Permissions = []string{"*:read"} }, "the permission *:read"},
		"another environment":    {func(r *apikey.Record) { r.Environment = apikey.Staging }, "the environment staging"},
		"another service":        {func(r *apikey.Record) { r.Scope.Services = []string{"dns", "cdn"} }, "the service cdn"},
		"every service":          {func(r *apikey.Record) { r.Scope.Services = nil }, "every service"},
		"another customer":       {func(r *apikey.Record) { r.Scope.Customers = []string{"c2"} }, "the customer c2"},
		"every account there is": {func(r *apikey.Record) { r.Scope.Accounts = nil }, "every account"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			desk, store := newDesk(t)
			store.records["00000001"] = limited
			principal, err := desk.Principal(t.Context(), keyCaller())
			if err != nil {
				t.Fatal(err)
			}
			given := limited.Clone()
			test.give(given)
			holding, err := desk.HoldingOf(t.Context(), given)
			if err != nil {
				t.Fatal(err)
			}
			err = principal.MayGive(holding)
			if test.want == "" {
				if err != nil {
					t.Errorf("error = %v, want none", err)
				}
				return
			}
			want := "Nobody gives more than they have: you do not hold " + test.want + " yourself."
			if !errors.Is(err, fault.GrantDenied) || fault.From(err).Detail != want {
				t.Errorf("error = %v, want %q", err, want)
			}
		})
	}
}
