package keys

import (
	"fmt"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/policy"
)

// raisesLimits is the permission to give a key a limit above its tier's.
const raisesLimits policy.Permission = "account:write"

// editLimits sets the key's tier and its limit a minute. Where neither is asked for, what it has stays, also what would
// not be given any more.
func (e editing) editLimits(key *apikey.Key, patch Patch) error {
	if !patch.asksForLimits() {
		return nil
	}
	id, own := key.Tier, ownLimit(key)
	if key.TierInherited {
		id = ""
	}
	if patch.Tier.Set {
		if id = patch.Tier.Value; id == "" && !patch.Tier.Null {
			return unknownTier(e.Catalog, id)
		}
	}
	if patch.RateLimit.Set {
		own = &patch.RateLimit.Value
		if patch.RateLimit.Null {
			own = nil
		}
	}
	return e.setLimits(key, id, own)
}

func (p Patch) asksForLimits() bool { return p.Tier.Set || p.RateLimit.Set }

// setLimits gives the key a tier ("" follows the organization's) and, where own is not nil, a limit of its own.
func (e editing) setLimits(key *apikey.Key, id string, own *int64) error {
	key.TierInherited = id == ""
	if key.TierInherited {
		id = e.organization.Tier
	}
	tier, known := e.Catalog.Tier(id)
	if !known {
		return unknownTier(e.Catalog, id)
	}
	highest, known := e.Catalog.Tier(e.organization.MaxTier)
	if !known {
		return fmt.Errorf("organization %s has the max_tier %q, which the catalog does not know", e.organization.ID, e.organization.MaxTier)
	}
	if tier.RequestsPerMinute > highest.RequestsPerMinute {
		return fault.New(fault.TierNotAllowed, "The tier %s is above %s, the highest that your organization may use. Ask for a higher one.", tier.ID, highest.ID)
	}
	key.Tier, key.OwnLimit, key.Limits.PerMinute = tier.ID, own != nil, tier.RequestsPerMinute
	if own == nil {
		return nil
	}
	key.Limits.PerMinute = *own
	return e.validOwnLimit(*own, tier, highest)
}

// validOwnLimit checks a limit of a key's own: above its tier it needs a permission, and above the organization's highest
// tier operators alone give it.
func (e editing) validOwnLimit(own int64, tier, highest policy.Tier) error {
	switch ceiling := max(e.Catalog.RateLimitCeiling, highest.RequestsPerMinute); {
	case own < 1:
		return fault.InvalidField("rate_limit", "rate_limit must be at least 1 request per minute, not %d.", own)
	case e.principal.Operator && own > ceiling:
		return fault.New(fault.TierNotAllowed, "A rate_limit of %d is above the %d requests per minute that this deployment gives a key at most.", own, ceiling)
	case !e.principal.Operator && own > highest.RequestsPerMinute:
		return fault.New(fault.TierNotAllowed, "A rate_limit of %d is above the %d requests per minute of %s, the highest tier that your organization may use.",
			own, highest.RequestsPerMinute, highest.ID)
	case own > tier.RequestsPerMinute && !e.principal.Holding.Grants(raisesLimits):
		return fault.New(fault.PermissionDenied, "A rate_limit of %d is above the %d requests per minute of the tier %s. That needs %s, which you do not have.",
			own, tier.RequestsPerMinute, tier.ID, raisesLimits)
	default:
		return nil
	}
}

func unknownTier(catalog *policy.Catalog, id string) error {
	return fault.InvalidField("tier", "tier must be one of %s, not %q.", strings.Join(catalog.TierIDs(), ", "), id)
}

func ownLimit(key *apikey.Key) *int64 {
	if !key.OwnLimit {
		return nil
	}
	limit := key.Limits.PerMinute
	return &limit
}

// editQuotas sets how many requests the key may make a day and a month; null is as many as it likes.
func editQuotas(key *apikey.Key, patch Patch) error {
	return firstError(
		editQuota(&key.Limits.PerDay, patch.QuotaPerDay, "quota_per_day"),
		editQuota(&key.Limits.PerMonth, patch.QuotaPerMonth, "quota_per_month"),
	)
}

// maxQuota is the largest whole number that a structured field, such as RateLimit-Policy, can hold (RFC 9651).
const maxQuota = 999_999_999_999_999

func editQuota(quota *int64, asked Optional[int64], field string) error {
	switch {
	case !asked.Set:
	case asked.Null:
		*quota = 0
	case asked.Value < 1 || asked.Value > maxQuota:
		return fault.InvalidField(field, "%s must be a whole number from 1 to %d, or null for none, not %d.", field, int64(maxQuota), asked.Value)
	default:
		*quota = asked.Value
	}
	return nil
}
