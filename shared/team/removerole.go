package team

import (
	"context"
	"slices"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/org"
)

// RemoveRole deletes a role that no live key and no member has; otherwise a fault.RoleInUse that names them.
//
// First the role is marked as leaving, so that nobody is given it any more, then its users are looked for: whoever is
// given it meanwhile looks at the mark afterwards. A removal that is cut off leaves the mark; PutRole takes it away.
func (s *Service) RemoveRole(ctx context.Context, caller grant.Caller, name string) (role org.Role, err error) {
	err = repeatedly(ctx, "deleting a role", func() error {
		marked, err := s.setLeaving(ctx, caller.Organization, name, true)
		if err != nil {
			return err
		}
		role, _ = marked.Role(name)
		if err := s.unused(ctx, caller.Organization, name); err != nil {
			return s.unmark(ctx, caller.Organization, name, err)
		}
		return s.drop(ctx, caller, marked, role)
	})
	role.Leaving = false
	return role, err
}

// unused is nil where no live key and no member has the role.
func (s *Service) unused(ctx context.Context, id org.ID, name string) error {
	users, err := s.usersOf(ctx, id, name)
	if err == nil && len(users) > 0 {
		err = roleInUse(name, users)
	}
	return err
}

// unmark takes the mark away from a role that stays for the reason why, which it gives back.
func (s *Service) unmark(ctx context.Context, id org.ID, name string, why error) error {
	ctx, cancel := undoing(ctx)
	defer cancel()
	if _, err := s.setLeaving(ctx, id, name, false); err != nil {
		return err
	}
	return why
}

// setLeaving marks the role, or takes the mark away. It gives the roles as they are then.
func (s *Service) setLeaving(ctx context.Context, id org.ID, name string, leaving bool) (roles org.Roles, err error) {
	err = repeatedly(ctx, "marking a role", func() error {
		if roles, err = s.Organizations.Roles(ctx, id); err != nil {
			return err
		}
		at := slices.IndexFunc(roles.List, func(role org.Role) bool { return role.Name == name })
		if at < 0 {
			return roleNotFound()
		}
		if roles.List[at].Leaving == leaving {
			return nil
		}
		after := slices.Clone(roles.List)
		after[at].Leaving = leaving
		if err := s.Organizations.ChangeRoles(ctx, org.RolesChange{Organization: id, Version: roles.Version, After: after}); err != nil {
			return err
		}
		roles = org.Roles{List: after, Version: roles.Version + 1}
		return nil
	})
	return roles, err
}

func (s *Service) drop(ctx context.Context, caller grant.Caller, marked org.Roles, role org.Role) error {
	entry := s.entry(caller, audit.RoleRemoved, "role:"+role.Name)
	entry.Before = describedRole(role)
	return s.Organizations.ChangeRoles(ctx, org.RolesChange{
		Organization: caller.Organization, Version: marked.Version, Activity: &entry,
		After: slices.DeleteFunc(slices.Clone(marked.List), func(r org.Role) bool { return r.Name == role.Name }),
	})
}
