package policy

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Validate checks what the form of a file can't, and builds the indexes that a catalog needs before it is used. Its error
// lists every rule that is broken.
func (c *Catalog) Validate() error {
	var broken []error
	rule := func(holds bool, format string, args ...any) {
		if !holds {
			broken = append(broken, fmt.Errorf(format, args...))
		}
	}
	c.validateOffers(rule)
	c.validateRoles(rule)
	c.validateServices(rule)
	if len(broken) > 0 {
		return fmt.Errorf("catalog: %w", errors.Join(broken...))
	}
	return nil
}

// maxOrganizations is how many values DynamoDB compares one with in a condition.
const maxOrganizations = 100

type ruler func(holds bool, format string, args ...any)

func (c *Catalog) validateOffers(rule ruler) {
	rule(len(c.Environments) > 0, "environments: at least one is needed")
	for _, environment := range c.Environments {
		rule(environment.ID.Valid(), "environments: %q is not one of production, staging, development, test", environment.ID)
	}
	unique(rule, "environments", c.Environments, func(e Environment) string { return string(e.ID) })
	unique(rule, "tiers", c.Tiers, func(t Tier) string { return t.ID })
	last := int64(0)
	for _, tier := range c.Tiers {
		rule(tier.RequestsPerMinute > last, "tiers: %s: requests_per_minute must be above the tier before it (%d)", tier.ID, last)
		last = tier.RequestsPerMinute
	}
	tier, known := c.Tier(c.Organization.Tier)
	rule(known, "organization: tier: %q is not a tier", c.Organization.Tier)
	highest, known := c.Tier(c.Organization.MaxTier)
	rule(known, "organization: max_tier: %q is not a tier", c.Organization.MaxTier)
	rule(!known || tier.RequestsPerMinute <= highest.RequestsPerMinute, "organization: tier: %s is above max_tier, %s", tier.ID, highest.ID)
	rule(c.Organization.KeyLimit > 0, "organization: key_limit must be at least 1")
	rule(c.Sessions.RequestsPerMinute > 0, "sessions: requests_per_minute must be at least 1")
	rule(c.Retention.KeysDays >= 0, "retention: keys_days must not be negative; 0 is for ever")
	unique(rule, "expiry_periods", c.ExpiryPeriods, func(p ExpiryPeriod) string { return p.ID })
	defaults := 0
	for _, period := range c.ExpiryPeriods {
		rule(period.valid(), "expiry_periods: %s: exactly one of days, months and never must be set", period.ID)
		rule(period.Days <= MaxLifetimeDays && period.Months <= maxMonths, "expiry_periods: %s: must be at most %d days", period.ID, MaxLifetimeDays)
		if period.Default {
			defaults++
		}
	}
	rule(defaults == 1, "expiry_periods: exactly one must be the default, not %d", defaults)
}

func (c *Catalog) validateRoles(rule ruler) {
	unique(rule, "roles", c.Roles, func(r Role) string { return r.ID })
	for _, role := range c.Roles {
		rule(len(role.Permissions) > 0, "roles: %s: at least one permission is needed", role.ID)
		for _, permission := range role.Permissions {
			rule(permission.valid(), "roles: %s: permission %q is not resource:action", role.ID, permission)
		}
	}
	_, known := c.Role(FirstRole)
	rule(known, "roles: %s is needed: it is what the first member of an organization has", FirstRole)
}

func (c *Catalog) validateServices(rule ruler) {
	unique(rule, "services", c.Services, func(s Service) string { return s.ID })
	rule(slices.ContainsFunc(c.Services, func(s Service) bool { return s.ID == OwnService }),
		"services: %s is needed: it is keyward's own API", OwnService)
	c.services = make(map[string]*Service, len(c.Services))
	for i := range c.Services {
		service := &c.Services[i]
		c.services[service.ID] = service
		service.routes = &routeNode{}
		rule(service.Organizations.All || len(service.Organizations.IDs) > 0,
			"services: %s: organizations must be all or a list of ids", service.ID)
		rule(len(service.Organizations.IDs) <= maxOrganizations,
			"services: %s: organizations lists %d ids; at most %d can be checked in one write", service.ID, len(service.Organizations.IDs), maxOrganizations)
		for _, route := range service.Routes {
			rule(route.Permission.valid() && !strings.Contains(string(route.Permission), "*"),
				"services: %s: %s %s: permission %q is not resource:action", service.ID, route.Method, route.Path, route.Permission)
			err := service.routes.add(route)
			rule(err == nil, "services: %s: %v", service.ID, err)
		}
	}
}

// idPattern is how ids of the catalog are written. Lists of them travel separated by spaces and lines.
var idPattern = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,64}$`)

func unique[T any](rule ruler, list string, items []T, id func(T) string) {
	seen := map[string]bool{}
	for _, item := range items {
		rule(id(item) != "", "%s: an id is missing", list)
		rule(id(item) == "" || idPattern.MatchString(id(item)), "%s: the id %q must be 1 to 64 of A-Z, a-z, 0-9, _, ., : and -", list, id(item))
		rule(!seen[id(item)], "%s: %q is there twice", list, id(item))
		seen[id(item)] = true
	}
}
