package org

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/audit"
)

// ErrMoved says that what is to be changed has changed since it was read: read again.
var ErrMoved = errors.New("the organization has changed since it was read")

// MemberStatus says whether a member may act for the organization.
type MemberStatus string

// The statuses of a member. Pending is a membership that somebody else gave, until the member names the organization.
const (
	MemberActive   MemberStatus = "active"
	MemberDisabled MemberStatus = "disabled"
	MemberPending  MemberStatus = "pending"
)

// Member is a person in an organization. Who was invited by e-mail has no Identity until they come.
type Member struct {
	Identity
	Organization ID
	Email        string // as the identity provider verified it, or as the invitation names it
	Roles        []string
	Status       MemberStatus
	InvitedAt    time.Time // zero: the member founded the organization
	JoinedAt     time.Time // zero: pending
	LastSeenAt   time.Time // in steps of SeenEvery; zero: never
}

// ID is the member as callers name them: the subject or, while an invitation by e-mail is open, the address.
func (m Member) ID() string {
	if m.Subject == "" {
		return m.Email
	}
	return m.Subject
}

// Hash names the member within their organization in a store: Identity.Hash, or MailHash of an open invitation.
func (m Member) Hash() string {
	if m.Subject == "" {
		return MailHash(m.Email)
	}
	return m.Identity.Hash()
}

// MailHash names an e-mail address in a store. Addresses that differ in the case of ASCII letters alone are one.
func MailHash(address string) string {
	sum := sha256.Sum256([]byte("mail\x00" + FoldMail(address)))
	return "mail-" + base64.RawURLEncoding.EncodeToString(sum[:16])
}

// FoldMail is address with small ASCII letters: Unicode folds the Kelvin sign to k too, and with it one mailbox could
// pass for another.
func FoldMail(address string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, address)
}

// InvitationTerm is how long an invitation by e-mail can be accepted.
const InvitationTerm = 14 * 24 * time.Hour

// Open reports whether m is an invitation by e-mail that can be accepted at now.
func (m Member) Open(now time.Time) bool {
	return m.Subject == "" && m.Status == MemberPending && now.Before(m.InvitedAt.Add(InvitationTerm))
}

// SeenEvery is how fine LastSeenAt is.
const SeenEvery = time.Hour

// Roster is all members of an organization, the first one joined first, those pending last. Version grows with every
// change of them.
type Roster struct {
	Members []Member
	Version int64
}

// Member is the member of that ID.
func (r Roster) Member(id string) (Member, bool) {
	for _, member := range r.Members {
		if member.ID() == id {
			return member, true
		}
	}
	return Member{}, false
}

// MemberChange is a change of one member: added where Before is nil, removed where After is nil. Who accepts an
// invitation by e-mail has another Hash after it than before.
type MemberChange struct {
	Organization  ID
	Version       int64 // of the roster that the change was worked out on
	Before, After *Member
	Activity      audit.Entry
}
