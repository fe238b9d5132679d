package team

import (
	"context"
	"slices"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
)

// MemberPatch is what a member is to be. What is not set stays; a new member has no roles unless it says so.
type MemberPatch struct {
	Roles  keys.Optional[[]string]
	Status keys.Optional[string]
}

// Members are all members.
func (s *Service) Members(ctx context.Context, caller grant.Caller) ([]org.Member, error) {
	roster, err := s.Organizations.Roster(ctx, caller.Organization)
	return roster.Members, err
}

// Member is the member of that id: a subject, or the address of an invitation.
func (s *Service) Member(ctx context.Context, caller grant.Caller, id string) (org.Member, error) {
	roster, err := s.Organizations.Roster(ctx, caller.Organization)
	if err != nil {
		return org.Member{}, err
	}
	return memberOf(roster, id)
}

func memberOf(roster org.Roster, id string) (org.Member, error) {
	member, found := roster.Member(id)
	if !found && isMail(id) {
		member, found = roster.Member(org.FoldMail(id))
	}
	if !found {
		return member, fault.New(fault.MemberNotFound, "There is no such member in your organization. Check the id.")
	}
	return member, nil
}

// PutMember adds a member or changes one; created says which. A new member is pending until they name the organization
// themselves, so that nobody is drawn into an organization that they do not know.
func (s *Service) PutMember(ctx context.Context, caller grant.Caller, id string, patch MemberPatch) (member org.Member, created bool, err error) {
	var before *org.Member
	err = repeatedly(ctx, "changing a member", func() (err error) {
		before, member, err = s.putMember(ctx, caller, id, patch)
		return err
	})
	if err == nil {
		err = s.confirmRoles(ctx, caller, before, member)
	}
	return member, before == nil, err
}

func (s *Service) putMember(ctx context.Context, caller grant.Caller, id string, patch MemberPatch) (*org.Member, org.Member, error) {
	roster, err := s.Organizations.Roster(ctx, caller.Organization)
	if err != nil {
		return nil, org.Member{}, err
	}
	principal, err := s.asks(ctx, caller, roster)
	if err != nil {
		return nil, org.Member{}, err
	}
	before, after, err := s.edited(roster, principal.Organization, id, patch)
	if err != nil {
		return nil, org.Member{}, err
	}
	own, err := s.checkRoles(ctx, principal.Organization, before, after)
	if err != nil {
		return nil, org.Member{}, err
	}
	if err := s.mayMake(principal, before, after, own); err != nil {
		return nil, org.Member{}, err
	}
	if before != nil && before.Status == after.Status && slices.Equal(before.Roles, after.Roles) && before.InvitedAt.Equal(after.InvitedAt) {
		return before, after, nil
	}
	if err := s.keepAdmin(roster, before, &after); err != nil {
		return nil, org.Member{}, err
	}
	action := audit.MemberUpdated
	if before == nil {
		action = audit.MemberAdded
	}
	return before, after, s.changeMember(ctx, principal.Caller, roster, action, before, &after)
}

// asks is the caller as the roster has them: the change is made on that roster or not at all, so that who was demoted or
// removed meanwhile changes nothing any more.
func (s *Service) asks(ctx context.Context, caller grant.Caller, roster org.Roster) (grant.Principal, error) {
	if caller.IsKey() || caller.Operator {
		return s.Desk.Principal(ctx, caller)
	}
	at := slices.IndexFunc(roster.Members, func(member org.Member) bool { return member.Identity == caller.Identity })
	if at < 0 {
		return s.Desk.MemberPrincipal(ctx, caller, org.Member{})
	}
	return s.Desk.MemberPrincipal(ctx, caller, roster.Members[at])
}

func (s *Service) changeMember(ctx context.Context, caller grant.Caller, roster org.Roster, action audit.Action, before, after *org.Member) error {
	subject := before
	if subject == nil {
		subject = after
	}
	entry := s.entry(caller, action, "member:"+subject.ID())
	entry.Before, entry.After = described(before), described(after)
	return s.Organizations.ChangeMember(ctx, org.MemberChange{
		Organization: caller.Organization, Version: roster.Version, Before: before, After: after, Activity: entry,
	})
}

func described(member *org.Member) map[string]any {
	if member == nil {
		return nil
	}
	return map[string]any{"roles": slices.Clone(member.Roles), "status": string(member.Status), "email": member.Email}
}

// mayMake holds a change of a member against what the principal holds: roles added, and all roles of a member who comes
// back, are given.
func (s *Service) mayMake(principal grant.Principal, before *org.Member, after org.Member, own org.Roles) error {
	given := rolesAdded(before, after)
	if before != nil && s.isAway(*before) && !s.isAway(after) {
		given = after.Roles
	}
	holding := s.Catalog.MemberHolding(given, own)
	if len(holding.Permissions()) == 0 {
		return nil
	}
	return principal.MayGive(holding)
}

// isAway reports whether a member can do nothing, and won't be able to by themselves: they are disabled, or were invited
// too long ago.
func (s *Service) isAway(member org.Member) bool {
	return member.Status == org.MemberDisabled || member.Subject == "" && !member.Open(s.now())
}

// keepAdmin refuses to leave an organization without an Admin.
func (s *Service) keepAdmin(roster org.Roster, before, after *org.Member) error {
	if !s.isAdmin(before) || s.isAdmin(after) {
		return nil
	}
	for _, other := range roster.Members {
		if other.Hash() != before.Hash() && s.isAdmin(&other) {
			return nil
		}
	}
	return fault.New(fault.LastAdmin, "This is the organization's last Admin. Make another member an Admin first.")
}

func (s *Service) isAdmin(member *org.Member) bool {
	return member != nil && member.Status == org.MemberActive && s.Catalog.IsAdmin(member.Roles)
}

// RemoveMember removes a member, and returns them as they were; before that an open invitation of their address, by which
// they would be back at once. Keys that inherit their permissions stop; the others belong to the organization and live on.
func (s *Service) RemoveMember(ctx context.Context, caller grant.Caller, id string) (member org.Member, err error) {
	err = repeatedly(ctx, "removing a member", func() error {
		roster, err := s.Organizations.Roster(ctx, caller.Organization)
		if err != nil {
			return err
		}
		if member, err = memberOf(roster, id); err != nil {
			return err
		}
		if _, err := s.asks(ctx, caller, roster); err != nil {
			return err
		}
		if err := s.keepAdmin(roster, &member, nil); err != nil {
			return err
		}
		if invitation, found := roster.Member(org.FoldMail(member.Email)); found && member.Email != "" && invitation.Hash() != member.Hash() {
			if err := s.changeMember(ctx, caller, roster, audit.MemberRemoved, &invitation, nil); err != nil {
				return err
			}
			return org.ErrMoved // by ourselves: the roster is to be read again
		}
		return s.changeMember(ctx, caller, roster, audit.MemberRemoved, &member, nil)
	})
	return member, err
}
