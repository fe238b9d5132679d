package policy

import "slices"

func (c *Catalog) validatePermissions(rule ruler) {
	unique(rule, "permissions", c.PermissionList, func(p PermissionInfo) string { return string(p.ID) })
	for i, permission := range c.PermissionList {
		here := at("permissions").nth(i)
		rule(permission.ID.single(), here.in("id"), "permissions: %q is not resource:action", permission.ID)
		rule(permission.Title != "", here, "permissions: %s: a title is missing", permission.ID)
		rule(permission.Description != "", here, "permissions: %s: a description is missing", permission.ID)
	}
}

// known checks a permission that something of the catalog names.
func (c *Catalog) known(rule ruler, here spot, name string, permission Permission, form bool) {
	rule(form, here, "%s: permission %q is not resource:action", name, permission)
	rule(!form || c.KnownPermission(permission), here, "%s: permission %q is not one of the catalog's permissions", name, permission)
}

func (c *Catalog) validateRoles(rule ruler) {
	unique(rule, "roles", c.Roles, func(r Role) string { return r.ID })
	c.roles = make(map[string]*Role, len(c.Roles))
	for i, role := range c.Roles {
		here, name := at("roles").nth(i), "roles: "+role.ID
		c.roles[role.ID] = &c.Roles[i]
		rule(role.Title != "", here, "%s: a title is missing", name)
		rule(role.Description != "", here, "%s: a description is missing", name)
		rule(len(role.Permissions) > 0, here.in("permissions"), "%s: at least one permission is needed", name)
		for n, permission := range role.Permissions {
			c.known(rule, here.in("permissions").nth(n), name, permission, permission.valid())
		}
	}
	first := slices.IndexFunc(c.Roles, func(r Role) bool { return r.ID == FirstRole })
	rule(first >= 0, at("roles"), "roles: %s is needed: it is what the first member of an organization has", FirstRole)
	rule(first < 0 || c.IsAdmin([]string{FirstRole}), at("roles").nth(first).in("permissions"),
		"roles: %s must give %s: the first member of an organization is its Admin", FirstRole, everything)
}
