package policy

import (
	"slices"
	"strings"
)

// Permission is `resource:action`; `*` for either part stands for any.
type Permission string

// everything is the permission that includes all others.
const everything Permission = "*:*"

// PermissionInfo is a permission as a form offers it.
type PermissionInfo struct {
	ID          Permission `json:"id"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
}

// KnownPermission reports whether p is one of the catalog's permissions, or a pattern that includes one of them.
func (c *Catalog) KnownPermission(p Permission) bool {
	return p.valid() && slices.ContainsFunc(c.PermissionList, func(known PermissionInfo) bool { return p.Allows(known.ID) })
}

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

// single reports whether p is one permission, not a pattern.
func (p Permission) single() bool { return p.valid() && !strings.Contains(string(p), "*") }

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

// intersect is what p and q both include; it reports false where that is nothing.
func (p Permission) intersect(q Permission) (Permission, bool) {
	resource, action, _ := strings.Cut(string(p), ":")
	otherResource, otherAction, _ := strings.Cut(string(q), ":")
	resource, one := narrower(resource, otherResource)
	action, two := narrower(action, otherAction)
	return Permission(resource + ":" + action), one && two
}

func narrower(part, other string) (string, bool) {
	if part == "*" {
		return other, true
	}
	return part, other == "*" || other == part
}

// nothing is a permission that no route asks for: a ceiling of it alone admits nothing.
const nothing = "-:-"

// Ceiling writes permissions as the ceiling of a holding; where there are none, nothing holds.
func Ceiling(permissions []Permission) []string {
	if len(permissions) == 0 {
		return []string{nothing}
	}
	names := make([]string, len(permissions))
	for i, permission := range permissions {
		names[i] = string(permission)
	}
	return names
}

// LowerCeiling is the ceiling that lets through what both do.
func LowerCeiling(one, other []string) []string { return Ceiling(intersection(one, other)) }
