package keys

import (
	"context"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// How many a key may have.
const (
	maxRoles       = 20
	maxPermissions = 50
)

// editRules sets what the key may do: its owner's permissions as they are, or roles and permissions of its own.
func (e editing) editRules(ctx context.Context, key *apikey.Key, patch Patch) error {
	inherits, err := patch.inherits(key)
	if err != nil {
		return err
	}
	if inherits {
		return e.inherit(ctx, key)
	}
	if key.Inherits != "" {
		key.Inherits, key.Permissions = "", nil
	}
	if err := e.editRoles(ctx, key, patch.Roles); err != nil {
		return err
	}
	return e.editPermissions(key, patch.Permissions)
}

// inherits reports whether the key is to inherit. What inherits has nothing of its own.
func (p Patch) inherits(key *apikey.Key) (bool, error) {
	switch {
	case p.Inherit.Null:
		return false, fault.InvalidField("inherit", "inherit must be true or false.")
	case p.Roles.Null:
		return false, errNoList("roles")
	case p.Permissions.Null:
		return false, errNoList("permissions")
	}
	inherits := key.Inherits != ""
	if p.Inherit.Set {
		inherits = p.Inherit.Value
	}
	own := ""
	switch {
	case len(p.Roles.Value) > 0:
		own = "roles"
	case len(p.Permissions.Value) > 0:
		own = "permissions"
	}
	switch {
	case !inherits || own == "":
		return inherits, nil
	case p.Inherit.Set:
		return false, fault.InvalidField("inherit", "inherit and %s contradict each other: a key that inherits has its owner's permissions and none of its own. Send one of them.", own)
	default:
		return false, fault.InvalidField(own, "The key inherits its owner's permissions. Send inherit: false too, to give it %s of its own.", own)
	}
}

func errNoList(field string) error {
	return fault.InvalidField(field, "%s must be a list of ids. An empty one gives nothing.", field)
}

// inherit makes the key have its owner's permissions.
func (e editing) inherit(ctx context.Context, key *apikey.Key) error {
	if key.Inherits != "" {
		return nil
	}
	if e.principal.IsKey() {
		return errKeysNeverInherit()
	}
	owner, err := e.ownerHash(ctx, key.Owner)
	key.Inherits, key.Roles, key.Permissions = owner, nil, ceiling(e.principal, owner)
	return err
}

func (e editing) editRoles(ctx context.Context, key *apikey.Key, asked Optional[[]string]) error {
	if !asked.Set {
		return nil
	}
	if err := validIDs("roles", asked.Value, maxRoles); err != nil {
		return err
	}
	added := without(asked.Value, key.Roles)
	own, err := e.Desk.RolesFor(ctx, e.organization.ID, added)
	if err != nil {
		return err
	}
	for _, id := range added {
		if err := givable(e.Catalog, own, id); err != nil {
			return err
		}
	}
	key.Roles = clone(asked.Value)
	return nil
}

// givable is nil where a role can be given: the catalog has it, or the organization has and is not deleting it.
func givable(catalog *policy.Catalog, own org.Roles, id string) error {
	if _, known := catalog.Role(id); known {
		return nil
	}
	role, found := own.Role(id)
	switch {
	case !found:
		return fault.InvalidField("roles", "There is no role %q, neither in the catalog nor among your organization's own.", id)
	case role.Leaving:
		return fault.InvalidField("roles", "The role %q is being deleted and can't be given any more.", id)
	default:
		return nil
	}
}

func (e editing) editPermissions(key *apikey.Key, asked Optional[[]string]) error {
	if !asked.Set {
		return nil
	}
	if err := validCount("permissions", asked.Value, maxPermissions); err != nil {
		return err
	}
	for _, id := range without(asked.Value, key.Permissions) {
		permission, formed := policy.ParsePermission(id)
		if !formed {
			return fault.InvalidField("permissions", "permissions must be of the form resource:action, such as dns:read, not %q.", id)
		}
		if !e.Catalog.KnownPermission(permission) {
			return fault.InvalidField("permissions", "There is no permission %q in the catalog.", id)
		}
	}
	key.Permissions = clone(asked.Value)
	return nil
}

// validIDs checks a list of ids by its form.
func validIDs(field string, ids []string, most int) error {
	if err := validCount(field, ids, most); err != nil {
		return err
	}
	for _, id := range ids {
		if !policy.ValidID(id) {
			return fault.InvalidField(field, "%s must have ids of 1 to 64 of A-Z, a-z, 0-9, _, ., : and -, not %q.", field, id)
		}
	}
	return nil
}

func validCount(field string, ids []string, most int) error {
	if len(ids) > most {
		return fault.InvalidField(field, "%s must have at most %d entries, not %d.", field, most, len(ids))
	}
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			return fault.InvalidField(field, "%s has %q twice.", field, id)
		}
	}
	return nil
}

// without are the entries of all that are not among those.
func without(all, those []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(entry string) bool { return slices.Contains(those, entry) })
}

// clone is a copy of list; nil where it is empty.
func clone(list []string) []string { return append([]string(nil), list...) }
