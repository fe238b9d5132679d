package team_test

import (
	"errors"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/sqlite"
	"github.com/keyward/keyward/shared/team"
)

const (
	acme   = org.ID("org_acme")
	issuer = "https://id.example"
)

var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// fixture is an organization with its Admin, alice, on SQLite.
type fixture struct {
	testing.TB
	*team.Service
	keys  *keys.Service
	store *sqlite.Store
	now   time.Time
	alice grant.Caller
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := &fixture{TB: t, now: noon}
	folder := t.TempDir()
	store, err := sqlite.Open(t.Context(), filepath.Join(folder, "keyward.db"))
	f.must(err)
	t.Cleanup(func() { f.must(store.Close()) })
	store.Now = func() time.Time { return f.now }
	catalog, err := policy.Load(policy.Shipped)
	f.must(err)
	f.store = store
	desk := grant.Desk{Records: store, Organizations: store, Catalog: catalog, Now: store.Now}
	f.keys = &keys.Service{
		Store: store, Organizations: store, Catalog: catalog, Desk: desk, Brand: "vg", Now: store.Now,
		Keyring: keyring.New(keyring.File{Path: filepath.Join(folder, "peppers")}, func(err error) { t.Error(err) }),
	}
	f.Service = &team.Service{
		Organizations: store, Keys: store, Desk: desk, Catalog: catalog, Issuer: issuer, Now: store.Now,
		Follower: keys.Follower{Store: store, Walker: store, Organizations: store, Catalog: catalog, Now: store.Now},
	}
	f.alice = f.found(acme, "alice")
	return f
}

// found makes an organization, and gives its Admin as a caller.
func (f *fixture) found(id org.ID, admin string) grant.Caller {
	f.Helper()
	organization := org.Organization{
		ID: id, Name: "Acme", Tier: "basic", MaxTier: "pro", KeyLimit: 2000, CreatedAt: noon, CursorKey: []byte("the cursors of " + id),
	}
	first := org.Member{Identity: person(admin), Organization: id, Roles: []string{"admin"}, Status: org.MemberActive, JoinedAt: noon}
	f.must(f.store.Found(f.Context(), organization, first, audit.NewEntry(noon, audit.System, audit.OrganizationCreated, string(id), netip.Addr{})))
	return callerOf(first)
}

func person(subject string) org.Identity { return org.Identity{Issuer: issuer, Subject: subject} }

// callerOf is a member as a caller.
func callerOf(member org.Member) grant.Caller {
	return grant.Caller{Organization: member.Organization, Identity: member.Identity, Roles: member.Roles, Address: netip.MustParseAddr("203.0.113.9")}
}

// asKey is a key as a caller.
func asKey(key *apikey.Key) grant.Caller {
	return grant.Caller{Organization: key.Organization, Identity: org.Identity{Subject: key.Owner}, Key: key.ID, Secret: []string{key.Digest.Fingerprint()}, Address: netip.MustParseAddr("203.0.113.9")}
}

