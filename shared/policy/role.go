package policy

import "slices"

// FirstRole is the role of an organization's first member.
const FirstRole = "admin"

// Role is a named set of permissions.
type Role struct {
	ID               string       `json:"id"`
	Title            string       `json:"title"`
	Description      string       `json:"description"`
	Permissions      []Permission `json:"permissions"`
	AccountsRequired bool         `json:"accounts_required,omitzero"` // a key with it must name its accounts, or say all
}

// Role is the role of that id.
func (c *Catalog) Role(id string) (Role, bool) {
	if role := c.roles[id]; role != nil {
		return *role, true
	}
	return Role{}, false
}

// RequiresAccounts reports whether a key with those roles must name its accounts, or say that it means all.
func (c *Catalog) RequiresAccounts(roles []string) bool {
	return slices.ContainsFunc(roles, func(id string) bool {
		role := c.roles[id]
		return role != nil && role.AccountsRequired
	})
}

// IsAdmin reports whether a member with those roles is an Admin: one of the catalog's roles gives them everything. What an
// organization's own roles give makes nobody one.
func (c *Catalog) IsAdmin(roles []string) bool {
	return slices.ContainsFunc(roles, func(id string) bool {
		role := c.roles[id]
		return role != nil && slices.Contains(role.Permissions, everything)
	})
}
