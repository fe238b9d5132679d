package session

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

// membership is the person's active membership in the organization that they act for.
func (s *Service) membership(ctx context.Context, visit visit) (org.Member, error) {
	memberships, err := s.Organizations.Memberships(ctx, visit.claims.Identity)
	if err != nil {
		return org.Member{}, fault.Outage("reading memberships", err)
	}
	member, err := s.choose(ctx, visit, memberships)
	if err != nil {
		return org.Member{}, err
	}
	if member.Status != org.MemberActive {
		return org.Member{}, memberInactive()
	}
	s.see(ctx, member)
	return member, nil
}

// choose is the membership in the organization that was named, else the default one. A pending one is neither until
// its organization is named: nobody who adds a newcomer captures what they make.
func (s *Service) choose(ctx context.Context, visit visit, memberships []org.Member) (org.Member, error) {
	settled := slices.DeleteFunc(slices.Clone(memberships), func(m org.Member) bool { return m.Status == org.MemberPending })
	switch {
	case visit.named != "":
		return s.chooseNamed(ctx, visit, memberships, len(settled) == 0)
	case len(settled) == 0:
		return s.signUp(ctx, visit)
	}
	if own, found := memberIn(settled, visit.claims.Identity.PersonalOrganization()); found {
		return own, nil
	}
	return settled[0], nil
}

// chooseNamed is the membership in the organization that was named. A stranger belongs to none yet.
func (s *Service) chooseNamed(ctx context.Context, visit visit, memberships []org.Member, stranger bool) (org.Member, error) {
	member, found := memberIn(memberships, visit.named)
	switch {
	case found && member.Status == org.MemberActive:
		return member, nil
	case s.isOperator(visit.claims.Identity):
		return s.operate(ctx, visit)
	case found && member.Status == org.MemberDisabled:
		return member, nil
	case found:
		return s.join(ctx, visit)
	}
	invited, err := s.isInvited(ctx, visit)
	switch {
	case err != nil:
		return org.Member{}, err
	case invited:
		return s.join(ctx, visit)
	case stranger && s.mayFound(visit):
		return s.signUp(ctx, visit)
	default:
		return s.joinedMeanwhile(ctx, visit)
	}
}

// joinedMeanwhile is the membership of somebody whose invitation another request of theirs has accepted, after this one
// looked for a membership and before it looked for the invitation.
func (s *Service) joinedMeanwhile(ctx context.Context, visit visit) (org.Member, error) {
	if visit.claims.Email == "" {
		return org.Member{}, organizationDenied()
	}
	member, err := s.Organizations.Member(ctx, visit.named, visit.claims.Identity.Hash())
	switch {
	case errors.Is(err, fault.MemberNotFound) || err == nil && member.Status == org.MemberPending:
		return org.Member{}, organizationDenied()
	case err != nil:
		return org.Member{}, fault.Outage("reading a membership", err)
	default:
		return member, nil
	}
}

func memberIn(memberships []org.Member, id org.ID) (org.Member, bool) {
	for _, member := range memberships {
		if member.Organization == id {
			return member, true
		}
	}
	return org.Member{}, false
}

// see notes that the member was here, once an hour; an operator who has not joined is no member. What can't be noted
// refuses nobody: the next request tries again.
func (s *Service) see(ctx context.Context, member org.Member) {
	now := s.now()
	if member.JoinedAt.IsZero() || now.Sub(member.LastSeenAt) < org.SeenEvery {
		return
	}
	_ = s.Organizations.Seen(ctx, member.Organization, member.Identity, now)
}

// now is the time as a store keeps it.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Second) }

// organizationDenied is the same for an organization of others and for one that does not exist.
func organizationDenied() error {
	return fault.New(fault.OrganizationDenied,
		"X-Organization does not name an organization of yours. Name one that you are a member of, or leave the header out.")
}

func memberInactive() error {
	return fault.New(fault.MemberInactive, "Your membership in this organization is disabled. Ask one of its Admins to enable it.")
}
