package conformance

import (
	"crypto/rand"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
)

// organizationChange is a change of an organization, of its members or of its roles, ready to be made.
type organizationChange struct {
	activity string // the activity's id; empty: it has none
	do       func(org.Store) error
	happened func() bool
}

// organizationChanges are the kinds of change, each of which writes other items.
var organizationChanges = map[string]func(*fixture) organizationChange{
	"settings":              func(f *fixture) organizationChange { return f.lock(f.entryPointer()) },
	"settings, unmentioned": func(f *fixture) organizationChange { return f.lock(nil) },
	"own roles":             func(f *fixture) organizationChange { return f.addRole(f.entryPointer()) },
	"roles, unmentioned":    func(f *fixture) organizationChange { return f.addRole(nil) },
	"a member by subject":   func(f *fixture) organizationChange { return f.moveMember(nil, newcomer()) },
	"an invitation":         func(f *fixture) organizationChange { return f.moveMember(nil, invitation()) },
	"a member's roles": func(f *fixture) organizationChange {
		before := f.joined(newcomer())
		after := *before
		after.Roles = []string{"dns_manager"}
		return f.moveMember(before, &after)
	},
	"an acceptance": func(f *fixture) organizationChange {
		before := f.joined(invitation())
		after := *before
		after.Identity, after.Status, after.JoinedAt = newcomer().Identity, org.MemberActive, noon
		return f.moveMember(before, &after)
	},
	"a removal": func(f *fixture) organizationChange { return f.moveMember(f.joined(newcomer()), nil) },
}

func (f *fixture) entryPointer() *audit.Entry {
	e := f.entry(audit.OrganizationUpdated)
	return &e
}

func activityOf(e *audit.Entry) string {
	if e == nil {
		return ""
	}
	return e.ID
}

// lock locks the organization's keys, or unlocks them.
func (f *fixture) lock(activity *audit.Entry) organizationChange {
	before := f.organization()
	after := before
	after.LockedKeys = !before.LockedKeys
	return organizationChange{
		activity: activityOf(activity),
		do: func(s org.Store) error {
			_, err := s.ChangeOrganization(f.Context(), before, after, activity)
			return err
		},
		happened: func() bool {
			now := f.organization()
			return now.LockedKeys == after.LockedKeys && now.Revision == before.Revision+1
		},
	}
}

func (f *fixture) organization() org.Organization {
	f.Helper()
	o, err := f.store.Organization(f.Context(), account)
	f.must(err)
	return o
}

// addRole gives the organization one more role.
func (f *fixture) addRole(activity *audit.Entry) organizationChange {
	before, err := f.store.Roles(f.Context(), account)
	f.must(err)
	after := append(slices.Clone(before.List), org.Role{Name: rand.Text(), Title: "T", Description: "D", Permissions: []string{"dns:read"}})
	slices.SortFunc(after, func(a, b org.Role) int { return strings.Compare(a.Name, b.Name) })
	return organizationChange{
		activity: activityOf(activity),
		do: func(s org.Store) error {
			return s.ChangeRoles(f.Context(), org.RolesChange{Organization: account, Version: before.Version, After: after, Activity: activity})
		},
		happened: func() bool {
			now, err := f.store.Roles(f.Context(), account)
			f.must(err)
			return cmp.Equal(now, org.Roles{List: after, Version: before.Version + 1})
		},
	}
}

// newcomer is a member who was added by subject.
func newcomer() *org.Member {
	return &org.Member{
		Identity: org.Identity{Issuer: "https://id.example", Subject: rand.Text()}, Organization: account,
		Roles: []string{"cache_purger"}, Status: org.MemberPending, InvitedAt: noon,
	}
}

// invitation is a member who was added by e-mail.
func invitation() *org.Member {
	return &org.Member{Organization: account, Email: rand.Text() + "@example.com", Status: org.MemberPending, InvitedAt: noon}
}

// moveMember makes before into after; nil is no member.
func (f *fixture) moveMember(before, after *org.Member) organizationChange {
	roster := f.roster()
	entry := f.entry(audit.MemberUpdated)
	return organizationChange{
		activity: entry.ID,
		do: func(s org.Store) error {
			return s.ChangeMember(f.Context(), org.MemberChange{
				Organization: account, Version: roster.Version, Before: before, After: after, Activity: entry,
			})
		},
		happened: func() bool {
			gone := before == nil || after != nil && after.Hash() == before.Hash() || !f.holds(before)
			return gone && (after == nil || f.holds(after)) && f.roster().Version == roster.Version+1
		},
	}
}

func (f *fixture) roster() org.Roster {
	f.Helper()
	roster, err := f.store.Roster(f.Context(), account)
	f.must(err)
	return roster
}

// holds reports whether m is a member, by the roster and by what leads to the organization from outside. It is a failure
// that these differ.
func (f *fixture) holds(m *org.Member) bool {
	f.Helper()
	same := func(other org.Member) bool { return cmp.Equal(other, *m) }
	linked, err := f.store.Memberships(f.Context(), m.Identity)
	if m.Subject == "" {
		linked, err = f.store.Invitations(f.Context(), m.Email)
	}
	f.must(err)
	listed, found := slices.ContainsFunc(f.roster().Members, same), slices.ContainsFunc(linked, same)
	if listed != found {
		f.Errorf("%s is in the roster: %t, found from outside: %t", m.ID(), listed, found)
	}
	return listed
}

// joined is m after they have been added.
func (f *fixture) joined(m *org.Member) *org.Member {
	f.Helper()
	f.must(f.moveMember(nil, m).do(f.store))
	return m
}
