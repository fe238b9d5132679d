package session

import (
	"context"
	"net/netip"
	"time"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/ratelimit"
)

// Service signs members in.
type Service struct {
	Verifier         *Verifier
	Organizations    org.Store
	Spender          org.Sessions
	Catalog          *policy.Catalog
	Signup           Mode
	FirstAdmin       string // a subject or a verified e-mail, who may sign up where that is closed; empty: nobody
	OrganizationName string // of the organization that FirstAdmin founds
	Now              func() time.Time
}

// Principal is a person who has signed in, and the organization they act for.
type Principal struct {
	Identity     org.Identity
	Member       org.Member
	Organization org.ID
	States       []ratelimit.State // the session's limit after this request
	Full         *ratelimit.Window // the window that had no room: nothing but that was looked at; nil: there was room
}

// Authenticate says who token belongs to and which organization they act for: the one that they name in named
// or, where that is empty, their own personal one, else the first that they joined. A first sign-in may found
// an organization (see Mode), for whose activity address is where the request came from.
//
// It takes one request from the person's minute, whatever the organization. If there is none left, that is no
// error: the Principal has Full, Identity and States, and no Member.
//
// The faults are Unauthorized (the token), OrganizationDenied (named is not one of theirs, whether or not there
// is such a one), MemberInactive, SignupClosed, and Unavailable where the provider's keys or the store
// could not answer. With a fault too the Principal holds what was known by then: Identity and States,
// once the request has been counted.
func (s *Service) Authenticate(ctx context.Context, token string, named org.ID, address netip.Addr) (Principal, error) {
	claims, err := s.Verifier.Verify(ctx, token)
	if err != nil {
		return Principal{}, err
	}
	principal, err := s.spend(ctx, claims.Identity)
	if err != nil || principal.Full != nil {
		return principal, err
	}
	member, err := s.membership(ctx, claims, named, address)
	if err != nil {
		return principal, err
	}
	principal.Member, principal.Organization = member, member.Organization
	return principal, nil
}

// spend takes one request from the person's minute.
func (s *Service) spend(ctx context.Context, person org.Identity) (Principal, error) {
	now := s.Now()
	limits := ratelimit.Limits{PerMinute: s.Catalog.Sessions.RequestsPerMinute}
	counts, spent, err := s.Spender.SpendSession(ctx, person, limits.PerMinute, now)
	if err != nil {
		return Principal{}, fault.Outage("spending a session's request", err)
	}
	principal := Principal{Identity: person, States: counts.States(limits, now)}
	if !spent {
		minute := ratelimit.At(ratelimit.Minute, now)
		principal.Full = &minute
	}
	return principal, nil
}

// membership is the person's membership in the organization that they act for.
func (s *Service) membership(ctx context.Context, claims Claims, named org.ID, address netip.Addr) (org.Member, error) {
	memberships, err := s.Organizations.Memberships(ctx, claims.Identity)
	if err != nil {
		return org.Member{}, fault.Outage("reading memberships", err)
	}
	if len(memberships) == 0 {
		memberships, err = s.signUp(ctx, claims, named, address)
		if err != nil {
			return org.Member{}, err
		}
	}
	return choose(memberships, claims.Identity.PersonalOrganization(), named)
}

// choose is the membership in named or the default one, if it is active. There is at least one membership.
func choose(memberships []org.Member, personal, named org.ID) (org.Member, error) {
	chosen, found := pick(memberships, personal, named)
	switch {
	case !found:
		return org.Member{}, organizationDenied()
	case chosen.Status != org.MemberActive:
		return org.Member{}, fault.New(fault.MemberInactive,
			"Your membership in this organization is disabled. Ask one of its Admins to enable it.")
	default:
		return chosen, nil
	}
}

func pick(memberships []org.Member, personal, named org.ID) (org.Member, bool) {
	if named != "" {
		return memberIn(memberships, named)
	}
	if own, found := memberIn(memberships, personal); found {
		return own, true
	}
	return memberships[0], true
}

func memberIn(memberships []org.Member, id org.ID) (org.Member, bool) {
	for _, member := range memberships {
		if member.Organization == id {
			return member, true
		}
	}
	return org.Member{}, false
}

// organizationDenied is the same for an organization of others and for one that does not exist.
func organizationDenied() error {
	return fault.New(fault.OrganizationDenied,
		"X-Organization does not name an organization of yours. Name one that you are a member of, or leave the header out.")
}
