package team

import (
	"context"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

// maxMemberRoles is how many roles a member has at most, as a key.
const maxMemberRoles = 20

// checkRoles refuses roles that nobody can be given. What a member has already may stay. It gives the organization's own
// roles, where any of after's are among them.
func (s *Service) checkRoles(ctx context.Context, id org.ID, before *org.Member, after org.Member) (org.Roles, error) {
	if len(after.Roles) > maxMemberRoles {
		return org.Roles{}, fault.InvalidField("roles", "roles must be at most %d, not %d.", maxMemberRoles, len(after.Roles))
	}
	own, err := s.Desk.RolesFor(ctx, id, after.Roles)
	if err != nil {
		return own, err
	}
	for i, role := range after.Roles {
		if slices.Contains(after.Roles[:i], role) {
			return own, fault.InvalidField("roles", "roles has %q twice.", role)
		}
	}
	for _, role := range rolesAdded(before, after) {
		if !s.givable(role, own) {
			return own, s.unknownRole(role, own)
		}
	}
	return own, nil
}

// givable reports whether a role can be given: the catalog has it, or the organization has and is not deleting it.
func (s *Service) givable(id string, own org.Roles) bool {
	if _, known := s.Catalog.Role(id); known {
		return true
	}
	role, found := own.Role(id)
	return found && !role.Leaving
}

// unknownRole is the fault for a role that can't be given; it names those that can.
func (s *Service) unknownRole(id string, own org.Roles) error {
	var known []string
	for _, role := range s.Catalog.Roles {
		known = append(known, role.ID)
	}
	for _, role := range own.List {
		if !role.Leaving {
			known = append(known, role.Name)
		}
	}
	return fault.InvalidField("roles", "roles has %q, which is neither a role of the catalog nor one of your organization's own that stays. There are %s.",
		id, strings.Join(known, ", "))
}

// rolesAdded are the roles that a change gives a member.
func rolesAdded(before *org.Member, after org.Member) []string {
	if before == nil {
		return after.Roles
	}
	return difference(after.Roles, before.Roles)
}
