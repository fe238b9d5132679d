package policy

import (
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
)

func (c *Catalog) validateOffers(rule ruler) {
	rule(len(c.Environments) > 0, at("environments"), "environments: at least one is needed")
	for i, environment := range c.Environments {
		rule(environment.ID.Valid(), at("environments").nth(i).in("id"),
			"environments: %q is not one of %s", environment.ID, words(apikey.Environments))
	}
	unique(rule, "environments", c.Environments, func(e Environment) string { return string(e.ID) })
	c.validateTiers(rule)
	c.validateOrganization(rule)
	rule(c.Signup == "" || c.Signup == SignupPersonal || c.Signup == SignupClosed, at("signup"),
		"signup: %q is not one of %s, %s", c.Signup, SignupPersonal, SignupClosed)
	rule(c.Sessions.RequestsPerMinute > 0, at("sessions", "requests_per_minute"), "sessions: requests_per_minute must be at least 1")
	rule(slices.Contains(apikey.Formats, c.DefaultFormat), at("default_format"),
		"default_format: %q is not one of %s", c.DefaultFormat, words(apikey.Formats))
	rule(c.Retention.KeysDays >= 0, at("retention", "keys_days"), "retention: keys_days must not be negative; 0 is for ever")
}

func words[T ~string](all []T) string {
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = string(one)
	}
	return strings.Join(texts, ", ")
}

func (c *Catalog) validateTiers(rule ruler) {
	unique(rule, "tiers", c.Tiers, func(t Tier) string { return t.ID })
	last := int64(0)
	for i, tier := range c.Tiers {
		rule(tier.RequestsPerMinute > last, at("tiers").nth(i).in("requests_per_minute"),
			"tiers: %s: requests_per_minute must be above the tier before it (%d)", tier.ID, last)
		last = tier.RequestsPerMinute
	}
	rule(c.RateLimitCeiling >= max(last, 1), at("rate_limit_ceiling"),
		"rate_limit_ceiling: must be at least the highest tier's requests_per_minute (%d), not %d", last, c.RateLimitCeiling)
}

func (c *Catalog) validateOrganization(rule ruler) {
	tier, known := c.Tier(c.Organization.Tier)
	rule(known, at("organization", "tier"), "organization: tier: %q is not a tier", c.Organization.Tier)
	highest, known := c.Tier(c.Organization.MaxTier)
	rule(known, at("organization", "max_tier"), "organization: max_tier: %q is not a tier", c.Organization.MaxTier)
	rule(!known || tier.RequestsPerMinute <= highest.RequestsPerMinute, at("organization", "tier"),
		"organization: tier: %s is above max_tier, %s", tier.ID, highest.ID)
	rule(c.Organization.KeyLimit > 0, at("organization", "key_limit"), "organization: key_limit must be at least 1")
}

func (c *Catalog) validateExpiry(rule ruler) {
	rule(c.MaxLifetimeDays >= 0 && c.MaxLifetimeDays <= MaxLifetimeDays, at("max_lifetime_days"),
		"max_lifetime_days: must be 1 to %d, or 0 for no limit of its own", MaxLifetimeDays)
	rule(c.MaxLifetimeDays == 0 || !c.NeverAllowed, at("never_allowed"),
		"never_allowed: must be false where max_lifetime_days is set: a key that never expires would outlive it")
	unique(rule, "expiry_periods", c.ExpiryPeriods, func(p ExpiryPeriod) string { return p.ID })
	defaults, last := 0, 0
	for i, period := range c.ExpiryPeriods {
		c.validatePeriod(rule, at("expiry_periods").nth(i), period)
		if period.Default {
			defaults, last = defaults+1, i
		}
	}
	where := at("expiry_periods")
	if defaults > 1 {
		where = where.nth(last).in("default")
	}
	rule(defaults == 1, where, "expiry_periods: exactly one must be the default, not %d", defaults)
}

func (c *Catalog) validatePeriod(rule ruler, here spot, period ExpiryPeriod) {
	rule(period.valid(), here, "expiry_periods: %s: exactly one of days, months and never must be set", period.ID)
	rule(!period.Never || c.NeverAllowed, here.in("never"), "expiry_periods: %s: never_allowed is false", period.ID)
	longest := period.longestDays()
	rule(longest <= c.lifetimeDays(), here,
		"expiry_periods: %s: must be at most %d days, and comes to as many as %d", period.ID, c.lifetimeDays(), longest)
}
