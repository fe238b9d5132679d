package keys_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
)

// A key belongs to its creator, or to the active member that the creator names.
func TestAKeyBelongsToAnActiveMember(t *testing.T) {
	f := newFixture(t)
	f.member("bob", org.MemberActive, "dns_manager")
	f.member("dan", org.MemberDisabled, "dns_manager")
	f.member("pat", org.MemberPending, "dns_manager")
	for owner, want := range map[string]string{"": "alice", "alice": "alice", "bob": "bob"} {
		if key := f.create(keys.Draft{Name: "of " + owner, Owner: owner}).Key; key.Owner != want || key.CreatedBy != "member:alice" {
			t.Errorf("%q: the owner is %s, the creator %s", owner, key.Owner, key.CreatedBy)
		}
	}
	for _, owner := range []string{"dan", "pat", "nobody"} {
		_, err := f.Create(t.Context(), f.alice, keys.Draft{Name: "k", Owner: owner}, nil)
		f.wantFault(err, fault.InvalidFieldValue, "owner", "owner must be the subject of an active member of the organization, not \""+owner+"\".")
	}
}

func TestAKeyMayInheritFromItsOwner(t *testing.T) {
	f := newFixture(t)
	f.member("bob", org.MemberActive, "dns_manager")
	own := f.create(keys.Draft{Name: "own", Inherit: true, Roles: set([]string{})}).Key
	bobs := f.create(keys.Draft{Name: "bob's", Inherit: true, Owner: "bob"}).Key
	if own.Inherits != person("alice").Hash() || bobs.Inherits != person("bob").Hash() || len(own.Roles)+len(bobs.Roles) != 0 {
		t.Errorf("own: %+v, bob's: %+v", own.Record, bobs.Record)
	}
	f.wantKey(f.get(bobs.ID), bobs)
}

// PATCH switches between inheriting and rules of the key's own; it never has both.
func TestInheritingIsSwitchedOnAndOff(t *testing.T) {
	f := newFixture(t)
	id := f.create(keys.Draft{Name: "k", Permissions: set([]string{"dns:read"}), Roles: set([]string{"dns_manager"})}).Key.ID
	got := f.update(id, keys.Patch{Inherit: set(true)})
	if got.Inherits != person("alice").Hash() || len(got.Roles)+len(got.Permissions) != 0 {
		t.Errorf("switched on: %+v", got.Record)
	}
	f.wantKey(f.update(id, keys.Patch{Inherit: set(true)}), got)
	for field, patch := range map[string]keys.Patch{
		"roles": {Roles: set([]string{"admin"})}, "permissions": {Permissions: set([]string{"dns:read"})},
	} {
		_, err := f.Update(t.Context(), f.alice, id, patch, nil)
		f.wantFault(err, fault.InvalidFieldValue, field, "The key inherits its owner's permissions. Send inherit: false too, to give it "+field+" of its own.")
	}
	_, err := f.Update(t.Context(), f.alice, id, keys.Patch{Inherit: null[bool]()}, nil)
	f.wantFault(err, fault.InvalidFieldValue, "inherit", "inherit must be true or false.")
	off := f.update(id, keys.Patch{Inherit: set(false), Roles: set([]string{"cache_purger"})})
	if diff := cmp.Diff([]string{"cache_purger"}, off.Roles); diff != "" || off.Inherits != "" {
		t.Errorf("switched off: %+v", off.Record)
	}
}

// Nothing is inherited from who can't act: an owner who is disabled, was removed, or never was a member.
func TestNobodyInheritsFromWhoIsNotActive(t *testing.T) {
	f := newFixture(t)
	f.member("bob", org.MemberActive, "dns_manager")
	id := f.create(keys.Draft{Name: "bob's", Owner: "bob", Roles: set([]string{"dns_manager"})}).Key.ID
	f.becomes("bob", func(m *org.Member) { m.Status = org.MemberDisabled })
	_, err := f.Update(t.Context(), f.alice, id, keys.Patch{Inherit: set(true)}, nil)
	f.wantFault(err, fault.InvalidFieldValue, "inherit", `The key can't inherit: its owner, "bob", is not an active member of the organization.`)
	f.becomes("bob", nil)
	_, err = f.Update(t.Context(), f.alice, id, keys.Patch{Inherit: set(true)}, nil)
	f.wantFault(err, fault.InvalidFieldValue, "inherit")
	operator := f.alice
	operator.Identity, operator.Operator = person("root"), true
	_, err = f.Create(t.Context(), operator, keys.Draft{Name: "operator's", Inherit: true}, nil)
	f.wantFault(err, fault.InvalidFieldValue, "inherit")
	if created, err := f.Create(t.Context(), operator, named("operator's"), nil); err != nil || created.Key.Owner != "root" {
		t.Errorf("an operator's key: %+v, %v", created.Key, err)
	}
}

// A key that is given nothing has what its creator has, but for what nobody can be given any more.
func TestAKeyGetsItsCreatorsRoles(t *testing.T) {
	f := newFixture(t)
	f.ownRoles(org.Role{Name: "keeper", Permissions: []string{"keys:write"}}, org.Role{Name: "leaving", Permissions: []string{"cdn:read"}, Leaving: true})
	bob := f.member("bob", org.MemberActive, "dns_manager", "keeper", "leaving", "gone")
	created, err := f.Create(t.Context(), bob, named("k"), nil)
	f.must(err)
	if diff := cmp.Diff([]string{"dns_manager", "keeper"}, created.Key.Roles); diff != "" || created.Key.Owner != "bob" {
		t.Errorf("the key is %+v", created.Key.Record)
	}
}
