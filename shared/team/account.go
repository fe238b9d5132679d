package team

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
)

// maxName is how long an organization's name is at most, in characters.
const maxName = 100

// maxKeyLimit is how many live keys an organization may be allowed at most.
const maxKeyLimit = 10_000_000

// followAtOnce is how many keys are given a new account tier before a PATCH answers.
const followAtOnce = 1000

// AccountPatch is a change of the organization's settings. What is not set stays.
type AccountPatch struct {
	Name           keys.Optional[string]
	Tier           keys.Optional[string]
	LockedKeys     keys.Optional[bool]
	ImmutableNames keys.Optional[bool]
	MaxTier        keys.Optional[string] // operators'
	KeyLimit       keys.Optional[int64]  // operators'
}

// Account is the organization.
func (s *Service) Account(ctx context.Context, caller grant.Caller) (org.Organization, error) {
	return s.Organizations.Organization(ctx, caller.Organization)
}

// Membership is an organization that somebody belongs to, and how they stand there.
type Membership struct {
	Organization org.Organization
	Status       org.MemberStatus
}

// maxMemberships is how many of a member's organizations are listed; anybody may add them to more.
const maxMemberships = 50

// Memberships are the organizations that the member who asks belongs to, those that wait for them to join included; none
// where a key asks.
func (s *Service) Memberships(ctx context.Context, caller grant.Caller) ([]Membership, error) {
	if caller.IsKey() {
		return nil, nil
	}
	members, err := s.Organizations.Memberships(ctx, caller.Identity)
	if err != nil {
		return nil, err
	}
	members = members[:min(len(members), maxMemberships)]
	memberships := make([]Membership, 0, len(members))
	for _, member := range members {
		organization, err := s.Organizations.Organization(ctx, member.Organization)
		if err != nil {
			return nil, err
		}
		memberships = append(memberships, Membership{organization, member.Status})
	}
	return memberships, nil
}

// PatchAccount changes the settings. It reports whether every key follows the tier already; otherwise cleanup goes on.
func (s *Service) PatchAccount(ctx context.Context, caller grant.Caller, patch AccountPatch) (account org.Organization, followed bool, err error) {
	err = repeatedly(ctx, "changing an account", func() error {
		before, err := s.Organizations.Organization(ctx, caller.Organization)
		if err != nil {
			return err
		}
		principal, err := s.Desk.Principal(ctx, caller)
		if err != nil {
			return err
		}
		after, err := s.patched(principal, before, patch)
		if err != nil {
			return err
		}
		entry := s.entry(caller, audit.OrganizationUpdated, string(before.ID))
		entry.Before, entry.After = changed(before, after)
		if account = before; len(entry.After) == 0 {
			return nil
		}
		account, err = s.Organizations.ChangeOrganization(ctx, before, after, &entry)
		return err
	})
	if err != nil || !account.Following || !patch.Tier.Set {
		return account, true, err
	}
	followed, err = s.Follower.Follow(ctx, account.ID, followAtOnce)
	return account, followed, err
}

func (s *Service) patched(principal grant.Principal, before org.Organization, patch AccountPatch) (org.Organization, error) {
	after := before
	for _, edit := range []func() error{
		func() error { return setName(&after, patch.Name) },
		func() error { return setFlag("locked_keys", &after.LockedKeys, patch.LockedKeys) },
		func() error { return setFlag("immutable_names", &after.ImmutableNames, patch.ImmutableNames) },
		func() error { return s.setBounds(principal.Caller, &after, patch) },
		func() error { return s.setTier(principal, &after, patch.Tier) },
	} {
		if err := edit(); err != nil {
			return after, err
		}
	}
	if after.Tier != before.Tier {
		after.Following, after.FollowedTo = true, ""
	}
	return after, nil
}

