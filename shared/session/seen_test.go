package session_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/session"
)

// A member's visit is noted at most once an hour.
func TestAVisitIsNotedOnceAnHour(t *testing.T) {
	h := newAcme(t, session.SignupClosed)
	store := h.watch(&watched{})
	for _, step := range []struct {
		after time.Duration
		notes int
		seen  time.Time
	}{
		{0, 1, noon},
		{time.Minute, 1, noon},
		{58*time.Minute + 59*time.Second, 1, noon},
		{time.Second, 2, noon.Add(time.Hour)},
		{59 * time.Minute, 2, noon.Add(time.Hour)},
	} {
		h.at.advance(step.after)
		if _, err := h.naming(t, "boss", "", map[string]any{"exp": noon.Add(3 * time.Hour).Unix()}); err != nil {
			t.Fatal(err)
		}
		member, _ := h.roster(t, "org_acme").Member("boss")
		if store.asked["Seen"] != step.notes || !member.LastSeenAt.Equal(step.seen) {
			t.Errorf("%d notes, last seen %s; want %d and %s", store.asked["Seen"], member.LastSeenAt, step.notes, step.seen)
		}
	}
}

// A visit that can't be noted refuses nobody.
func TestAVisitThatIsNotNotedRefusesNobody(t *testing.T) {
	h := newAcme(t, session.SignupClosed)
	store := h.watch(&watched{call: "Seen"})
	if got := h.enter(t, "boss").Organization; got != "org_acme" || store.asked["Seen"] != 1 {
		t.Errorf("organization %s after %d notes", got, store.asked["Seen"])
	}
}

// The organization's own roles are read where a member has one that the catalog does not know, and nowhere else.
func TestOwnRolesAreReadOnlyForAMemberWhoHasOne(t *testing.T) {
	h := newAcme(t, session.SignupClosed)
	own := []org.Role{{Name: "zone-reader", Permissions: []string{"dns:read"}}}
	entry := audit.NewEntry(noon, audit.System, audit.RoleUpdated, "role:zone-reader", office)
	if err := h.store.ChangeRoles(t.Context(), org.RolesChange{Organization: "org_acme", After: own, Activity: &entry}); err != nil {
		t.Fatal(err)
	}
	for who, roles := range map[string][]string{"nobody": nil, "of the catalog": {"admin"}, "of both": {"admin", "zone-reader"}} {
		member := h.invited(who, "org_acme")
		member.Status, member.JoinedAt, member.Roles = org.MemberActive, noon, roles
		h.add(t, member)
		store := h.watch(&watched{})
		principal := h.enter(t, who)
		var want []org.Role
		if who == "of both" {
			want = own
		}
		if diff := cmp.Diff(want, principal.Roles.List); diff != "" || store.asked["Roles"] != len(want) {
			t.Errorf("%s: after %d reads, roles (-want +got)\n%s", who, store.asked["Roles"], diff)
		}
	}
}