func (f *fixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// put makes a member what patch says, as alice.
func (f *fixture) put(id string, patch team.MemberPatch) org.Member {
	f.Helper()
	member, _, err := f.PutMember(f.Context(), f.alice, id, patch)
	f.must(err)
	return member
}

// joined is a member with those roles who has joined, as a caller.
func (f *fixture) joined(subject string, roles ...string) grant.Caller {
	f.Helper()
	f.put(subject, withRoles(roles...))
	return f.joins(subject, person(subject))
}

// joins does what signing in does when a pending member names the organization.
func (f *fixture) joins(id string, as org.Identity) grant.Caller {
	f.Helper()
	roster, err := f.store.Roster(f.Context(), acme)
	f.must(err)
	before, found := roster.Member(id)
	if !found || before.Status != org.MemberPending {
		f.Fatalf("%s is not pending: %+v", id, before)
	}
	after := before
	after.Identity, after.Status, after.JoinedAt = as, org.MemberActive, f.now
	f.must(f.store.ChangeMember(f.Context(), org.MemberChange{
		Organization: acme, Version: roster.Version, Before: &before, After: &after,
		Activity: audit.NewEntry(f.now, audit.System, audit.MemberJoined, "member:x", netip.Addr{}),
	}))
	return callerOf(after)
}

// member is the member as stored; nil where there is none.
func (f *fixture) member(id string) *org.Member {
	f.Helper()
	roster, err := f.store.Roster(f.Context(), acme)
	f.must(err)
	if member, found := roster.Member(id); found {
		return &member
	}
	return nil
}

// role makes an own role with those permissions, as alice.
func (f *fixture) role(name string, permissions ...string) {
	f.Helper()
	_, _, err := f.PutRole(f.Context(), f.alice, name, team.RolePatch{Permissions: permissions})
	f.must(err)
}

// ownRole is the own role as stored; nil where there is none.
func (f *fixture) ownRole(name string) *org.Role {
	f.Helper()
	roles, err := f.store.Roles(f.Context(), acme)
	f.must(err)
	if role, found := roles.Role(name); found {
		return &role
	}
	return nil
}

// key makes a key from a draft, as alice.
func (f *fixture) key(draft keys.Draft) *apikey.Key {
	f.Helper()
	created, err := f.keys.Create(f.Context(), f.alice, draft, nil)
	f.must(err)
	return created.Key
}

// wantFault checks an error's code, and where given its field and sentence.
func (f *fixture) wantFault(err error, code fault.Code, fieldAndDetail ...string) {
	f.Helper()
	got, ok := errors.AsType[*fault.Error](err)
	if !ok || got.Code != code {
		f.Errorf("error = %v, want %s", err, code)
		return
	}
	if len(fieldAndDetail) > 0 && got.Field != fieldAndDetail[0] || len(fieldAndDetail) > 1 && got.Detail != fieldAndDetail[1] {
		f.Errorf("%s says %q about %q, want %q", code, got.Detail, got.Field, fieldAndDetail)
	}
}

func (f *fixture) wantEqual(got, want any) {
	f.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		f.Errorf("(-want +got)\n%s", diff)
	}
}

func set[T any](value T) keys.Optional[T] { return keys.Optional[T]{Set: true, Value: value} }

func null[T any]() keys.Optional[T] { return keys.Optional[T]{Set: true, Null: true} }

func withRoles(roles ...string) team.MemberPatch { return team.MemberPatch{Roles: set(roles)} }

func withStatus(status string) team.MemberPatch { return team.MemberPatch{Status: set(status)} }

func ids(members []org.Member) []string {
	var ids []string
	for _, member := range members {
		ids = append(ids, member.ID()+" "+string(member.Status))
	}
	slices.Sort(ids)
	return ids
}

// usersOf are the members and live keys that have a role, as stored.
func (f *fixture) usersOf(role string) (users []string) {
	f.Helper()
	members, err := f.Members(f.Context(), f.alice)
	f.must(err)
	for _, member := range members {
		if slices.Contains(member.Roles, role) {
			users = append(users, member.ID())
		}
	}
	for _, key := range f.liveKeys() {
		if slices.Contains(key.Roles, role) {
			users = append(users, key.ID.String())
		}
	}
	return users
}

func (f *fixture) liveKeys() []*apikey.Key {
	f.Helper()
	listing, err := f.keys.List(f.Context(), f.alice, keys.Query{Limit: keys.MaxPage, Order: apikey.ByName})
	f.must(err)
	return listing.Keys
}

// takeFromAll removes every member but alice, and revokes every key that has the role.
func (f *fixture) takeFromAll(role string) {
	f.Helper()
	for _, user := range f.usersOf(role) {
		if id, isKey := apikey.ParseID(user); isKey {
			_, err := f.keys.Revoke(f.Context(), f.alice, id, nil)
			f.must(err)
			continue
		}
		_, err := f.RemoveMember(f.Context(), f.alice, user)
		f.must(err)
	}
}

// splitUsers are the users that a fault.RoleInUse names.
func splitUsers(detail string) []string {
	_, users, _ := strings.Cut(detail, " is in use by ")
	users, _, _ = strings.Cut(users, ". ")
	return strings.Split(users, ", ")
}
