package policy

import "strings"

// FirstRole is the role of an organization's first member.
const FirstRole = "admin"

// OwnService is the service that keyward's own API is.
const OwnService = "keyward"

// Permission is `resource:action`; `*` for either part stands for any.
type Permission string

// Allows reports whether holding p is enough where needed is asked for.
func (p Permission) Allows(needed Permission) bool {
	resource, action, _ := strings.Cut(string(p), ":")
	neededResource, neededAction, _ := strings.Cut(string(needed), ":")
	return (resource == "*" || resource == neededResource) && (action == "*" || action == neededAction)
}

func (p Permission) valid() bool {
	resource, action, found := strings.Cut(string(p), ":")
	return found && validPart(resource) && validPart(action)
}

// ParsePermission reads a permission that a caller named. It reports false where it is not resource:action.
func ParsePermission(s string) (Permission, bool) { return Permission(s), Permission(s).valid() }

func validPart(part string) bool {
	if part == "*" {
		return true
	}
	for _, c := range part {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return part != "" && len(part) <= 64
}

// Permissions are all that roles and single permissions give together, in that order, each once.
func (c *Catalog) Permissions(roles, single []string) []Permission {
	var all []Permission
	add := func(p Permission) {
		for _, have := range all {
			if have == p {
				return
			}
		}
		all = append(all, p)
	}
	for _, id := range roles {
		role, _ := c.Role(id)
		for _, permission := range role.Permissions {
			add(permission)
		}
	}
	for _, permission := range single {
		add(Permission(permission))
	}
	return all
}

// Grants reports whether roles and single permissions give needed.
func (c *Catalog) Grants(roles, single []string, needed Permission) bool {
	for _, id := range roles {
		role, _ := c.Role(id)
		for _, permission := range role.Permissions {
			if permission.Allows(needed) {
				return true
			}
		}
	}
	for _, permission := range single {
		if Permission(permission).Allows(needed) {
			return true
		}
	}
	return false
}
