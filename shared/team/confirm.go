package team

import (
	"context"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/org"
)

// undoTime is how long undoing a change may go on, whether or not who asked for it still waits.
const undoTime = 5 * time.Second

// undoing is ctx for what must be undone even where ctx has ended.
func undoing(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), undoTime)
}

// confirmRoles looks at the organization's own roles again, now that the member has theirs. Whoever deletes a role first
// says so and then looks who has it: so one of the two sees the other, and no member keeps a role that is gone. Where
// nobody can tell whether it is, it is taken back too.
func (s *Service) confirmRoles(ctx context.Context, caller grant.Caller, before *org.Member, after org.Member) error {
	given := rolesAdded(before, after)
	own, failed := s.Desk.RolesFor(ctx, caller.Organization, given)
	gone := slices.DeleteFunc(slices.Clone(given), func(id string) bool { return s.givable(id, own) })
	if len(gone) == 0 {
		return nil
	}
	if failed == nil {
		failed = s.unknownRole(gone[0], own)
	}
	ctx, cancel := undoing(ctx)
	defer cancel()
	if err := s.takeBack(ctx, caller, before, after, gone); err != nil {
		return err
	}
	return failed
}

// takeBack takes those roles away from the member again. Who was only just added, and is as they were made, is removed.
func (s *Service) takeBack(ctx context.Context, caller grant.Caller, before *org.Member, after org.Member, gone []string) error {
	return repeatedly(ctx, "taking back a role", func() error {
		roster, err := s.Organizations.Roster(ctx, caller.Organization)
		if err != nil {
			return err
		}
		now, found := present(roster, after)
		if !found {
			return nil
		}
		if before == nil && now.Status == org.MemberPending && slices.Equal(now.Roles, after.Roles) {
			return s.changeMember(ctx, caller, roster, audit.MemberRemoved, &now, nil)
		}
		without := now
		if without.Roles = difference(now.Roles, gone); len(without.Roles) == len(now.Roles) {
			return nil
		}
		return s.changeMember(ctx, caller, roster, audit.MemberUpdated, &now, &without)
	})
}

// present is the member as they are now. Who has accepted an invitation meanwhile goes by another id.
func present(roster org.Roster, member org.Member) (org.Member, bool) {
	if now, found := roster.Member(member.ID()); found {
		return now, true
	}
	at := slices.IndexFunc(roster.Members, func(m org.Member) bool {
		return member.Subject == "" && m.InvitedAt.Equal(member.InvitedAt) && org.FoldMail(m.Email) == org.FoldMail(member.Email)
	})
	if at < 0 {
		return org.Member{}, false
	}
	return roster.Members[at], true
}
