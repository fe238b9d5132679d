package changelog

import (
	"net/netip"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
)

// The messages of log lines, and under which name such a line holds its Line.
const (
	Message = "change"         // a change that is about to be committed
	Refused = "change_refused" // the change of that ID has not happened
	Field   = "change"         // of both
)

// Version is that of the lines' fields. It grows when a field goes or changes its meaning, not when one comes.
const Version = 1

// SigningKeyWithdrawn is the action of a line about a public key that is published no more.
const SigningKeyWithdrawn audit.Action = "signingkey.withdraw"

// Line is a change. One of Key, Member, Role, Account and SigningKey says of what; none where there is nothing to replay.
type Line struct {
	Version      int          `json:"v"`
	ID           string       `json:"id,omitzero"` // of the activity; empty where the store draws it
	At           time.Time    `json:"at"`
	Action       audit.Action `json:"action"`
	Actor        audit.Actor  `json:"actor,omitzero"` // a member by the hash of their subject
	Organization org.ID       `json:"organization,omitzero"`
	KeyID        string       `json:"key_id,omitzero"`
	Key          *Key         `json:"key,omitzero"`
	Member       *Member      `json:"member,omitzero"`
	Role         *Role        `json:"role,omitzero"`
	Account      *Account     `json:"account,omitzero"`
	SigningKey   string       `json:"signing_key,omitzero"` // the ID of a public key
}

// Key is what bounds a key after a change. Times that are zero are never; a list of a scope that is null is everything.
type Key struct {
	NewSecret     bool           `json:"new_secret"` // the change replaced its secret
	Disabled      bool           `json:"disabled"`
	RevokedAt     time.Time      `json:"revoked_at,omitzero"`
	ExpiresAt     time.Time      `json:"expires_at,omitzero"`
	GraceUntil    time.Time      `json:"grace_until,omitzero"` // until when the secret before is good; zero: there is none
	Inherits      string         `json:"inherits,omitzero"`    // the hash of the owner
	Roles         []string       `json:"roles,omitempty"`
	Permissions   []string       `json:"permissions,omitempty"` // of a key that inherits: its ceiling
	Services      []string       `json:"services"`
	Customers     []string       `json:"customers"`
	Accounts      []string       `json:"accounts"`
	Allow         []netip.Prefix `json:"ip_allow,omitempty"` // the enabled entries
	Deny          []netip.Prefix `json:"ip_deny,omitempty"`
	Tier          string         `json:"tier"`
	TierInherited bool           `json:"tier_inherited"`
	OwnLimit      bool           `json:"own_limit"`
	PerMinute     int64          `json:"rate_limit"`
	PerDay        int64          `json:"quota_per_day,omitzero"`
	PerMonth      int64          `json:"quota_per_month,omitzero"`
}

// Networks are where requests may come from.
func (k Key) Networks() apikey.Networks { return apikey.Networks{Allow: k.Allow, Deny: k.Deny} }

// Scope is where the permissions hold.
func (k Key) Scope() apikey.Scope {
	return apikey.Scope{Services: k.Services, Customers: k.Customers, Accounts: k.Accounts}
}

// Member is how a member stands after a change.
type Member struct {
	Hash    string           `json:"hash"`            // org.Member.Hash
	Mail    string           `json:"mail,omitzero"`   // org.MailHash of the address by which they may have been invited
	Before  string           `json:"before,omitzero"` // the hash before the change, where that was another
	Removed bool             `json:"removed"`
	Status  org.MemberStatus `json:"status,omitzero"`
	Roles   []string         `json:"roles,omitempty"`
}

// Role is an organization's own role after a change.
type Role struct {
	Name        string   `json:"name"`
	Removed     bool     `json:"removed"`
	Permissions []string `json:"permissions,omitempty"`
}

// Account is how an organization stands after a change.
type Account struct {
	Tier           string `json:"tier"`
	MaxTier        string `json:"max_tier"`
	KeyLimit       int64  `json:"key_limit"`
	LockedKeys     bool   `json:"locked_keys"`
	ImmutableNames bool   `json:"immutable_names"`
}
