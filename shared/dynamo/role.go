package dynamo

import (
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/org"
)

// The attributes of an organization's own roles, which are one item, and of a role in their list. An item from which
// all roles have gone stays, for its version.
const (
	rolesList    = "list"
	rolesVersion = "version"

	roleName        = "name"
	roleTitle       = "title"
	roleDescription = "description"
	rolePermissions = "permissions"
	roleLeaving     = "leaving"
)

// Roles implements org.Store.
func (s *Store) Roles(ctx context.Context, id org.ID) (org.Roles, error) {
	i, err := s.get(ctx, "reading an organization's roles", rolesKey(id))
	return rolesOf(i), err
}

// ChangeRoles implements org.Store.
func (s *Store) ChangeRoles(ctx context.Context, change org.RolesChange) error {
	if err := s.founded(ctx, change.Organization, change.Version); err != nil {
		return err
	}
	t := s.newTx(change.Organization)
	u := newUpdate().advance(rolesVersion, change.Version).set(rolesList, rolesValue(change.After))
	t.update(rolesKey(change.Organization), u)
	t.note(change.Activity)
	return movedIf(s.commit(ctx, "changing an organization's roles", versionToken(change.Activity, "r", change.Version), t))
}

// rolesValue is roles in the order of their names.
func rolesValue(roles []org.Role) types.AttributeValue {
	roles = slices.Clone(roles)
	slices.SortFunc(roles, func(a, b org.Role) int { return cmp.Compare(a.Name, b.Name) })
	list := make([]types.AttributeValue, len(roles))
	for n, role := range roles {
		i := item{roleName: text(role.Name)}
		i.setText(roleTitle, role.Title)
		i.setText(roleDescription, role.Description)
		i.setTexts(rolePermissions, role.Permissions)
		i.setFlag(roleLeaving, role.Leaving)
		list[n] = nested(i)
	}
	return &types.AttributeValueMemberL{Value: list}
}

// rolesOf are the roles that the item holds; nil holds none.
func rolesOf(i item) org.Roles {
	roles := org.Roles{Version: i.number(rolesVersion)}
	for _, value := range i.list(rolesList) {
		entry, ok := value.(*types.AttributeValueMemberM)
		if !ok {
			continue
		}
		role := item(entry.Value)
		roles.List = append(roles.List, org.Role{
			Name: role.text(roleName), Title: role.text(roleTitle), Description: role.text(roleDescription),
			Permissions: role.texts(rolePermissions), Leaving: role.flag(roleLeaving),
		})
	}
	return roles
}
