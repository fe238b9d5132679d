package team_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/team"
)

func TestARoleThatNobodyHasIsDeleted(t *testing.T) {
	f := newFixture(t)
	f.role("support", "dns:read")
	f.role("other", "dns:read")
	f.joined("bob", "other")
	revoked := f.key(keys.Draft{Name: "revoked", Roles: set([]string{"support"})})
	_, err := f.keys.Revoke(t.Context(), f.alice, revoked.ID, nil)
	f.must(err)
	f.key(keys.Draft{Name: "expired", Roles: set([]string{"support"}), Expiry: keys.Expiry{Days: set(int64(1))}})
	f.now = noon.Add(24 * time.Hour)
	removed, err := f.RemoveRole(t.Context(), f.alice, "support")
	f.must(err)
	f.wantEqual(removed, org.Role{Name: "support", Permissions: []string{"dns:read"}})
	f.wantEqual(f.ownRole("support") == nil, true)
	f.wantEqual(f.ownRole("other").Leaving, false)
}

// Whoever has the role is named, ten of them at most, and the role can be given on as before.
func TestARoleInUseStaysAndItsUsersAreNamed(t *testing.T) {
	f := newFixture(t)
	f.role("support", "dns:read")
	f.joined("bob", "dns_manager", "support")
	f.put("carol@example.com", withRoles("support"))
	key := f.key(keys.Draft{Name: "reader", Roles: set([]string{"support"})})
	f.now = f.now.Add(time.Millisecond) // the newer key comes first
	off := f.key(keys.Draft{Name: "off", Roles: set([]string{"support"})})
	_, err := f.keys.SetActive(t.Context(), f.alice, off.ID, false)
	f.must(err)
	_, err = f.RemoveRole(t.Context(), f.alice, "support")
	f.wantFault(err, fault.RoleInUse, "", fmt.Sprintf(
		"The role support is in use by member bob, member carol@example.com, key %s (off), key %s (reader). Take it away from them first.", off.ID, key.ID))
	f.wantEqual(f.ownRole("support").Leaving, false)
	f.put("dave", withRoles("support"))

	for i := range 12 {
		f.key(keys.Draft{Name: fmt.Sprintf("key %d", i), Roles: set([]string{"support"})})
	}
	_, err = f.RemoveRole(t.Context(), f.alice, "support")
	if named := len(splitUsers(fault.From(err).Detail)); named != 10 {
		t.Errorf("%d users are named, want 10", named)
	}
}

// A member who is given the role while it is being deleted keeps it, or the role goes; never does a member keep a role
// that is gone.
func TestWhoGivesAMemberARoleThatGoesMeanwhileIsRefused(t *testing.T) {
	const gone = `roles has "support", which is neither a role of the catalog nor one of your organization's own that stays.`
	for name, before := range map[string]func(*fixture){
		"a new member":   func(*fixture) {},
		"an invitation":  func(f *fixture) {},
		"one there is":   func(f *fixture) { f.joined("bob", "dns_manager") },
		"one who waits":  func(f *fixture) { f.put("bob", withRoles("dns_manager")) },
		"one who has it": func(f *fixture) { f.joined("bob", "dns_manager") },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.role("support", "dns:read")
			before(f)
			id, was := "bob", f.member("bob")
			if name == "an invitation" {
				id = "bob@example.com"
			}
			f.meddle(&meddling{beforeMember: func() {
				f.alone()
				_, err := f.RemoveRole(t.Context(), f.alice, "support")
				f.must(err)
				f.meddle(&meddling{})
			}})
			_, _, err := f.PutMember(t.Context(), f.alice, id, withRoles("dns_manager", "support"))
			f.wantFault(err, fault.InvalidFieldValue, "roles")
			if detail := fault.From(err).Detail; len(detail) < len(gone) || detail[:len(gone)] != gone {
				t.Errorf("it says %q", detail)
			}
			f.wantEqual(f.member(id), was)
		})
	}
}

// Who accepts the invitation before the role is taken back goes by another id then, and keeps no role that is gone either.
func TestWhoJoinsMeanwhileKeepsNoRoleThatIsGone(t *testing.T) {
	f := newFixture(t)
	f.role("support", "dns:read")
	f.meddle(&meddling{beforeMember: func() {
		f.alone()
		_, err := f.RemoveRole(t.Context(), f.alice, "support")
		f.must(err)
		f.meddle(&meddling{afterRoster: func() { f.joins("bob@example.com", person("bob")) }})
	}})
	_, _, err := f.PutMember(t.Context(), f.alice, "bob@example.com", withRoles("dns_manager", "support"))
	f.wantFault(err, fault.InvalidFieldValue, "roles")
	f.wantEqual(f.member("bob").Roles, []string{"dns_manager"})
	f.wantEqual(f.member("bob@example.com") == nil, true)
}

// Nobody can tell whether the role is still there: then it is not given.
func TestARoleThatCannotBeConfirmedIsTakenBack(t *testing.T) {
	f := newFixture(t)
	f.role("support", "dns:read")
	f.joined("bob", "dns_manager")
	f.meddle(&meddling{rolesFail: fault.Outage("reading", errors.New("the store is down"))})
	_, _, err := f.PutMember(t.Context(), f.alice, "bob", withRoles("dns_manager", "support"))
	f.wantFault(err, fault.Unavailable)
	f.wantEqual(f.member("bob").Roles, []string{"dns_manager"})
}

