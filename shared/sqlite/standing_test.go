package sqlite

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
)

// rolesChange makes roles of that version into one that holds a permission.
func rolesChange(version int64, permission string) org.RolesChange {
	activity := entry(audit.RoleUpdated, "role:own")
	return org.RolesChange{
		Organization: acme.ID, Version: version, Activity: &activity,
		After: []org.Role{{Name: "own", Title: "Own", Permissions: []string{permission}}},
	}
}

// What the committer remembers of one process must never outlive what another has changed: a member who was disabled, or
// a role that was narrowed, would go on.
func TestWhatAnotherProcessChangesStandsAtOnce(t *testing.T) {
	path := newFile(t)
	reader, writer := path.open(t), path.open(t)
	if err := found(t, writer); err != nil {
		t.Fatal(err)
	}
	member := org.Member{Identity: ann, Organization: acme.ID, Roles: []string{"admin"}, Status: org.MemberActive, JoinedAt: noon}
	var before *org.Member
	for version, status := range []org.MemberStatus{org.MemberActive, org.MemberDisabled, org.MemberActive} {
		wantStanding(t, reader, before, int64(version))
		after := member
		after.Status = status
		err := writer.ChangeMember(t.Context(), org.MemberChange{
			Organization: acme.ID, Version: int64(version), Before: before, After: &after, Activity: entry(audit.MemberUpdated, "member:ann"),
		})
		if err != nil {
			t.Fatal(err)
		}
		wantStanding(t, reader, &after, int64(version))
		if err := writer.ChangeRoles(t.Context(), rolesChange(int64(version), "dns:read")); err != nil {
			t.Fatal(err)
		}
		wantStanding(t, reader, &after, int64(version)+1)
		before = &after
	}
}

func wantStanding(t *testing.T, store *Store, owner *org.Member, rolesVersion int64) {
	t.Helper()
	want := org.Standing{Owner: owner, Roles: org.Roles{Version: rolesVersion}}
	if rolesVersion > 0 {
		want.Roles.List = rolesChange(rolesVersion, "dns:read").After
	}
	got, err := store.Standing(t.Context(), acme.ID, ann.Hash())
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
		t.Errorf("error %v (-want +got)\n%s", err, diff)
	}
	if got, err := store.Standing(t.Context(), acme.ID, ""); err != nil || got.Owner != nil || got.Roles.Version != rolesVersion {
		t.Errorf("without an owner: %+v, error %v", got, err)
	}
}

func TestAStandingIsReadOnceWhileNobodyWrites(t *testing.T) {
	store := newFile(t).open(t)
	if err := found(t, store); err != nil {
		t.Fatal(err)
	}
	if err := store.ChangeRoles(t.Context(), rolesChange(0, "dns:read")); err != nil {
		t.Fatal(err)
	}
	first, err := store.Standing(t.Context(), acme.ID, ann.Hash())
	if err != nil {
		t.Fatal(err)
	}
	second, err := store.Standing(t.Context(), acme.ID, ann.Hash())
	if err != nil || &first.Roles.List[0] != &second.Roles.List[0] {
		t.Errorf("the roles were read again: %+v, error %v", second, err)
	}
}
