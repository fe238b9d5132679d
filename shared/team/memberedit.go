package team

import (
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
)

// edited is the member of that id as they stand, nil where there is none, and as patch makes them. An invitation that is
// over begins anew, whatever the patch.
func (s *Service) edited(roster org.Roster, id org.ID, name string, patch MemberPatch) (before *org.Member, after org.Member, err error) {
	if found, missing := memberOf(roster, name); missing == nil {
		before, after = &found, found
		after.Roles = slices.Clone(found.Roles)
	} else if after, err = s.invited(roster, id, name); err != nil {
		return nil, after, err
	}
	if patch.Roles.Set {
		after.Roles = patch.Roles.Value
	}
	if patch.Status.Set {
		if after.Status, err = statusAfter(before, patch.Status); err != nil {
			return nil, after, err
		}
	}
	if after.Subject == "" && after.Status == org.MemberPending && !after.Open(s.now()) {
		after.InvitedAt = s.now()
	}
	return before, after, nil
}

// maxMembers is how many members an organization may have, those pending included: every change of one reads them all.
const maxMembers = 1000

// invited is a new member of that id.
func (s *Service) invited(roster org.Roster, id org.ID, name string) (org.Member, error) {
	member := org.Member{Organization: id, Status: org.MemberPending, InvitedAt: s.now()}
	if len(roster.Members) >= maxMembers {
		return member, fault.InvalidParam("id", "An organization may have %d members. Remove one who is no longer there.", maxMembers)
	}
	if isMail(name) {
		member.Email = org.FoldMail(name)
		return member, alreadyMember(roster, member.Email)
	}
	if !validSubject(name) || strings.Contains(name, "@") {
		return member, fault.InvalidParam("id", "id must be the subject of a session token (1 to 255 characters, none of them a control character) or an e-mail address.")
	}
	member.Identity = org.Identity{Issuer: s.Issuer, Subject: name}
	return member, nil
}

// alreadyMember refuses to invite somebody who is there: an invitation would outlive their removal.
func alreadyMember(roster org.Roster, address string) error {
	for _, member := range roster.Members {
		if org.FoldMail(member.Email) == address {
			return fault.InvalidParam("id", "This is the address of the member %s. Use that id.", member.ID())
		}
	}
	return nil
}

// isMail reports whether id is an e-mail address: one @ with something before it and a domain behind it, and nothing that
// an address can't hold.
func isMail(id string) bool {
	local, domain, found := strings.Cut(id, "@")
	return found && local != "" && domain != "" && !strings.Contains(domain, "@") && len(id) <= 254 &&
		!strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`"<>()[]\,;:`, r) })
}

func validSubject(subject string) bool {
	return subject != "" && len(subject) <= 255 && !strings.ContainsFunc(subject, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// statusAfter is the status asked for, where it can be had: nobody joins on another's behalf.
func statusAfter(before *org.Member, asked keys.Optional[string]) (org.MemberStatus, error) {
	status := org.MemberStatus(asked.Value)
	joined := before != nil && !before.JoinedAt.IsZero()
	switch {
	case status == org.MemberDisabled && before != nil:
		return status, nil
	case status == org.MemberActive && joined:
		return status, nil
	case status == org.MemberPending && !joined:
		return status, nil
	case status == org.MemberActive:
		return "", fault.InvalidField("status", "status must be pending: the member becomes active by naming this organization in X-Organization.")
	case before == nil:
		return "", fault.InvalidField("status", "status must be pending for a new member, or be left out, not %q.", asked.Value)
	case joined:
		return "", fault.InvalidField("status", "status must be active or disabled, not %q.", asked.Value)
	default:
		return "", fault.InvalidField("status", "status must be pending or disabled, not %q.", asked.Value)
	}
}
