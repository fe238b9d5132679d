package apikey

import (
	"net/netip"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

// Reason is why a decision came out as it did: stable, snake_case, part of the contract.
type Reason string

// The reasons, in the order in which the first that applies is given.
const (
	CredentialMissing   Reason = "credential_missing"
	CredentialMalformed Reason = "credential_malformed"
	WrongEnvironment    Reason = "wrong_environment"
	KeyUnknown          Reason = "key_unknown"
	KeyRevoked          Reason = "key_revoked"
	KeyExpired          Reason = "key_expired"
	KeyInactive         Reason = "key_inactive"
	IPDenied            Reason = "ip_denied"
	RateLimited         Reason = "rate_limited"
	QuotaExceeded       Reason = "quota_exceeded"
	OwnerInactive       Reason = "owner_inactive"
	ServiceDenied       Reason = "service_denied"
	PermissionDenied    Reason = "permission_denied"
	ScopeDenied         Reason = "scope_denied"
	Allowed             Reason = "allowed"
	Unavailable         Reason = "unavailable"
)

// Reasons are all reasons, in that order.
var Reasons = []Reason{
	CredentialMissing, CredentialMalformed, WrongEnvironment, KeyUnknown, KeyRevoked, KeyExpired, KeyInactive, IPDenied,
	RateLimited, QuotaExceeded, OwnerInactive, ServiceDenied, PermissionDenied, ScopeDenied, Allowed, Unavailable,
}

// RulesUnseen is why a spend is refused that was not checked against the key's rules. It is no decision: they are to be
// read, checked, and named in another spend.
const RulesUnseen Reason = "rules_unseen"

// Spend is the question that a store answers in one conditional write: does this secret, here and
// now, have a request left? If so it is taken.
type Spend struct {
	ID            ID
	Digests       []Digest    // of the secret, one for each pepper in use, the current pepper's first
	Environment   Environment // the API's
	Organizations []org.ID    // the organizations that the API admits; nil: all
	At            time.Time
	Address       netip.Addr // where the request comes from; the zero Addr: not known
	Rules         string     // the Record.RulesID that Address was checked under and admitted; empty: none
}

// Outcome is a store's answer to a Spend. Record is the key's record after the spend, or as it was
// when the spend was refused; nil where there is no such key. Outcomes may share the lists of its rules: they are only to
// be read.
type Outcome struct {
	Spent  bool
	Record *Record
}

// Refuses says why r does not admit s, or Allowed where it does. It is the condition of a spend, said in Go:
// a store that can evaluate a condition itself must come to the same verdict, always.
func (r *Record) Refuses(s Spend) Reason {
	switch {
	case r.ID != s.ID || !s.Admits(r.Organization) || !r.knows(s):
		return KeyUnknown
	case r.Environment != s.Environment:
		return WrongEnvironment
	case !r.RevokedAt.IsZero():
		return KeyRevoked
	case r.expiredAt(s.At):
		return KeyExpired
	case r.Disabled:
		return KeyInactive
	case r.RulesID != "" && r.RulesID != s.Rules:
		return RulesUnseen
	}
	if window, full := r.Counts.Full(r.Limits, s.At); full {
		if window.Unit == ratelimit.Minute {
			return RateLimited
		}
		return QuotaExceeded
	}
	return Allowed
}

// Admits reports whether the API admits keys of organization id.
func (s Spend) Admits(id org.ID) bool {
	return s.Organizations == nil || slices.Contains(s.Organizations, id)
}

// knows reports whether one of s's digests is the current secret's, or the retiring one's within its grace.
func (r *Record) knows(s Spend) bool {
	return r.Digest.in(s.Digests) || (r.GraceUntil.After(s.At) && r.Retiring.in(s.Digests))
}

// Take counts the request of s on r: what a store writes when r admits s.
func (r *Record) Take(s Spend) {
	r.Counts = r.Counts.Fresh(s.At).Add(s.At)
	r.Total++
	r.LastUsedAt = s.At.UTC().Truncate(time.Second)
	r.LastUsedIP = s.Address
}
