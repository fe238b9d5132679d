package policy

import (
	"slices"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
)

// Holding is what a principal may do, and where.
type Holding struct {
	catalog     *Catalog
	own         org.Roles
	Roles       []string           // ids of the catalog's roles and names of the organization's own; an unknown one gives nothing
	Single      []string           // permissions held beside the roles'
	Ceiling     []string           // permissions beyond which nothing holds; nil: there are none
	Environment apikey.Environment // empty: every environment
	Scope       apikey.Scope
}

// HoldingOf is what the key of record holds. Where it inherits, that is what its owner holds, in the key's environment
// and scope; nothing where the owner is gone.
func (c *Catalog) HoldingOf(record *apikey.Record, standing org.Standing) Holding {
	holding := Holding{
		catalog: c, own: standing.Roles,
		Roles: record.Roles, Single: record.Permissions, Environment: record.Environment, Scope: record.Scope,
	}
	if record.Inherits != "" {
		holding.Roles, holding.Single = nil, nil
		if len(record.Permissions) > 0 {
			holding.Ceiling = record.Permissions
		}
		if !ownerGone(record, standing) {
			holding.Roles = standing.Owner.Roles
		}
	}
	return holding
}

// MemberHolding is what a member with those roles holds: everywhere.
func (c *Catalog) MemberHolding(roles []string, own org.Roles) Holding {
	return Holding{catalog: c, own: own, Roles: roles}
}

// Grants reports whether the holding includes needed.
func (h Holding) Grants(needed Permission) bool {
	return (h.Ceiling == nil || anyAllows(h.Ceiling, needed)) && h.gives(needed)
}

// gives reports whether a role or a single permission includes needed, whatever the ceiling.
func (h Holding) gives(needed Permission) bool {
	for _, id := range h.Roles {
		if role := h.catalog.roles[id]; role != nil {
			if slices.ContainsFunc(role.Permissions, func(p Permission) bool { return p.Allows(needed) }) {
				return true
			}
			continue
		}
		if role, found := h.own.Role(id); found && anyAllows(role.Permissions, needed) {
			return true
		}
	}
	return anyAllows(h.Single, needed)
}

func anyAllows(permissions []string, needed Permission) bool {
	for _, permission := range permissions {
		if Permission(permission).Allows(needed) {
			return true
		}
	}
	return false
}

// Permissions are all that the holding gives, the roles' first, each once.
func (h Holding) Permissions() []Permission {
	var all []Permission
	add := func(p Permission) {
		if !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	for _, id := range h.Roles {
		if role := h.catalog.roles[id]; role != nil {
			for _, permission := range role.Permissions {
				add(permission)
			}
			continue
		}
		role, _ := h.own.Role(id)
		for _, permission := range role.Permissions {
			add(Permission(permission))
		}
	}
	for _, permission := range h.Single {
		add(Permission(permission))
	}
	if h.Ceiling != nil {
		return intersection(all, h.Ceiling)
	}
	return all
}

// intersection is what both lists include, each once.
func intersection[A, B ~string](one []A, other []B) []Permission {
	var both []Permission
	for _, a := range one {
		for _, b := range other {
			if p, meet := Permission(a).intersect(Permission(b)); meet && !slices.Contains(both, p) {
				both = append(both, p)
			}
		}
	}
	return both
}

// ReachesAny reports whether the holding comes to anything: it grants what some service in its scope asks for.
func (h Holding) ReachesAny() bool {
	return h.catalog != nil && slices.ContainsFunc(h.catalog.Services, func(s Service) bool {
		return includes(h.Scope.Services, s.ID) && slices.ContainsFunc(s.needs, h.Grants)
	})
}

// Kind is what sort of thing a holding lacks.
type Kind string

// The kinds.
const (
	LacksRoute       Kind = "route" // no route of the service has the method and path
	LacksPermission  Kind = "permission"
	LacksEnvironment Kind = "environment"
	LacksService     Kind = "service"
	LacksCustomer    Kind = "customer"
	LacksAccount     Kind = "account"
)

// Lack is something that a holding does not include. ID names it; it is empty where a request named none where one is
// needed, or where somebody else holds all of that kind.
type Lack struct {
	Kind Kind
	ID   string
}

// Covers reports whether h includes all of other, permission by permission; if not, what it lacks first. A pattern is
// included where one pattern of h includes it whole.
func (h Holding) Covers(other Holding) (Lack, bool) {
	for _, permission := range other.Permissions() {
		if !h.Grants(permission) {
			return Lack{LacksPermission, string(permission)}, false
		}
	}
	if h.Environment != "" && h.Environment != other.Environment {
		return Lack{LacksEnvironment, string(other.Environment)}, false
	}
	for _, limit := range []struct {
		kind        Kind
		have, given []string
	}{
		{LacksService, h.Scope.Services, other.Scope.Services},
		{LacksCustomer, h.Scope.Customers, other.Scope.Customers},
		{LacksAccount, h.Scope.Accounts, other.Scope.Accounts},
	} {
		if id, ok := within(limit.have, limit.given); !ok {
			return Lack{limit.kind, id}, false
		}
	}
	return Lack{}, true
}

// within reports whether have includes given, where nil is all; if not, what it lacks first.
func within(have, given []string) (string, bool) {
	if have == nil {
		return "", true
	}
	if given == nil {
		return "", false
	}
	for _, id := range given {
		if !slices.Contains(have, id) {
			return id, false
		}
	}
	return "", true
}

// includes reports whether id is in list, where nil is all.
func includes(list []string, id string) bool { return list == nil || slices.Contains(list, id) }
