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
	now  policy.Holding
	most policy.Holding // with the permissions of an owner who is away: they may come back
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
	return weight{s.Catalog.HoldingOf(record, standing), s.mostOf(record, standing)}, nil
}

// everything is what an owner who was removed may have when they are added again.
const everything = "*:*"

// mostOf is what the key holds where its owner is active. Otherwise whoever makes a new secret of an inheriting key while
// its owner is away would have the owner's permissions later.
func (s *Service) mostOf(record *apikey.Record, standing org.Standing) policy.Holding {
	if record.Inherits == "" {
		return s.Catalog.HoldingOf(record, standing)
	}
	if standing.Owner == nil {
		own := *record
		own.Inherits, own.Permissions = "", []string{everything}
		return s.Catalog.HoldingOf(&own, standing)
	}
	owner := *standing.Owner
	owner.Status = org.MemberActive
	standing.Owner = &owner
	return s.Catalog.HoldingOf(record, standing)
}

// mayGive is nil where the principal may hand out key as it is: they hold all that it holds and, where a key asks, all
// else of it stays within that one.
func mayGive(principal grant.Principal, key *apikey.Key, weight weight) error {
	if err := principal.MayGive(weight.most); err != nil {
		return err
	}
	if principal.IsKey() {
		return within(principal.Record, &key.Record)
	}
	return nil
}

// mayEdit is nil where the principal may turn before into after. A member needs to hold what the key holds only where it is
// given more; a key that asks always, or it could edit one that is stronger than itself.
func mayEdit(principal grant.Principal, before, after *apikey.Key, weight weight) error {
	harmless := !widens(&before.Record, &after.Record)
	if principal.IsKey() {
		harmless = onlyDisables(before, after)
	}
	if harmless {
		return nil
	}
	return mayGive(principal, after, weight)
}

func onlyDisables(before, after *apikey.Key) bool {
	fields := changed(described(before), described(after))
	_, active := fields["active"]
	return active && len(fields) == 1 && after.Disabled
}

// widens reports whether a change gives the key anything that it did not have.
func widens(before, after *apikey.Record) bool {
	return before.Disabled && !after.Disabled ||
		after.Inherits != before.Inherits ||
		len(without(after.Roles, before.Roles)) > 0 ||
		len(without(after.Permissions, before.Permissions)) > 0 ||
		opens(before.Scope.Services, after.Scope.Services) ||
		opens(before.Scope.Customers, after.Scope.Customers) ||
		opens(before.Scope.Accounts, after.Scope.Accounts) ||
		!after.Networks.Within(before.Networks) ||
		later(after.ExpiresAt, before.ExpiresAt) ||
		after.Limits.PerMinute > before.Limits.PerMinute ||
		above(after.Limits.PerDay, before.Limits.PerDay) ||
		above(after.Limits.PerMonth, before.Limits.PerMonth)
}

// opens reports whether a list of a scope admits what it did not, where nil is everything.
func opens(before, after []string) bool {
	return before != nil && (after == nil || len(without(after, before)) > 0)
}

// above reports whether a quota is higher than another, where 0 is none.
func above(quota, other int64) bool { return other != 0 && (quota == 0 || quota > other) }
