// Package policy decides: the catalog of what a deployment offers and protects, and Decide, which turns a
// key's record and a request into a decision. It is pure; nothing here reads a clock, a store or a network.
package policy

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
)

// Shipped is the catalog that comes with keyward: catalog.yaml as JSON, so that no function carries a YAML parser.
//
//go:generate go run ./catalogfile/tojson catalog.yaml catalog.json
//go:embed catalog.json
var Shipped []byte

// Catalog is what a deployment offers and protects. It is read-only once loaded.
type Catalog struct {
	Environments  []Environment       `json:"environments" yaml:"environments"`
	Tiers         []Tier              `json:"tiers" yaml:"tiers"`
	Organization  NewOrganization     `json:"organization" yaml:"organization"`
	Sessions      Sessions            `json:"sessions" yaml:"sessions"`
	ExpiryPeriods []ExpiryPeriod      `json:"expiry_periods" yaml:"expiry_periods"`
	Retention     Retention           `json:"retention" yaml:"retention"`
	Roles         []Role              `json:"roles" yaml:"roles"`
	Services      []Service           `json:"services" yaml:"services"`
	services      map[string]*Service // by id
}

// Environment is an environment as a form offers it.
type Environment struct {
	ID          apikey.Environment `json:"id" yaml:"id"`
	Title       string             `json:"title" yaml:"title"`
	Description string             `json:"description" yaml:"description"`
}

// Tier is a named rate limit.
type Tier struct {
	ID                string `json:"id" yaml:"id"`
	RequestsPerMinute int64  `json:"requests_per_minute" yaml:"requests_per_minute"`
	Description       string `json:"description" yaml:"description"`
}

// NewOrganization is what an organization starts with.
type NewOrganization struct {
	Tier     string `json:"tier" yaml:"tier"`
	MaxTier  string `json:"max_tier" yaml:"max_tier"`
	KeyLimit int64  `json:"key_limit" yaml:"key_limit"`
}

// Sessions limits members' sessions.
type Sessions struct {
	RequestsPerMinute int64 `json:"requests_per_minute" yaml:"requests_per_minute"`
}

// Retention is how long ended things are kept.
type Retention struct {
	KeysDays int `json:"keys_days" yaml:"keys_days"` // revoked and expired keys; 0: for ever
}

// Role is a named set of permissions.
type Role struct {
	ID          string       `json:"id" yaml:"id"`
	Title       string       `json:"title" yaml:"title"`
	Description string       `json:"description" yaml:"description"`
	Permissions []Permission `json:"permissions" yaml:"permissions"`
}

// Service is an API that keyward protects.
type Service struct {
	ID            string        `json:"id" yaml:"id"`
	Title         string        `json:"title" yaml:"title"`
	Organizations Organizations `json:"organizations" yaml:"organizations"`
	Routes        []Route       `json:"routes" yaml:"routes"`
	routes        *routeNode
}

// Route is a method and path pattern of a service, and the permission that it needs. A segment {name} of the
// pattern stands for any one segment.
type Route struct {
	Method     string     `json:"method" yaml:"method"`
	Path       string     `json:"path" yaml:"path"`
	Permission Permission `json:"permission" yaml:"permission"`
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

// UnmarshalJSON reads "all" or a list of ids.
func (o *Organizations) UnmarshalJSON(data []byte) error {
	*o = Organizations{}
	if string(data) == `"all"` {
		o.All = true
		return nil
	}
	if err := json.Unmarshal(data, &o.IDs); err != nil {
		return fmt.Errorf("organizations must be all or a list of ids, not %s", data)
	}
	return nil
}

// MarshalJSON writes what UnmarshalJSON reads.
func (o Organizations) MarshalJSON() ([]byte, error) {
	if o.All {
		return []byte(`"all"`), nil
	}
	return json.Marshal(o.IDs)
}

// Load reads and validates a catalog in JSON. Its errors name the field and the rule. Package catalogfile reads the
// YAML that people write, and names the line too.
func Load(data []byte) (*Catalog, error) {
	var catalog Catalog
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&catalog); err != nil {
		return nil, fmt.Errorf("catalog: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("catalog: something follows the object")
	}
	if err := catalog.Validate(); err != nil {
		return nil, err
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
