package dynamo

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

// The attributes of a member. When they were last seen is the later of two: Seen writes one and a change of the member
// the other, so that neither takes back what the other wrote at the same time.
const (
	memberIssuer  = "issuer"
	memberSubject = "subject"
	memberEmail   = "email"
	memberRoles   = "roles"
	memberStatus  = "status"
	memberInvited = "invited_at"
	memberJoined  = "joined_at"
	memberShown   = "shown_at"
	memberSeen    = "last_seen_at"
)

// memberSettings are the attributes that a change of a member writes.
var memberSettings = []string{
	memberIssuer, memberSubject, memberEmail, memberRoles, memberStatus, memberInvited, memberJoined, memberShown,
}

func memberItem(m org.Member) item {
	i := item{}
	i.setText(memberIssuer, m.Issuer)
	i.setText(memberSubject, m.Subject)
	i.setText(memberEmail, m.Email)
	i.setTexts(memberRoles, m.Roles)
	i.setText(memberStatus, string(m.Status))
	i.setTime(memberInvited, m.InvitedAt)
	i.setTime(memberJoined, m.JoinedAt)
	i.setTime(memberShown, m.LastSeenAt)
	return i
}

func memberOf(k key, i item) org.Member {
	return org.Member{
		Identity:     org.Identity{Issuer: i.text(memberIssuer), Subject: i.text(memberSubject)},
		Organization: org.ID(k.pk[len(prefixOrg):]),
		Email:        i.text(memberEmail),
		Roles:        i.texts(memberRoles),
		Status:       org.MemberStatus(i.text(memberStatus)),
		InvitedAt:    i.time(memberInvited),
		JoinedAt:     i.time(memberJoined),
		LastSeenAt:   latest(i.time(memberShown), i.time(memberSeen)),
	}
}

// latest is the later of two times at which something happened; the zero time is never.
func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// byJoining is the order of members: the first one joined first, those who have not behind them.
func byJoining(a, b org.Member) int {
	return cmp.Or(
		cmp.Compare(unjoined(a), unjoined(b)), a.JoinedAt.Compare(b.JoinedAt), a.InvitedAt.Compare(b.InvitedAt),
		cmp.Compare(a.Organization, b.Organization), cmp.Compare(a.Hash(), b.Hash()))
}

func unjoined(m org.Member) int {
	if m.JoinedAt.IsZero() {
		return 1
	}
	return 0
}

// Member implements org.Store.
func (s *Store) Member(ctx context.Context, id org.ID, hash string) (org.Member, error) {
	k := memberKey(id, hash)
	i, err := s.get(ctx, "reading a member", k)
	if err != nil {
		return org.Member{}, err
	}
	if i == nil {
		return org.Member{}, fault.New(fault.MemberNotFound, "There is no such member in your organization.")
	}
	return memberOf(k, i), nil
}

// Memberships implements org.Store.
func (s *Store) Memberships(ctx context.Context, person org.Identity) ([]org.Member, error) {
	return s.elsewhere(ctx, "reading memberships", whoPartition(person), person.Hash())
}

// Invitations implements org.Store.
func (s *Store) Invitations(ctx context.Context, address string) ([]org.Member, error) {
	hash := org.MailHash(address)
	members, err := s.elsewhere(ctx, "reading invitations", mailPartition(hash), hash)
	return slices.DeleteFunc(members, func(m org.Member) bool { return m.Status != org.MemberPending }), err
}

// elsewhere are the members of that hash in every organization that links names. A link whose member is gone by now
// says nothing.
func (s *Store) elsewhere(ctx context.Context, doing, links, hash string) ([]org.Member, error) {
	linked, err := s.all(ctx, doing, query{partition: links, from: prefixOrg, to: top(prefixOrg)})
	if err != nil {
		return nil, err
	}
	keys := make([]key, 0, len(linked))
	for _, i := range linked {
		keys = append(keys, memberKey(organizationOf(keyOf(i)), hash))
	}
	items, err := s.batchGet(ctx, doing, keys)
	if err != nil {
		return nil, err
	}
	var members []org.Member
	for k, i := range items {
		members = append(members, memberOf(k, i))
	}
	slices.SortFunc(members, byJoining)
	return members, nil
}

// Seen implements org.Store in one conditional update: a later sight stays, and who is gone stays gone.
func (s *Store) Seen(ctx context.Context, id org.ID, person org.Identity, at time.Time) error {
	now := number(at.Unix())
	u := newUpdate().whereExists().set(memberSeen, now)
	seen := u.name(memberSeen)
	u.where("(attribute_not_exists(" + seen + ") OR " + seen + " < " + u.value(now) + ")")
	_, _, err := s.updateAs(ctx, repeatable, "noting when a member was seen", memberKey(id, person.Hash()), u)
	return err
}
