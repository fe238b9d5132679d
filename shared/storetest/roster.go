package storetest

import (
	"slices"
	"time"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
)

// wantActivities checks how many entries of that action the organization has.
func (f *fixture) wantActivities(action audit.Action, want int) {
	f.Helper()
	got := 0
	for _, entry := range f.database.Activity(f.T, f.org) {
		if entry.Action == action {
			got++
		}
	}
	if got != want {
		f.Errorf("%d entries of %s, want %d", got, action, want)
	}
}

func rosterVersions(f *fixture) {
	version, changes := f.roster().Version, 0
	grown := func() {
		f.Helper()
		changes++
		now := f.roster().Version
		if now <= version {
			f.Errorf("version %d is followed by %d", version, now)
		}
		version = now
		f.wantActivities(audit.MemberUpdated, changes)
	}
	member := f.add(awaited)
	grown()
	member = f.edited(member, having("x"))
	grown()
	member = f.edited(member, standing(org.MemberDisabled))
	grown()
	f.dismiss(member)
	grown()
	f.wantSame(f.roster().Version, version)
}

func rosterMoved(f *fixture) {
	member, roster := f.add(), f.roster()
	f.add()
	want := f.roster()
	stranger, demoted := f.newMember(), member
	demoted.Roles = nil
	for name, c := range map[string]org.MemberChange{
		"added":   memberChangeOn(roster, f.org, nil, &stranger),
		"changed": memberChangeOn(roster, f.org, &member, &demoted),
		"removed": memberChangeOn(roster, f.org, &member, nil),
		"ahead":   memberChangeOn(org.Roster{Version: want.Version + 1}, f.org, &member, nil),
	} {
		if err := f.ChangeMember(f.Context(), c); !is(err, org.ErrMoved) {
			f.Errorf("%s: error = %v, want ErrMoved", name, err)
		}
	}
	f.wantSame(f.roster(), want)
	f.wantMember(member)
	f.wantNoMember(stranger)
	f.wantActivities(audit.MemberUpdated, 2)
}

func rosterRace(f *fixture) {
	f.add()
	roster, stores := f.roster(), f.several(instances)
	var outcomes tally
	race(20, func(i int) {
		member := f.newMember()
		outcomes.note(f, stores[i%instances].ChangeMember(f.Context(), memberChangeOn(roster, f.org, nil, &member)), org.ErrMoved)
	})
	outcomes.want(f, 1, 19)
	f.wantSame(len(f.roster().Members), 3)
	f.wantActivities(audit.MemberUpdated, 2)
}

func demotionsRace(f *fixture) {
	admins, stores := []org.Member{f.founder(), f.add(having("admin"))}, f.several(instances)
	for round := range 20 {
		roster := f.roster()
		var outcomes tally
		race(len(admins), func(i int) {
			demoted := admins[i]
			demoted.Roles = []string{"reader"}
			c := memberChangeOn(roster, f.org, &admins[i], &demoted)
			if round%2 == 1 && i == 1 {
				c.After = nil
			}
			outcomes.note(f, stores[i].ChangeMember(f.Context(), c), org.ErrMoved)
		})
		outcomes.want(f, 1, 1)
		f.wantSame(len(adminsOf(f.roster())), 1)
		f.restore(admins)
	}
}

func adminsOf(roster org.Roster) []org.Member {
	return slices.DeleteFunc(slices.Clone(roster.Members), func(m org.Member) bool {
		return m.Status != org.MemberActive || !slices.Contains(m.Roles, "admin")
	})
}

// restore makes the members be as they were.
func (f *fixture) restore(members []org.Member) {
	f.Helper()
	for _, member := range members {
		before, found := f.roster().Member(member.ID())
		if !found {
			f.must(f.ChangeMember(f.Context(), f.memberChange(nil, &member)))
			continue
		}
		f.must(f.ChangeMember(f.Context(), f.memberChange(&before, &member)))
	}
}

// Every demotion reads the roster by itself, and so may read it while others change it.
func lastAdminStays(f *fixture) {
	for range 7 {
		f.add(having("admin"))
	}
	stores := f.several(instances)
	race(8, func(i int) {
		for range 100 {
			roster, err := stores[i%instances].Roster(f.Context(), f.org)
			if err != nil {
				f.Error(err)
				return
			}
			admins := adminsOf(roster)
			if len(admins) < 2 {
				return
			}
			demoted := admins[i%len(admins)]
			demoted.Roles = nil
			c := memberChangeOn(roster, f.org, &admins[i%len(admins)], &demoted)
			if err := stores[i%instances].ChangeMember(f.Context(), c); err != nil && !is(err, org.ErrMoved) {
				f.Error(err)
				return
			}
		}
	})
	f.wantSame(len(adminsOf(f.roster())), 1)
}

func memberSeen(f *fixture) {
	hour := noon.Truncate(time.Hour)
	member, other := f.add(), f.add()
	for _, at := range []time.Time{hour, hour.Add(time.Hour)} {
		f.must(f.Seen(f.Context(), f.org, member.Identity, at))
		member.LastSeenAt = at
		f.wantMember(member)
	}
	f.wantMember(other)
	member = f.edited(member, having("x"))
	f.wantMember(member)
	f.wantActivities(audit.MemberUpdated, 3)
}

// A change worked out before a sight was noted neither fails for that nor takes it back.
func memberSeenMeanwhile(f *fixture) {
	hour := noon.Truncate(time.Hour)
	member, roster := f.add(), f.roster()
	f.must(f.Seen(f.Context(), f.org, member.Identity, hour.Add(time.Hour)))
	f.must(f.Seen(f.Context(), f.org, member.Identity, hour))
	after := member
	after.Roles = []string{"x"}
	f.must(f.ChangeMember(f.Context(), memberChangeOn(roster, f.org, &member, &after)))
	after.LastSeenAt = hour.Add(time.Hour)
	f.wantMember(after)
}

func strangerSeen(f *fixture) {
	stranger, roster := f.newMember(), f.roster()
	f.must(f.Seen(f.Context(), f.org, stranger.Identity, noon))
	f.wantNoMember(stranger)
	f.wantSame(f.roster(), roster)
}
