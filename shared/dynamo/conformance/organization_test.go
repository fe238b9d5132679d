package conformance

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/dynamo/dynamotest"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

// Whatever becomes of its requests, a change of an organization happens once, with its activity, or not at all. Nobody
// is told that the organization has moved because of their own change, whose reply was lost.
func TestAChangeOfAnOrganizationHappensOnceOrNotAtAll(t *testing.T) {
	for trouble, c := range map[string]struct {
		fault    dynamotest.Fault
		code     error
		happened bool
	}{
		"no trouble":          {dynamotest.Healthy, nil, true},
		"a reply is lost":     {dynamotest.LoseReply(1), nil, true},
		"every reply is lost": {dynamotest.LoseRepliesFrom(1), fault.Unavailable, true},
		"conflicts":           {dynamotest.ConflictsBut(4), nil, true},
		"throttled":           {dynamotest.ThrottleEvery(2), nil, true},
		"the process is dead": {dynamotest.DieAfter(0), fault.Unavailable, false},
	} {
		t.Run(trouble, func(t *testing.T) {
			f := newFixture(t)
			for name, prepare := range organizationChanges {
				change := prepare(f)
				f.client.Reset(c.fault)
				if err := change.do(f.faulty); !errors.Is(err, c.code) {
					f.Errorf("%s: %v, want %v", name, err, c.code)
				}
				f.wantHappened(name, change, c.happened)
			}
		})
	}
}

func (f *fixture) wantHappened(name string, change organizationChange, want bool) {
	f.Helper()
	if got := change.happened(); got != want {
		f.Errorf("%s happened: %t, want %t", name, got, want)
	}
	if change.activity == "" {
		return
	}
	if entries := f.entriesOf(change.activity); (entries == 1) != want || entries > 1 {
		f.Errorf("%s: %d entries of activity", name, entries)
	}
}

// Two changes worked out on the same state: the second is refused, and leaves nothing behind.
func TestAChangeOfAnOrganizationThatHasMovedIsRefused(t *testing.T) {
	f := newFixture(t)
	for first, second := range map[string]string{
		"settings, unmentioned": "settings", "roles, unmentioned": "own roles", "an acceptance": "an invitation",
	} {
		late := organizationChanges[second](f)
		early := organizationChanges[first](f)
		f.must(early.do(f.store))
		if err := late.do(f.store); !errors.Is(err, org.ErrMoved) {
			f.Errorf("%s after %s: %v, want %v", second, first, err, org.ErrMoved)
		}
		f.wantHappened(first, early, true)
		if n := f.entriesOf(late.activity); n != 0 {
			f.Errorf("%s was refused and left %d entries of activity", second, n)
		}
	}
}

func TestChangingAnOrganizationThatIsNotThereMakesNone(t *testing.T) {
	f := newFixture(t)
	nowhere, nobody := tenant("org_nowhere"), newcomer()
	_, settings := f.store.ChangeOrganization(f.Context(), nowhere, nowhere, f.entryPointer())
	roles := f.store.ChangeRoles(f.Context(), org.RolesChange{Organization: nowhere.ID, After: []org.Role{{Name: "x"}}})
	member := f.store.ChangeMember(f.Context(), org.MemberChange{
		Organization: nowhere.ID, After: nobody, Activity: f.entry(audit.MemberAdded),
	})
	_, reading := f.store.Organization(f.Context(), nowhere.ID)
	for what, err := range map[string]error{"settings": settings, "roles": roles, "member": member, "reading": reading} {
		if !errors.Is(err, fault.ThingNotFound) {
			f.Errorf("%s: %v, want %v", what, err, fault.ThingNotFound)
		}
	}
	if memberships, err := f.store.Memberships(f.Context(), nobody.Identity); len(memberships) > 0 || err != nil {
		f.Errorf("memberships: %v, %v", memberships, err)
	}
}

// Who has waited longest for their keys to follow is first, however often they have been worked on since.
func TestTheLongestWaitingFollowsFirst(t *testing.T) {
	f := newFixture(t)
	var want []org.ID
	for n, id := range []org.ID{"org_c", "org_a", "org_b", "org_d"} {
		f.must(f.store.Found(f.Context(), tenant(id), first(id), f.entry(audit.OrganizationCreated)))
		f.follow(id, noon.Add(time.Duration(n)*time.Hour), true, "")
		want = append(want, id)
	}
	f.follow("org_c", noon.Add(100*time.Hour), true, "0123abcd")
	f.wantFollowing(10, want...)
	f.wantFollowing(2, want[:2]...)
	f.follow("org_c", noon, false, "")
	f.wantFollowing(10, want[1:]...)
}

func (f *fixture) follow(id org.ID, at time.Time, following bool, to string) {
	f.Helper()
	before, err := f.store.Organization(f.Context(), id)
	f.must(err)
	after := before
	after.Following, after.FollowedTo = following, to
	activity := f.entryPointer()
	activity.At = at
	stored, err := f.store.ChangeOrganization(f.Context(), before, after, activity)
	after.Revision++
	if diff := cmp.Diff(after, stored); diff != "" || err != nil {
		f.Fatalf("%v (-want +got)\n%s", err, diff)
	}
}

func (f *fixture) wantFollowing(limit int, want ...org.ID) {
	f.Helper()
	got, err := f.store.Following(f.Context(), limit)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		f.Errorf("following: %v (-want +got)\n%s", err, diff)
	}
}
