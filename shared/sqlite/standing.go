package sqlite

import (
	"context"
	"fmt"

	"github.com/keyward/keyward/shared/org"
)

// seat names a member of an organization, by their Member.Hash.
type seat struct {
	organization org.ID
	hash         string
}

// Standing implements apikey.Spender. It is asked beside a spend, and shares that one's transaction. Its lists are the
// committer's own: they are only to be read.
func (s *Store) Standing(ctx context.Context, organization org.ID, owner string) (org.Standing, error) {
	var standing org.Standing
	err := s.committer.read(ctx, func(b *batch) (err error) {
		standing, err = b.standing(organization, owner)
		return err
	})
	if err != nil {
		return org.Standing{}, told(err, "reading what keys of %s depend on", organization)
	}
	return standing, nil
}

func (b *batch) standing(organization org.ID, owner string) (standing org.Standing, err error) {
	if standing.Roles, err = b.rolesOf(organization); err != nil || owner == "" {
		return standing, err
	}
	member, err := b.member(seat{organization, owner})
	if err == nil && member != nil {
		standing.Owner = new(*member)
	}
	return standing, err
}

// member is a member of an organization; nil where there is none of that hash.
func (b *batch) member(key seat) (*org.Member, error) {
	if known, found := b.members[key]; found {
		return known, nil
	}
	row, err := b.sql.member.one(string(key.organization), key.hash)
	if err != nil {
		return nil, fmt.Errorf("reading a member of %s: %w", key.organization, err)
	}
	var member *org.Member
	if row != nil {
		member = new(row.member())
	}
	b.members[key] = member
	return member, nil
}

// rolesOf is an organization's own roles.
func (b *batch) rolesOf(organization org.ID) (roles org.Roles, err error) {
	if known, found := b.roles[organization]; found {
		return known, nil
	}
	row, err := b.sql.roles.one(string(organization))
	if err != nil {
		return org.Roles{}, fmt.Errorf("reading the roles of %s: %w", organization, err)
	}
	if row != nil {
		if roles, err = row.roles(); err != nil {
			return org.Roles{}, err
		}
	}
	b.roles[organization] = roles
	return roles, nil
}
