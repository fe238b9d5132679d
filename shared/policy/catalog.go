// Package policy decides: the catalog of what a deployment offers and protects, and Decide, which turns a
// key's record and a request into a decision. It is pure; nothing here reads a clock, a store or a network.
//
// Besides deciding, a catalog answers what those need who make keys, members and roles: KnownPermission, RequiresAccounts,
// IsAdmin, MaxExpiry, DefaultExpiry. A Holding says what somebody has (Grants, Permissions), whether it includes another
// one (Covers), and whether it comes to anything (ReachesAny).
package policy

import (
	_ "embed"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// Shipped is the catalog that comes with keyward: catalog.yaml as JSON, so that no function carries a YAML parser.
//
//go:generate go run ./catalogfile/generate catalog.yaml catalog.json shipped.go
//go:embed catalog.json
var Shipped []byte

// Catalog is what a deployment offers and protects. It is read-only once loaded.
type Catalog struct {
	Environments     []Environment       `json:"environments"`
	Tiers            []Tier              `json:"tiers"`
	RateLimitCeiling int64               `json:"rate_limit_ceiling"` // requests a minute: the most that an operator may give a key
	Organization     NewOrganization     `json:"organization"`
	Signup           string              `json:"signup,omitzero"` // SignupPersonal or SignupClosed; empty: left to the deployment
	Sessions         Sessions            `json:"sessions"`
	DefaultFormat    apikey.Format       `json:"default_format"` // of the secret of a key that does not ask for one
	Flags            Flags               `json:"flags"`
	ExpiryPeriods    []ExpiryPeriod      `json:"expiry_periods"`
	MaxLifetimeDays  int                 `json:"max_lifetime_days"` // how long a key may live at most; 0: as long as MaxLifetimeDays, or for ever
	NeverAllowed     bool                `json:"never_allowed"`     // a key may be one that never expires
	Retention        Retention           `json:"retention"`
	PermissionList   []PermissionInfo    `json:"permissions"`
	Roles            []Role              `json:"roles"`
	Services         []Service           `json:"services"`
	services         map[string]*Service // by id
	roles            map[string]*Role    // by id
}

// Environment is an environment as a form offers it.
type Environment struct {
	ID          apikey.Environment `json:"id"`
	Title       string             `json:"title"`
	Description string             `json:"description"`
}

// Tier is a named rate limit.
type Tier struct {
	ID                string `json:"id"`
	RequestsPerMinute int64  `json:"requests_per_minute"`
	Description       string `json:"description"`
}

// NewOrganization is what an organization starts with.
type NewOrganization struct {
	Tier     string `json:"tier"`
	MaxTier  string `json:"max_tier"`
	KeyLimit int64  `json:"key_limit"`
}

// The values of Catalog.Signup: what becomes of somebody unknown who signs in.
const (
	SignupPersonal = "personal" // they get an organization of their own
	SignupClosed   = "closed"   // they are refused
)

// Sessions limits members' sessions.
type Sessions struct {
	RequestsPerMinute int64 `json:"requests_per_minute"`
}

// Flags are rules for every key of the deployment. An organization may set them for its own where they are not set here.
type Flags struct {
	ImmutableNames bool `json:"immutable_names"` // a key's name can't be changed
	LockedKeys     bool `json:"locked_keys"`     // a key can't be edited, only disabled, enabled, regenerated and revoked
}

// Retention is how long ended things are kept.
type Retention struct {
	KeysDays int `json:"keys_days"` // revoked and expired keys; 0: for ever
}

// Tier is the tier of that id.
func (c *Catalog) Tier(id string) (Tier, bool) {
	return find(c.Tiers, func(t Tier) bool { return t.ID == id })
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
