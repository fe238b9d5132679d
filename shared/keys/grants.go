package keys

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// weight is what a key holds.
type weight struct {
	policy.Holding
	most policy.Holding // with all that its owner has, where it inherits: without a ceiling, and were the owner here
	tier int64          // requests a minute of a tier that is the key's own; 0: it follows its organization's
}

// weigh finds out what a key of that record holds, as things stand.
func (s *Service) weigh(ctx context.Context, record *apikey.Record) (weight, error) {
	var standing org.Standing
	if s.Catalog.Depends(record) {
		var err error
		if standing, err = s.Desk.Records.Standing(ctx, record.Organization, record.Inherits); err != nil {
			return weight{}, err
		}
	}
	found := weight{Holding: s.Catalog.HoldingOf(record, standing), most: s.mostOf(record, standing)}
	if tier, _ := s.Catalog.Tier(record.Tier); !record.TierInherited {
		found.tier = tier.RequestsPerMinute
	}
	return found, nil
}

// mostOf is what the key holds where its owner is active: who was disabled or removed may come back.
func (s *Service) mostOf(record *apikey.Record, standing org.Standing) policy.Holding {
	if record.Inherits == "" {
		return s.Catalog.HoldingOf(record, standing)
	}
	most := *record
	most.Permissions = nil
	if standing.Owner == nil {
		most.Inherits, most.Permissions = "", []string{string(everything)}
		return s.Catalog.HoldingOf(&most, standing)
	}
	owner := *standing.Owner
	owner.Status = org.MemberActive
	standing.Owner = &owner
	return s.Catalog.HoldingOf(&most, standing)
}

// everything is held by those whom nothing can be given that they do not have.
const everything policy.Permission = "*:*"

// ceiling is what holds a key down that inherits, where the principal gets its secret or lets others have it: the
// principal's own permissions, as they are. What the owner holds now they must hold too; but the owner may be given more one
// day, and nobody will have given that to who has the secret. The owner's own keys have no ceiling.
func ceiling(principal grant.Principal, inherits string) []string {
	switch {
	case inherits == "" || principal.Holding.Grants(everything):
		return nil
	case principal.IsKey() && principal.Record.Inherits == inherits:
		return clone(principal.Record.Permissions)
	case !principal.IsKey() && principal.Identity.Hash() == inherits:
		return nil
	}
	return policy.Ceiling(principal.Holding.Permissions())
}

// mayGive is nil where the principal may hand out key as it is: they hold all that it holds and, where a key asks, all
// else of it stays within that one.
func mayGive(principal grant.Principal, key *apikey.Key, weight weight) error {
	if err := principal.MayGive(weight.most); err != nil {
		return err
	}
	if !principal.IsKey() {
		return nil
	}
	if weight.tier > principal.Record.Limits.PerMinute {
		return errExceeds("its rate_limit is %d, less than that of the tier %s", principal.Record.Limits.PerMinute, key.Tier)
	}
	return within(principal.Record, &key.Record)
}

// mayEdit is nil where the principal may turn before into after. To change what a key may do takes holding all that it
// holds, before and after: otherwise somebody could weaken a key that is stronger than themselves, take its secret, and
// wait until it is mended. Disabling is free, and so is what people wrote about a key, unless it is a key that asks.
func (e editing) mayEdit(ctx context.Context, before, after *apikey.Key, weight weight) error {
	fields := changed(described(before), described(after))
	if len(fields) == 0 || onlyDisables(fields, after) || !e.principal.IsKey() && onlyProse(fields) {
		return nil
	}
	heavy, err := e.weigh(ctx, &before.Record)
	if err == nil {
		err = mayGive(e.principal, before, heavy)
	}
	if err == nil {
		err = mayGive(e.principal, after, weight)
	}
	return err
}

func onlyDisables(fields map[string]any, after *apikey.Key) bool {
	_, active := fields["active"]
	return active && len(fields) == 1 && after.Disabled
}

// onlyProse reports whether nothing but what people wrote about a key is among fields.
func onlyProse(fields map[string]any) bool {
	for name := range fields {
		switch name {
		case "name", "description", "metadata", "successor":
		default:
			return false
		}
	}
	return true
}

// above reports whether a quota is higher than another, where 0 is none.
func above(quota, other int64) bool { return other != 0 && (quota == 0 || quota > other) }
