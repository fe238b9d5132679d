package replay

import (
	"slices"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/changelog"
	"github.com/keyward/keyward/shared/policy"
)

// order says how what is stored stood to the bounds of a line. Each is further from them than the one before.
type order int

const (
	within  order = iota // it was within them
	beyond               // it went beyond them, and includes them
	neither              // each has what the other has not, and what both have can't be told exactly, or is nothing
)

// held is what gives permissions.
type held struct {
	inherits    string // the owner's, with the permissions as a ceiling
	roles       []string
	permissions []string
}

// permissions takes away the roles and permissions that the bounds do not give.
func (s Service) permissions(key *apikey.Key, bounds changelog.Key) order {
	both, order := s.common(held{key.Inherits, key.Roles, key.Permissions}, held{bounds.Inherits, bounds.Roles, bounds.Permissions})
	if order != within {
		key.Inherits, key.Roles, key.Permissions = both.inherits, both.roles, both.permissions
	}
	return order
}

// common gives only what both do: neither, where it may give less than that, or gives nothing.
func (s Service) common(has, most held) (both held, met order) {
	switch {
	case s.included(has, most):
		return has, within
	case s.included(most, has):
		return most, beyond
	case has.inherits != most.inherits:
		return held{}, neither
	case has.inherits != "":
		return held{inherits: has.inherits, permissions: policy.LowerCeiling(has.permissions, most.permissions)}, beyond
	}
	met = beyond
	for _, id := range append(slices.Clone(has.roles), most.roles...) {
		_, known := s.Catalog.Role(id)
		switch shared := slices.Contains(has.roles, id) && slices.Contains(most.roles, id); {
		case shared && !slices.Contains(both.roles, id):
			both.roles = append(both.roles, id)
		case !shared && !known:
			met = neither
		}
	}
	both.permissions = policy.LowerCeiling(s.given(has), s.given(most))
	if nothing(both.permissions) {
		both.permissions = nil
	}
	if len(both.roles)+len(both.permissions) == 0 {
		met = neither
	}
	return both, met
}

// nothing reports whether a ceiling lets nothing through.
func nothing(ceiling []string) bool { return slices.Equal(ceiling, policy.Ceiling(nil)) }

// given are the permissions that do not come from roles of the organization's own.
func (s Service) given(by held) []string {
	given := slices.Clone(by.permissions)
	for _, id := range by.roles {
		given = append(given, s.ofCatalog(id)...)
	}
	return given
}

// included reports whether outer gives all that inner does. Roles of an organization's own count by their names alone: what
// is in them is replayed by lines of their own, before or after.
func (s Service) included(inner, outer held) bool {
	switch {
	case inner.inherits == "" && len(inner.roles)+len(inner.permissions) == 0, nothing(inner.permissions) && len(inner.roles) == 0:
		return true
	case inner.inherits != outer.inherits:
		return false
	}
	if inner.inherits != "" {
		return len(outer.permissions) == 0 || len(inner.permissions) > 0 && allowed(inner.permissions, outer.permissions)
	}
	given := s.given(outer)
	for _, id := range inner.roles {
		_, known := s.Catalog.Role(id)
		if !slices.Contains(outer.roles, id) && !(known && allowed(s.ofCatalog(id), given)) {
			return false
		}
	}
	return allowed(inner.permissions, given)
}

// ofCatalog are the permissions of the catalog's role of that id; none where it has no such role.
func (s Service) ofCatalog(id string) []string {
	role, _ := s.Catalog.Role(id)
	permissions := make([]string, len(role.Permissions))
	for i, permission := range role.Permissions {
		permissions[i] = string(permission)
	}
	return permissions
}

// allowed reports whether each of the permissions is included in one of those given.
func allowed(permissions, given []string) bool {
	return !slices.ContainsFunc(permissions, func(needed string) bool {
		return !slices.ContainsFunc(given, func(has string) bool { return policy.Permission(has).Allows(policy.Permission(needed)) })
	})
}
