package team

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// The bounds of an organization's own roles: all of them are read in one piece by requests that need one.
const (
	maxRoles           = 50
	maxRolesBytes      = 16 << 10
	maxRolePermissions = 50
	maxTitle           = 100 // characters
	maxDescription     = 500
)

// RolePatch is what a role is to be, whole.
type RolePatch struct {
	Title       string
	Description string
	Permissions []string
}

// Roles are the organization's own roles.
func (s *Service) Roles(ctx context.Context, caller grant.Caller) (org.Roles, error) {
	return s.Organizations.Roles(ctx, caller.Organization)
}

// Role is the organization's own role of that name, or a fault.RoleNotFound.
func (s *Service) Role(ctx context.Context, caller grant.Caller, name string) (org.Role, error) {
	roles, err := s.Organizations.Roles(ctx, caller.Organization)
	if err != nil {
		return org.Role{}, err
	}
	role, found := roles.Role(name)
	if !found {
		return role, roleNotFound()
	}
	return role, nil
}

func roleNotFound() error {
	return fault.New(fault.RoleNotFound, "Your organization has no role of its own of that name. GET /v1/roles lists them; those of the catalog can't be changed.")
}

// PutRole adds a role or changes one; created says which. Keys and members that have it hold its permissions from their
// next request on.
func (s *Service) PutRole(ctx context.Context, caller grant.Caller, name string, patch RolePatch) (role org.Role, created bool, err error) {
	role = org.Role{Name: name, Title: strings.TrimSpace(patch.Title), Description: patch.Description, Permissions: patch.Permissions}
	if err := s.validRole(role); err != nil {
		return role, false, err
	}
	err = repeatedly(ctx, "changing a role", func() error {
		roles, err := s.Organizations.Roles(ctx, caller.Organization)
		if err != nil {
			return err
		}
		principal, err := s.Desk.Principal(ctx, caller)
		if err != nil {
			return err
		}
		before, found := roles.Role(name)
		if created = !found; found && same(before, role) {
			return nil
		}
		return s.putRole(ctx, principal, roles, before, role)
	})
	return role, created, err
}

func (s *Service) putRole(ctx context.Context, principal grant.Principal, roles org.Roles, before, role org.Role) error {
	if err := mayRewrite(principal, before, role); err != nil {
		return err
	}
	others := slices.DeleteFunc(slices.Clone(roles.List), func(r org.Role) bool { return r.Name == role.Name })
	after := append(others, role)
	slices.SortFunc(after, func(a, b org.Role) int { return strings.Compare(a.Name, b.Name) })
	if err := fits(after); err != nil {
		return err
	}
	entry := s.entry(principal.Caller, audit.RoleUpdated, "role:"+role.Name)
	entry.Before, entry.After = describedRole(before), describedRole(role)
	return s.Organizations.ChangeRoles(ctx, org.RolesChange{
		Organization: principal.Organization, Version: roles.Version, After: after, Activity: &entry,
	})
}

// mayRewrite is nil where the principal holds what the role gives from now on, and what it gives no more: otherwise somebody
// could weaken the keys that have the role, take the secret of one, and wait until the role is mended.
func mayRewrite(principal grant.Principal, before, after org.Role) error {
	if added := difference(after.Permissions, before.Permissions); len(added) > 0 {
		if err := principal.MayGive(policy.Holding{Single: added}); err != nil {
			return err
		}
	}
	for _, permission := range difference(before.Permissions, after.Permissions) {
		if !principal.Holding.Grants(policy.Permission(permission)) {
			return fault.New(fault.GrantDenied, "Nobody takes away what they do not have: you do not hold the permission %s yourself.", permission)
		}
	}
	return nil
}

func same(one, other org.Role) bool {
	return one.Title == other.Title && one.Description == other.Description && one.Leaving == other.Leaving &&
		slices.Equal(one.Permissions, other.Permissions)
}

func describedRole(role org.Role) map[string]any {
	if role.Name == "" {
		return nil
	}
	return map[string]any{"title": role.Title, "description": role.Description, "permissions": slices.Clone(role.Permissions)}
}

func fits(roles []org.Role) error {
	if len(roles) > maxRoles {
		return fault.InvalidParam("name", "An organization may have %d roles of its own. Delete one that is no longer used.", maxRoles)
	}
	data, err := json.Marshal(roles)
	if err != nil {
		return err
	}
	if len(data) > maxRolesBytes {
		return fault.InvalidField("permissions", "The organization's own roles may take %d bytes together, not %d. Shorten descriptions, or use patterns such as dns:*.",
			maxRolesBytes, len(data))
	}
	return nil
}

func (s *Service) validRole(role org.Role) error {
	if !policy.ValidID(role.Name) {
		return fault.InvalidParam("name", "name must be 1 to 64 of A-Z, a-z, 0-9, _, ., : and -.")
	}
	if _, taken := s.Catalog.Role(role.Name); taken {
		return fault.InvalidParam("name", "%s is a role of the catalog, which can't be changed. Choose another name.", role.Name)
	}
	if length := utf8.RuneCountInString(role.Title); length > maxTitle {
		return fault.InvalidField("title", "title must have at most %d characters, not %d.", maxTitle, length)
	}
	if length := utf8.RuneCountInString(role.Description); length > maxDescription {
		return fault.InvalidField("description", "description must have at most %d characters, not %d.", maxDescription, length)
	}
	return s.validPermissions(role.Permissions)
}

func (s *Service) validPermissions(permissions []string) error {
	if len(permissions) < 1 || len(permissions) > maxRolePermissions {
		return fault.InvalidField("permissions", "permissions must be 1 to %d, not %d.", maxRolePermissions, len(permissions))
	}
	for i, permission := range permissions {
		parsed, ok := policy.ParsePermission(permission)
		switch {
		case !ok:
			return fault.InvalidField("permissions", "permissions must be resource:action, such as dns:write, not %q.", permission)
		case !s.Catalog.KnownPermission(parsed):
			return fault.InvalidField("permissions", "permissions has %q, which the catalog does not know. GET /v1/catalog lists them.", permission)
		case slices.Contains(permissions[:i], permission):
			return fault.InvalidField("permissions", "permissions has %q twice.", permission)
		}
	}
	return nil
}
