package org

import (
	"github.com/keyward/keyward/shared/audit"
)

// Role is a role of an organization's own: a named set of permissions.
type Role struct {
	Name        string
	Title       string
	Description string
	Permissions []string
	Leaving     bool // it is being deleted: nobody may be given it any more
}

// Roles are an organization's own roles, in the order of their names. Version grows with every change of them.
type Roles struct {
	List    []Role
	Version int64
}

// Role is the role of that name.
func (r Roles) Role(name string) (Role, bool) {
	for _, role := range r.List {
		if role.Name == name {
			return role, true
		}
	}
	return Role{}, false
}

// RolesChange replaces an organization's own roles.
type RolesChange struct {
	Organization ID
	Version      int64 // of the roles that the change was worked out on
	After        []Role
	Activity     *audit.Entry // nil: a step on the way that nobody needs to read about
}

// Standing is what deciding about some keys needs beside their record: how the owner stands whose permissions a key
// inherits, and the organization's own roles. Those who ask may share its lists: they are only to be read.
type Standing struct {
	Owner *Member // nil: not asked for, or no member of the organization
	Roles Roles
}
