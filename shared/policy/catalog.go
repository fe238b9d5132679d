// Package policy decides: the catalog of what a deployment offers and protects, and Decide, which turns a
// key's record and a request into a decision. It is pure; nothing here reads a clock, a store or a network.
package policy

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
)

// Shipped is the catalog that comes with keyward.
//
//go:embed catalog.yaml
var Shipped []byte

// Catalog is what a deployment offers and protects. It is read-only once loaded.
type Catalog struct {
	Environments  []Environment       `yaml:"environments"`
	Tiers         []Tier              `yaml:"tiers"`
	Organization  NewOrganization     `yaml:"organization"`
	Sessions      Sessions            `yaml:"sessions"`
	ExpiryPeriods []ExpiryPeriod      `yaml:"expiry_periods"`
	Retention     Retention           `yaml:"retention"`
	Roles         []Role              `yaml:"roles"`
	Services      []Service           `yaml:"services"`
	services      map[string]*Service // by id
}

// Environment is an environment as a form offers it.
type Environment struct {
	ID          apikey.Environment `yaml:"id"`
	Title       string             `yaml:"title"`
	Description string             `yaml:"description"`
}

// Tier is a named rate limit.
type Tier struct {
	ID                string `yaml:"id"`
	RequestsPerMinute int64  `yaml:"requests_per_minute"`
	Description       string `yaml:"description"`
}

// NewOrganization is what an organization starts with.
type NewOrganization struct {
	Tier     string `yaml:"tier"`
	MaxTier  string `yaml:"max_tier"`
	KeyLimit int64  `yaml:"key_limit"`
}

// Sessions limits members' sessions.
type Sessions struct {
	RequestsPerMinute int64 `yaml:"requests_per_minute"`
}

// Retention is how long ended things are kept.
type Retention struct {
	KeysDays int `yaml:"keys_days"` // revoked and expired keys; 0: for ever
}

// Role is a named set of permissions.
type Role struct {
	ID          string       `yaml:"id"`
	Title       string       `yaml:"title"`
	Description string       `yaml:"description"`
	Permissions []Permission `yaml:"permissions"`
}

// Service is an API that keyward protects.
type Service struct {
	ID            string        `yaml:"id"`
	Title         string        `yaml:"title"`
	Organizations Organizations `yaml:"organizations"`
	Routes        []Route       `yaml:"routes"`
	routes        *routeNode
}

// Route is a method and path pattern of a service, and the permission that it needs. A segment {name} of the
// pattern stands for any one segment.
type Route struct {
	Method     string     `yaml:"method"`
	Path       string     `yaml:"path"`
	Permission Permission `yaml:"permission"`
}

// Organizations are the organizations that a service admits. The zero value admits none, and is refused
// by Load: a service must say.
type Organizations struct {
	All bool
	IDs []org.ID
}

// Admitted is what a store is asked for: nil for all.
func (o Organizations) Admitted() []org.ID {
	if o.All {
		return nil
	}
	return o.IDs
}

// UnmarshalYAML reads "all" or a list of ids.
func (o *Organizations) UnmarshalYAML(data []byte) error {
	var word string
	if yaml.Unmarshal(data, &word) == nil {
		if word != "all" {
			return fmt.Errorf("organizations must be all or a list of ids, not %q", word)
		}
		o.All = true
		return nil
	}
	return yaml.Unmarshal(data, &o.IDs)
}

// Load reads and validates a catalog. Its errors name the line or the field, and the rule.
func Load(data []byte) (*Catalog, error) {
	var catalog Catalog
	decoder := yaml.NewDecoder(bytes.NewReader(data), yaml.DisallowUnknownField())
	if err := decoder.Decode(&catalog); err != nil {
		return nil, fmt.Errorf("catalog: %w", err)
	}
	if err := catalog.validate(); err != nil {
		return nil, fmt.Errorf("catalog: %w", err)
	}
	return &catalog, nil
}

// Tier is the tier of that id.
func (c *Catalog) Tier(id string) (Tier, bool) {
	return find(c.Tiers, func(t Tier) bool { return t.ID == id })
}

// Service is the service of that id; nil where the catalog has none.
func (c *Catalog) Service(id string) *Service { return c.services[id] }

// Role is the role of that id.
func (c *Catalog) Role(id string) (Role, bool) {
	return find(c.Roles, func(r Role) bool { return r.ID == id })
}

// TierIDs are the ids of the tiers, the lowest first.
func (c *Catalog) TierIDs() []string {
	ids := make([]string, len(c.Tiers))
	for i, tier := range c.Tiers {
		ids[i] = tier.ID
	}
	return ids
}

// EndedBefore is the time before which a key must have ended to be deleted at now; zero: none is.
func (r Retention) EndedBefore(now time.Time) time.Time {
	if r.KeysDays == 0 {
		return time.Time{}
	}
	return now.AddDate(0, 0, -r.KeysDays)
}

func find[T any](all []T, match func(T) bool) (T, bool) {
	if i := slices.IndexFunc(all, match); i >= 0 {
		return all[i], true
	}
	var none T
	return none, false
}
