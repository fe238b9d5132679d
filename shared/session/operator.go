package session

import (
	"context"
	"errors"
	"slices"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

func (s *Service) isOperator(person org.Identity) bool {
	return slices.Contains(s.Operators, person.Subject)
}

// operate is an operator in an organization that they are no active member of: as its first member would be. They join
// nothing, so that no organization can bind them to lesser roles by inviting them.
func (s *Service) operate(ctx context.Context, visit visit) (org.Member, error) {
	_, err := s.Organizations.Organization(ctx, visit.named)
	switch {
	case errors.Is(err, fault.ThingNotFound):
		return org.Member{}, organizationDenied()
	case err != nil:
		return org.Member{}, fault.Outage("reading the organization that an operator named", err)
	}
	return org.Member{
		Identity:     visit.claims.Identity,
		Organization: visit.named,
		Email:        visit.claims.Email,
		Roles:        []string{policy.FirstRole},
		Status:       org.MemberActive,
	}, nil
}
