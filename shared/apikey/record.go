package apikey

import (
	"net/netip"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

// Status is the state of a key as callers see it.
type Status string

// The statuses. A key that several describe has the first of: revoked, expired, inactive, active.
const (
	Active   Status = "active"
	Inactive Status = "inactive"
	Expired  Status = "expired"
	Revoked  Status = "revoked"
)

// Statuses are all statuses.
var Statuses = []Status{Active, Inactive, Expired, Revoked}

// Record is what deciding about a key needs: the hot item. Times have whole seconds, in UTC.
type Record struct {
	ID           ID
	Organization org.ID
	Owner        string // the subject of the member whose key it is
	// Inherits is the Identity.Hash of the owner whose permissions the key has, as they are; empty: it has its own. Then there
	// are no Roles, and Permissions, where there are any, are all that the key may inherit.
	Inherits      string
	Environment   Environment
	Disabled      bool
	RevokedAt     time.Time // zero: not revoked
	ExpiresAt     time.Time // zero: never
	Digest        Digest    // of the current secret
	Retiring      Digest    // of the secret before, while a regeneration's grace lasts; empty: none
	GraceUntil    time.Time // when Retiring dies
	Roles         []string
	Permissions   []string
	Scope         Scope
	Networks      Networks // where requests may come from
	RulesID       string   // names the state of the four above, for a spend to be checked against; empty: it need not be
	Apart         bool     // the four are missing here, in an Outcome alone: Spender.Rules has them
	Tier          string   // the effective tier
	TierInherited bool     // Tier is the organization's, and follows it
	OwnLimit      bool     // Limits.PerMinute is the key's own number, not its tier's
	Limits        ratelimit.Limits
	Counts        ratelimit.Counts
	Total         int64 // requests ever admitted
	LastUsedAt    time.Time
	LastUsedIP    netip.Addr // the zero Addr: not known
	Version       int64      // grows with every change of the record
}

// StatusAt is the key's status at now. A key is expired from the instant of ExpiresAt on.
func (r *Record) StatusAt(now time.Time) Status {
	switch {
	case !r.RevokedAt.IsZero():
		return Revoked
	case r.expiredAt(now):
		return Expired
	case r.Disabled:
		return Inactive
	default:
		return Active
	}
}

func (r *Record) expiredAt(now time.Time) bool {
	return !r.ExpiresAt.IsZero() && !now.Before(r.ExpiresAt)
}

// Clone is a copy that shares no memory with r.
func (r *Record) Clone() *Record {
	clone := *r
	clone.Roles = slices.Clone(r.Roles)
	clone.Permissions = slices.Clone(r.Permissions)
	clone.Scope = r.Scope.Clone()
	clone.Networks = r.Networks.Clone()
	clone.Counts = slices.Clone(r.Counts)
	return &clone
}

// OwnPermissions are the permissions that people gave the key. One that inherits has none: what Permissions holds then is
// all that it may inherit.
func (r *Record) OwnPermissions() []string {
	if r.Inherits != "" {
		return nil
	}
	return r.Permissions
}

// LiveAt reports whether the key counts against its organization's limit at now: active or inactive.
func (r *Record) LiveAt(now time.Time) bool {
	status := r.StatusAt(now)
	return status == Active || status == Inactive
}
