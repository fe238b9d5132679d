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

	LockedKeys     bool // none of its keys can be edited
	ImmutableNames bool // none of its keys can be renamed
	// Following says that the tier has changed, and that keys which follow it have still to be given it: those behind
	// FollowedTo, a position in the order of the newest first.
	Following  bool
	FollowedTo string
	Revision   int64 // grows with every change but that of the counters
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

// Store keeps organizations, their members and roles. Reads see every write that returned before the call. Every write is
// all or nothing, is durable before it returns, and writes its activity with it. A change of an organization that does not
// exist is a fault.ThingNotFound.
type Store interface {
	// Memberships are the organizations that person belongs to, of whatever status, the first one joined first, those
	// pending last. A stranger has none; that is not an error.
	Memberships(ctx context.Context, person Identity) ([]Member, error)
	// Invitations are the open invitations of an e-mail address, of whatever age.
	Invitations(ctx context.Context, address string) ([]Member, error)
	// Found makes the organization with its first member, and writes activity, all or nothing.
	// An organization of that ID already there is left as it is, and is no error: whoever
	// races finds the same organization afterwards.
	Found(ctx context.Context, organization Organization, first Member, activity audit.Entry) error
	// Organization is the organization, or a fault.ThingNotFound.
	Organization(ctx context.Context, id ID) (Organization, error)
	// ChangeOrganization turns the settings of before into those of after, where they are still of before's Revision;
	// otherwise ErrMoved. ID, counters, CreatedAt and CursorKey stay. It returns what is stored. A nil activity is that
	// of a step on the way, such as FollowedTo.
	ChangeOrganization(ctx context.Context, before, after Organization, activity *audit.Entry) (Organization, error)
	// Following are up to limit organizations whose keys have still to follow their tier; it may lag.
	Following(ctx context.Context, limit int) ([]ID, error)

	// Roster is all members of the organization.
	Roster(ctx context.Context, id ID) (Roster, error)
	// Member is the member of that Member.Hash, or a fault.MemberNotFound.
	Member(ctx context.Context, id ID, hash string) (Member, error)
	// ChangeMember changes a member, where the roster is still of that version; otherwise ErrMoved.
	ChangeMember(ctx context.Context, change MemberChange) error
	// Seen notes when a member was last seen: no change of the roster, and never earlier than what is noted already. Where
	// there is no such member it does nothing.
	Seen(ctx context.Context, id ID, person Identity, at time.Time) error

	// Roles are the organization's own roles; none is no error.
	Roles(ctx context.Context, id ID) (Roles, error)
	// ChangeRoles replaces them, where they are still of that version; otherwise ErrMoved.
	ChangeRoles(ctx context.Context, change RolesChange) error
}
