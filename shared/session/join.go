package session

import (
	"context"
	"errors"
	"slices"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

// joinAttempts bounds how often a member tries to join while others change the organization's members.
const joinAttempts = 8

// isInvited reports whether the organization that was named has invited the person's verified e-mail address.
func (s *Service) isInvited(ctx context.Context, visit visit) (bool, error) {
	if visit.claims.Email == "" {
		return false, nil
	}
	invitations, err := s.Organizations.Invitations(ctx, visit.claims.Email)
	if err != nil {
		return false, fault.Outage("reading invitations", err)
	}
	return slices.ContainsFunc(invitations, func(invitation org.Member) bool {
		return invitation.Organization == visit.named && s.invites(invitation, visit.claims)
	}), nil
}

// invites reports whether invitation can be accepted by whom claims are about.
func (s *Service) invites(invitation org.Member, claims Claims) bool {
	return invitation.Open(s.Now()) && sameMail(claims.Email, invitation.Email)
}

// join makes a pending member of the organization that was named an active one. Whatever becomes of the membership
// meanwhile counts: it is read together with all others, and changed only where none of them has moved.
func (s *Service) join(ctx context.Context, visit visit) (org.Member, error) {
	for range joinAttempts {
		roster, err := s.Organizations.Roster(ctx, visit.named)
		if err != nil {
			return org.Member{}, fault.Outage("reading members", err)
		}
		before, found := s.awaited(roster, visit.claims)
		switch {
		case !found:
			return org.Member{}, organizationDenied()
		case before.Status != org.MemberPending:
			return before, nil
		}
		change := s.joining(visit, roster.Version, before)
		err = s.Organizations.ChangeMember(ctx, change)
		switch {
		case err == nil:
			return *change.After, nil
		case !errors.Is(err, org.ErrMoved):
			return org.Member{}, fault.Outage("joining an organization", err)
		}
	}
	return org.Member{}, fault.Outage("joining an organization", org.ErrMoved)
}

// awaited is the person's own membership, of whatever status, else the open invitation of their verified e-mail address.
// Whoever has been disabled does not come back by an invitation.
func (s *Service) awaited(roster org.Roster, claims Claims) (org.Member, bool) {
	own := slices.IndexFunc(roster.Members, func(m org.Member) bool { return m.Identity == claims.Identity })
	if own < 0 {
		own = slices.IndexFunc(roster.Members, func(m org.Member) bool { return s.invites(m, claims) })
	}
	if own < 0 {
		return org.Member{}, false
	}
	return roster.Members[own], true
}

// joining is the change that makes before, who is pending, an active member. An invitation by e-mail is forgotten with it:
// the member goes by their identity from then on.
func (s *Service) joining(visit visit, version int64, before org.Member) org.MemberChange {
	now := s.now()
	after := before
	after.Identity, after.Status = visit.claims.Identity, org.MemberActive
	after.JoinedAt, after.LastSeenAt = now, now
	if visit.claims.Email != "" {
		after.Email = visit.claims.Email
	}
	entry := audit.NewEntry(now, audit.MemberActor(after.Subject), audit.MemberJoined, "member:"+after.ID(), visit.address)
	entry.Before, entry.After = map[string]any{"status": string(before.Status)}, map[string]any{"status": string(after.Status)}
	if before.ID() != after.ID() {
		entry.Before["id"], entry.After["id"] = before.ID(), after.ID()
	}
	return org.MemberChange{Organization: visit.named, Version: version, Before: &before, After: &after, Activity: entry}
}
