package team_test

import (
	"context"

	"github.com/keyward/keyward/shared/org"
)

// meddling is an organization's store in which somebody else acts once, between a read and what follows it.
type meddling struct {
	org.Store
	beforeMember func() // before the next change of a member
	beforeRoles  func() // before the next change of the own roles
	afterRoster  func() // after the next reading of the roster
	rolesFail    error  // of every reading of the own roles, once a member has been changed
	failing      bool
	roster       *org.Roster // what is read instead; nil: the store's
}

func (m *meddling) ChangeMember(ctx context.Context, change org.MemberChange) error {
	once(&m.beforeMember)
	m.failing = m.rolesFail != nil
	return m.Store.ChangeMember(ctx, change)
}

func (m *meddling) ChangeRoles(ctx context.Context, change org.RolesChange) error {
	once(&m.beforeRoles)
	return m.Store.ChangeRoles(ctx, change)
}

func (m *meddling) Roster(ctx context.Context, id org.ID) (org.Roster, error) {
	if m.roster != nil {
		return *m.roster, nil
	}
	roster, err := m.Store.Roster(ctx, id)
	once(&m.afterRoster)
	return roster, err
}

func (m *meddling) Roles(ctx context.Context, id org.ID) (org.Roles, error) {
	if m.failing {
		return org.Roles{}, m.rolesFail
	}
	return m.Store.Roles(ctx, id)
}

func once(do *func()) {
	if act := *do; act != nil {
		*do = nil
		act()
	}
}

// meddle puts somebody between the service and its store.
func (f *fixture) meddle(meddler *meddling) *meddling {
	meddler.Store = f.store
	f.Organizations, f.Desk.Organizations = meddler, meddler
	return meddler
}

// alone gives the service its store back.
func (f *fixture) alone() { f.Organizations, f.Desk.Organizations = f.store, f.store }
