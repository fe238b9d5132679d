package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// Mode says what happens when somebody unknown signs in.
type Mode string

const (
	// SignupPersonal gives everybody whom the provider knows an organization of their own.
	SignupPersonal Mode = "personal"
	// SignupClosed admits nobody but the first Admin. The empty Mode is closed too.
	SignupClosed Mode = "closed"
)

// ParseMode reads a mode as configuration writes it.
func ParseMode(text string) (Mode, error) {
	if mode := Mode(text); mode == SignupPersonal || mode == SignupClosed {
		return mode, nil
	}
	return "", fmt.Errorf("signup: %q is not one of %s, %s", text, SignupPersonal, SignupClosed)
}

// personalName is the name of every new personal organization; its owner may change it.
const personalName = "Personal"

// signUp founds the organization of somebody who belongs to none, and gives their membership. Of several at once, one
// founds it; a person who comes second to an organization that is not theirs alone stays outside.
func (s *Service) signUp(ctx context.Context, visit visit) (org.Member, error) {
	id, name, err := s.founds(visit.claims)
	if err != nil {
		return org.Member{}, err
	}
	if err := s.found(ctx, id, name, visit); err != nil {
		return org.Member{}, fault.Outage("founding an organization", err)
	}
	memberships, err := s.Organizations.Memberships(ctx, visit.claims.Identity)
	if err != nil {
		return org.Member{}, fault.Outage("reading memberships", err)
	}
	member, found := memberIn(memberships, id)
	if !found || member.Status == org.MemberPending {
		return org.Member{}, signupClosed()
	}
	return member, nil
}

// mayFound reports whether the organization that was named is the one that a stranger may found.
func (s *Service) mayFound(visit visit) bool {
	id, _, err := s.founds(visit.claims)
	return err == nil && id == visit.named
}

// founds is the organization that a stranger may found.
func (s *Service) founds(claims Claims) (id org.ID, name string, err error) {
	switch {
	case s.Signup == SignupPersonal:
		return claims.Identity.PersonalOrganization(), personalName, nil
	case s.isFirstAdmin(claims):
		return namedOrganization(s.OrganizationName), s.OrganizationName, nil
	default:
		return "", "", signupClosed()
	}
}

func (s *Service) isFirstAdmin(claims Claims) bool {
	if s.FirstAdmin == "" {
		return false
	}
	return claims.Identity.Subject == s.FirstAdmin || sameMail(claims.Email, s.FirstAdmin)
}

// sameMail compares addresses as org.FoldMail folds them. The empty address is nobody's.
func sameMail(a, b string) bool { return a != "" && org.FoldMail(a) == org.FoldMail(b) }

// namedOrganization is the ID of the organization that a deployment names. It follows from the name, so
// that however many first sign-ins race, they make one.
func namedOrganization(name string) org.ID {
	sum := sha256.Sum256([]byte("named\x00" + name))
	return org.ID("org_" + hex.EncodeToString(sum[:8]))
}

func (s *Service) found(ctx context.Context, id org.ID, name string, visit visit) error {
	now := s.now()
	start := s.Catalog.Organization
	organization := org.Organization{
		ID:        id,
		Name:      name,
		Tier:      start.Tier,
		MaxTier:   start.MaxTier,
		KeyLimit:  start.KeyLimit,
		CreatedAt: now,
		CursorKey: make([]byte, 32),
	}
	_, _ = rand.Read(organization.CursorKey) // never fails: it ends the program first
	admin := org.Member{
		Identity:     visit.claims.Identity,
		Organization: id,
		Email:        visit.claims.Email,
		Roles:        []string{policy.FirstRole},
		Status:       org.MemberActive,
		JoinedAt:     now,
		LastSeenAt:   now,
	}
	return s.Organizations.Found(ctx, organization, admin, foundingEntry(organization, visit.claims.Identity, visit.address))
}

func foundingEntry(organization org.Organization, by org.Identity, address netip.Addr) audit.Entry {
	entry := audit.NewEntry(organization.CreatedAt, audit.MemberActor(by.Subject), audit.OrganizationCreated, string(organization.ID), address)
	entry.After = map[string]any{
		"name":      organization.Name,
		"tier":      organization.Tier,
		"max_tier":  organization.MaxTier,
		"key_limit": organization.KeyLimit,
	}
	return entry
}

func signupClosed() error {
	return fault.New(fault.SignupClosed, "You are not a member of any organization here, and sign-up is closed. "+
		"If you have been invited, name the organization in X-Organization; else ask an Admin of your organization to add you.")
}
