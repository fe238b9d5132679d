// Package org says who belongs to which organization: the tenant, its members, and the
// identity a person proves by signing in.
package org

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"

	"github.com/keyward/keyward/shared/audit"
)

// ID names an organization: `org_` and letters or digits.
type ID string

// Organization is a tenant.
type Organization struct {
	ID        ID
	Name      string
	Tier      string // a tier of the catalog; its keys have it by default
	MaxTier   string // the highest tier a key of it may have
	KeyLimit  int64  // how many live keys it may hold
	LiveKeys  int64  // keys that hold a place: not revoked, and not yet released after expiring
	Keys      int64  // all keys but the revoked ones; what a list without filters totals
	CreatedAt time.Time
	CursorKey []byte // 32 random bytes that seal the cursors of its lists
}

// Identity is a person as an identity provider knows them.
type Identity struct {
	Issuer  string
	Subject string
}

// Hash is the identity's name in a store: stable, of fixed length, 22 characters of base64url.
func (i Identity) Hash() string {
	sum := sha256.Sum256([]byte(i.Issuer + "\x00" + i.Subject))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// PersonalOrganization is the ID of i's personal organization. It follows from the identity, so that
// however many first sign-ins race, they make one organization.
func (i Identity) PersonalOrganization() ID {
	sum := sha256.Sum256([]byte("personal\x00" + i.Issuer + "\x00" + i.Subject))
	return ID("org_" + hex.EncodeToString(sum[:8]))
}

// MemberStatus says whether a member may act for the organization.
type MemberStatus string

// The statuses of a member.
const (
	MemberActive   MemberStatus = "active"
	MemberDisabled MemberStatus = "disabled"
)

// Member is a person in an organization.
type Member struct {
	Identity
	Organization ID
	Email        string // as the identity provider verified it; empty where it did not
	Roles        []string
	Status       MemberStatus
	JoinedAt     time.Time
}

// Store keeps organizations and members. Reads see every write that returned before the call.
type Store interface {
	// Memberships are the organizations that person belongs to, the first one joined first.
	// A stranger has none; that is not an error.
	Memberships(ctx context.Context, person Identity) ([]Member, error)
	// Found makes the organization with its first member, and writes activity, all or nothing.
	// An organization of that ID already there is left as it is, and is no error: whoever
	// races finds the same organization afterwards.
	Found(ctx context.Context, organization Organization, first Member, activity audit.Entry) error
	// Organization is the organization, or a fault.ThingNotFound.
	Organization(ctx context.Context, id ID) (Organization, error)
}
