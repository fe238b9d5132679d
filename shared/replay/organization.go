package replay

import (
	"context"
	"errors"
	"slices"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/changelog"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// members replays a line about a member: on the member, and on an open invitation by which they might come again.
func (s Service) members(ctx context.Context, line changelog.Line) (did Did, err error) {
	did = Missing
	var failures []error
	for _, hash := range names(*line.Member) {
		one, err := s.member(ctx, line, hash)
		if err != nil {
			failures = append(failures, err)
		}
		if one != Missing {
			did = one
		}
	}
	return did, errors.Join(failures...)
}

// names are the hashes under which the member may stand in the table.
func names(m changelog.Member) []string {
	named := []string{m.Hash}
	for _, hash := range []string{m.Mail, m.Before} {
		if hash != "" && !slices.Contains(named, hash) {
			named = append(named, hash)
		}
	}
	return named
}

func (s Service) member(ctx context.Context, line changelog.Line, hash string) (Did, error) {
	roster, err := s.Store.Roster(ctx, line.Organization)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(roster.Members, func(m org.Member) bool { return m.Hash() == hash })
	if at < 0 {
		return Missing, nil
	}
	before := roster.Members[at]
	after := before
	did, action := s.narrowMember(&after, *line.Member)
	if did == Nothing {
		return Nothing, nil
	}
	change := org.MemberChange{
		Organization: line.Organization, Version: roster.Version, Before: &before, After: &after,
		Activity: s.entry(action, "member:"+before.ID()),
	}
	change.Activity.After = map[string]any{"replayed": line.ID}
	if did == Removed {
		change.After = nil
	}
	return did, s.Store.ChangeMember(ctx, change)
}

// narrowMember takes away what goes beyond the bounds. An invitation can't be disabled: it is removed.
func (s Service) narrowMember(member *org.Member, bounds changelog.Member) (Did, audit.Action) {
	if bounds.Removed {
		return Removed, audit.MemberRemoved
	}
	both, order := s.common(held{roles: member.Roles}, held{roles: bounds.Roles})
	if len(both.permissions) > 0 { // a member has roles alone
		both, order = held{roles: both.roles}, neither
	}
	member.Roles = both.roles
	disable := order == neither || bounds.Status == org.MemberDisabled
	switch {
	case disable && member.Status == org.MemberPending:
		return Removed, audit.MemberRemoved
	case disable && member.Status != org.MemberDisabled:
		member.Status = org.MemberDisabled
		if order == neither {
			return Undecidable, audit.MemberUpdated
		}
		return Disabled, audit.MemberUpdated
	case order != within:
		return Narrowed, audit.MemberUpdated
	default:
		return Nothing, ""
	}
}

// role replays a line about an organization's own role. One that was deleted stays, and gives nothing: restored keys and
// members may have it, and are to gain nothing where somebody makes a role of that name.
func (s Service) role(ctx context.Context, line changelog.Line) (Did, error) {
	roles, err := s.Store.Roles(ctx, line.Organization)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(roles.List, func(role org.Role) bool { return role.Name == line.Role.Name })
	if at < 0 {
		return Missing, nil
	}
	if allowed(roles.List[at].Permissions, line.Role.Permissions) || !gives(roles.List[at]) {
		return Nothing, nil
	}
	after := slices.Clone(roles.List)
	after[at].Permissions = policy.LowerCeiling(roles.List[at].Permissions, line.Role.Permissions)
	entry := s.entry(audit.RoleUpdated, "role:"+line.Role.Name)
	entry.After = map[string]any{"permissions": after[at].Permissions, "replayed": line.ID}
	return Narrowed, s.Store.ChangeRoles(ctx, org.RolesChange{
		Organization: line.Organization, Version: roles.Version, After: after, Activity: &entry,
	})
}

// gives reports whether there is anything that a role gives.
func gives(role org.Role) bool {
	return !allowed(role.Permissions, policy.Ceiling(nil))
}

// account replays a line about an organization. Where its tier is lower then, cleanup lets the keys that follow it have that.
func (s Service) account(ctx context.Context, line changelog.Line) (Did, error) {
	before, err := s.Store.Organization(ctx, line.Organization)
	if err != nil {
		return "", err
	}
	after, bounds := before, *line.Account
	after.Tier, after.MaxTier = s.lowerTier(before.Tier, bounds.Tier), s.lowerTier(before.MaxTier, bounds.MaxTier)
	after.KeyLimit = min(before.KeyLimit, bounds.KeyLimit)
	after.LockedKeys = before.LockedKeys || bounds.LockedKeys
	after.ImmutableNames = before.ImmutableNames || bounds.ImmutableNames
	if after.Tier != before.Tier {
		after.Following, after.FollowedTo = true, ""
	}
	if sameAccount(before, after) {
		return Nothing, nil
	}
	entry := s.entry(audit.OrganizationUpdated, string(before.ID))
	entry.After = map[string]any{"tier": after.Tier, "max_tier": after.MaxTier, "key_limit": after.KeyLimit, "replayed": line.ID}
	_, err = s.Store.ChangeOrganization(ctx, before, after, &entry)
	return Narrowed, err
}

func sameAccount(one, other org.Organization) bool {
	return one.Tier == other.Tier && one.MaxTier == other.MaxTier && one.KeyLimit == other.KeyLimit &&
		one.LockedKeys == other.LockedKeys && one.ImmutableNames == other.ImmutableNames
}

// lowerTier is the tier with the smaller number; where the catalog does not know both, it is that of the bounds.
func (s Service) lowerTier(has, most string) string {
	tier, known := s.Catalog.Tier(has)
	bound, boundKnown := s.Catalog.Tier(most)
	if known && boundKnown && tier.RequestsPerMinute <= bound.RequestsPerMinute {
		return has
	}
	return most
}
