package session

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/ratelimit"
)

// errClosed is why nobody is let in.
var errClosed = errors.New("this deployment refuses everybody but operators, as its configuration says")

// Service signs members in.
type Service struct {
	Verifier         *Verifier
	Organizations    org.Store
	Spender          org.Sessions
	Catalog          *policy.Catalog
	Signup           Mode
	FirstAdmin       string   // a subject or a verified e-mail, who may sign up where that is closed; empty: nobody
	OrganizationName string   // of the organization that FirstAdmin founds
	Operators        []string // the subjects of those who operate the deployment
	Closed           bool     // nobody but operators is let in, while the store is not to be believed
	Now              func() time.Time
}

// Principal is a person who has signed in, and the organization they act for.
type Principal struct {
	Identity     org.Identity
	Member       org.Member
	Organization org.ID
	Roles        org.Roles         // the organization's own, where the member has any of them
	Operator     bool              // they operate the deployment
	States       []ratelimit.State // the session's limit after this request
	Full         *ratelimit.Window // the window that had no room: nothing but that was looked at; nil: there was room
}

// Authenticate says who token belongs to and which organization they act for: the one that they name in named
// or, where that is empty, their own personal one, else the first that they joined. Who names an organization that they
// were invited to joins it. A first sign-in may found an organization (see Mode). address is where the request came from,
// for the activity of both. An operator may name any organization there is.
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
	if s.Closed && !s.isOperator(claims.Identity) {
		return Principal{}, fault.Outage("signing a member in", errClosed)
	}
	principal, err := s.spend(ctx, claims.Identity)
	if err != nil || principal.Full != nil {
		return principal, err
	}
	member, err := s.membership(ctx, visit{claims, named, address})
	if err != nil {
		return principal, err
	}
	roles, err := s.ownRoles(ctx, member)
	if err != nil {
		return principal, fault.Outage("reading an organization's roles", err)
	}
	principal.Member, principal.Organization, principal.Roles = member, member.Organization, roles
	principal.Operator = s.isOperator(claims.Identity)
	return principal, nil
}

// visit is a request of somebody who has signed in.
type visit struct {
	claims  Claims
	named   org.ID // the organization that they act for; empty: the one that is theirs by default
	address netip.Addr
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

// ownRoles are the organization's own roles, where the member has one that is not the catalog's.
func (s *Service) ownRoles(ctx context.Context, member org.Member) (org.Roles, error) {
	desk := grant.Desk{Organizations: s.Organizations, Catalog: s.Catalog}
	return desk.RolesFor(ctx, member.Organization, member.Roles)
}