// Who is given the role after its users were looked for, but before it goes, has it: it stays then.
func TestARoleThatIsGivenMeanwhileStays(t *testing.T) {
	tests := map[string]func(f *fixture){
		"to a member who joins as the members are read": func(f *fixture) {
			f.put("bob@example.com", withRoles("support"))
			f.meddle(&meddling{afterRoster: func() { f.joins("bob@example.com", person("bob")) }})
		},
		"by whoever repairs the mark": func(f *fixture) {
			changes := 0
			meddler := f.meddle(&meddling{})
			var give func()
			give = func() {
				if changes++; changes == 1 { // the mark
					meddler.beforeRoles = give
					return
				}
				f.alone()
				f.role("support", "dns:read")
				f.put("bob", withRoles("support"))
			}
			meddler.beforeRoles = give
		},
	}
	for name, arrange := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.role("support", "dns:read")
			arrange(f)
			_, err := f.RemoveRole(t.Context(), f.alice, "support")
			f.wantFault(err, fault.RoleInUse, "", "The role support is in use by member bob. Take it away from them first.")
			f.wantEqual(f.ownRole("support").Leaving, false)
		})
	}
}

// missing is a store in which the first reading of the members misses one who moves meanwhile, as a store may that reads
// the version before the members.
type missing struct {
	org.Store
	reads int
	move  func()
}

func (m *missing) Roster(ctx context.Context, id org.ID) (org.Roster, error) {
	roster, err := m.Store.Roster(ctx, id)
	if m.reads++; m.reads == 1 {
		m.move()
		roster.Members = roster.Members[:1]
	}
	return roster, err
}

func TestAMemberWhoMovesWhileTheMembersAreReadIsNotMissed(t *testing.T) {
	f := newFixture(t)
	f.role("support", "dns:read")
	f.put("bob@example.com", withRoles("support"))
	f.Organizations = &missing{Store: f.store, move: func() { f.joins("bob@example.com", person("bob")) }}
	_, err := f.RemoveRole(t.Context(), f.alice, "support")
	f.wantFault(err, fault.RoleInUse, "", "The role support is in use by member bob. Take it away from them first.")
}

// restless is a store whose members change with every reading.
type restless struct {
	org.Store
	version int64
}

func (r *restless) Roster(ctx context.Context, id org.ID) (org.Roster, error) {
	roster, err := r.Store.Roster(ctx, id)
	r.version++
	roster.Version += r.version
	return roster, err
}

func TestMembersWhoNeverStandStillAreAnOutage(t *testing.T) {
	f := newFixture(t)
	f.role("support", "dns:read")
	f.Organizations = &restless{Store: f.store}
	_, err := f.RemoveRole(t.Context(), f.alice, "support")
	f.wantFault(err, fault.Unavailable)
	f.wantEqual(f.ownRole("support").Leaving, false)
}

// A removal that was cut off leaves a mark: the role works, is given to nobody, and a PUT or another DELETE goes on.
func TestARemovalThatWasCutOffIsRepaired(t *testing.T) {
	cutOff := func(f *fixture) {
		roles, err := f.store.Roles(f.Context(), acme)
		f.must(err)
		f.must(f.store.ChangeRoles(f.Context(), org.RolesChange{
			Organization: acme, Version: roles.Version, After: []org.Role{{Name: "support", Permissions: []string{"dns:read"}, Leaving: true}},
		}))
	}
	f := newFixture(t)
	f.role("support", "dns:read")
	bob := f.joined("bob", "support")
	cutOff(f)
	principal, err := f.Desk.Principal(t.Context(), bob)
	f.must(err)
	f.wantEqual(principal.Holding.Grants("dns:read"), true)
	_, _, err = f.PutMember(t.Context(), f.alice, "carol", withRoles("support"))
	f.wantFault(err, fault.InvalidFieldValue, "roles")
	f.put("bob", withRoles("support", "cache_purger"))

	_, created, err := f.PutRole(t.Context(), f.alice, "support", permissions("dns:read"))
	f.must(err)
	f.wantEqual(created, false)
	f.put("carol", withRoles("support"))

	cutOff(f)
	_, err = f.RemoveRole(t.Context(), f.alice, "support")
	f.wantFault(err, fault.RoleInUse)
	f.put("bob", withRoles())
	f.put("carol", withRoles())
	cutOff(f)
	_, err = f.RemoveRole(t.Context(), f.alice, "support")
	f.must(err)
}

// Whoever asked may be gone before the mark is taken away again.
func TestAMarkIsTakenAwayThoughNobodyWaits(t *testing.T) {
	f := newFixture(t)
	f.role("support", "dns:read")
	f.joined("bob", "support")
	ctx, cancel := context.WithCancel(t.Context())
	f.meddle(&meddling{afterRoster: cancel})
	_, err := f.RemoveRole(ctx, f.alice, "support")
	f.wantFault(err, fault.Unavailable)
	f.wantEqual(f.ownRole("support").Leaving, false)
}

// Whoever wins, members and keys on the one side and the deletion on the other: nobody is left with a role that is gone,
// and a role that stays can be given.
func TestDeletingARaceWithGivingLeavesNobodyWithARoleThatIsGone(t *testing.T) {
	f := newFixture(t)
	for round := range 15 {
		f.role("support", "dns:read")
		var group sync.WaitGroup
		for i := range 2 {
			group.Go(func() {
				_, _, _ = f.PutMember(t.Context(), f.alice, fmt.Sprintf("member-%d", i), team.MemberPatch{Roles: set([]string{"support"})})
			})
			group.Go(func() {
				_, _ = f.keys.Create(t.Context(), f.alice, keys.Draft{Name: fmt.Sprintf("key %d %d", round, i), Roles: set([]string{"support"})}, nil)
			})
			group.Go(func() { _, _ = f.RemoveRole(t.Context(), f.alice, "support") })
		}
		group.Wait()
		role := f.ownRole("support")
		users := f.usersOf("support")
		if role == nil && len(users) > 0 || role != nil && role.Leaving {
			t.Fatalf("the role is %+v, its users are %v", role, users)
		}
		f.takeFromAll("support")
	}
}