func setName(after *org.Organization, name keys.Optional[string]) error {
	if !name.Set {
		return nil
	}
	trimmed := strings.TrimSpace(name.Value)
	length := utf8.RuneCountInString(trimmed)
	if length < 1 || length > maxName || !utf8.ValidString(trimmed) || strings.ContainsFunc(trimmed, unicode.IsControl) {
		return fault.InvalidField("name", "name must have 1 to %d characters, none of them a control character.", maxName)
	}
	after.Name = trimmed
	return nil
}

func setFlag(field string, flag *bool, asked keys.Optional[bool]) error {
	if asked.Null {
		return fault.InvalidField(field, "%s must be true or false.", field)
	}
	if asked.Set {
		*flag = asked.Value
	}
	return nil
}

// setBounds sets what operators alone may.
func (s *Service) setBounds(caller grant.Caller, after *org.Organization, patch AccountPatch) error {
	if (patch.MaxTier.Set || patch.KeyLimit.Set) && !caller.Operator {
		return fault.New(fault.PermissionDenied, "max_tier and key_limit are changed by the deployment's operators alone. Ask one of them.")
	}
	if patch.KeyLimit.Set {
		if patch.KeyLimit.Null || patch.KeyLimit.Value < 1 || patch.KeyLimit.Value > maxKeyLimit {
			return fault.InvalidField("key_limit", "key_limit must be a whole number from 1 to %d.", maxKeyLimit)
		}
		after.KeyLimit = patch.KeyLimit.Value
	}
	if patch.MaxTier.Set {
		if _, known := s.Catalog.Tier(patch.MaxTier.Value); !known {
			return s.unknownTier("max_tier", patch.MaxTier.Value)
		}
		after.MaxTier = patch.MaxTier.Value
		if !patch.Tier.Set && s.above(after.Tier, after.MaxTier) {
			return fault.InvalidField("max_tier", "max_tier must not be below the account's tier, %s. Send a lower tier too.", after.Tier)
		}
	}
	return nil
}

func (s *Service) setTier(principal grant.Principal, after *org.Organization, tier keys.Optional[string]) error {
	if !tier.Set {
		return nil
	}
	if _, known := s.Catalog.Tier(tier.Value); !known {
		return s.unknownTier("tier", tier.Value)
	}
	if s.above(tier.Value, after.MaxTier) {
		return fault.New(fault.TierNotAllowed, "The tier %s is above %s, the highest that your organization may use. Ask for a higher one.", tier.Value, after.MaxTier)
	}
	if principal.IsKey() && s.above(tier.Value, after.Tier) && s.requests(tier.Value) > principal.Record.Limits.PerMinute {
		return fault.New(fault.GrantDenied, "A key gives no more than it has: its rate_limit is %d, less than that of the tier %s.",
			principal.Record.Limits.PerMinute, tier.Value)
	}
	after.Tier = tier.Value
	return nil
}

func (s *Service) unknownTier(field, id string) error {
	return fault.InvalidField(field, "%s must be one of %s, not %q.", field, strings.Join(s.Catalog.TierIDs(), ", "), id)
}

// above reports whether a tier admits more than another.
func (s *Service) above(tier, than string) bool { return s.requests(tier) > s.requests(than) }

// requests is what a tier admits a minute; 0 where the catalog has none of that id.
func (s *Service) requests(id string) int64 {
	tier, _ := s.Catalog.Tier(id)
	return tier.RequestsPerMinute
}

func describedOrganization(o org.Organization) map[string]any {
	return map[string]any{
		"name": o.Name, "tier": o.Tier, "max_tier": o.MaxTier, "key_limit": o.KeyLimit,
		"locked_keys": o.LockedKeys, "immutable_names": o.ImmutableNames,
	}
}

// changed are the settings that differ, before and after.
func changed(before, after org.Organization) (then, now map[string]any) {
	then, now = describedOrganization(before), describedOrganization(after)
	for name, value := range then {
		if now[name] == value {
			delete(then, name)
			delete(now, name)
		}
	}
	return then, now
}
