package dynamo

import (
	"context"
	"slices"

	"github.com/keyward/keyward/shared/org"
)

// rosterVersion counts the changes of an organization's members. An organization in which nothing has changed since it
// was founded has no such item.
const rosterVersion = "version"

// Roster implements org.Store. The version is read first, and the members after it: a change that comes between is
// among the members and not in the version, so whoever works out a change on such a roster is refused. Read the other way
// round, members of before would go with the version of after, and a change by them would undo one that nobody has seen.
func (s *Store) Roster(ctx context.Context, id org.ID) (org.Roster, error) {
	version, err := s.get(ctx, "reading the version of the members", rosterKey(id))
	if err != nil {
		return org.Roster{}, err
	}
	items, err := s.all(ctx, "reading members", query{partition: orgPartition(id), from: prefixMember, to: top(prefixMember)})
	if err != nil {
		return org.Roster{}, err
	}
	roster := org.Roster{Version: version.number(rosterVersion)}
	for _, i := range items {
		roster.Members = append(roster.Members, memberOf(keyOf(i), i))
	}
	slices.SortFunc(roster.Members, byJoining)
	return roster, nil
}

// ChangeMember implements org.Store: one transaction over the version, the member, and the link by which they are found
// from outside the organization.
func (s *Store) ChangeMember(ctx context.Context, change org.MemberChange) error {
	if err := s.founded(ctx, change.Organization, change.Version); err != nil {
		return err
	}
	t := s.newTx(change.Organization)
	t.update(rosterKey(change.Organization), newUpdate().advance(rosterVersion, change.Version))
	t.moveMember(change.Before, change.After)
	t.note(&change.Activity)
	return movedIf(s.commit(ctx, "changing a member", versionToken(&change.Activity, "m", change.Version), t))
}

// moveMember makes before into after; nil is no member. Who keeps their hash keeps their item too, and with it a
// sight that was noted meanwhile.
func (t *tx) moveMember(before, after *org.Member) {
	if before != nil && after != nil && before.Hash() == after.Hash() {
		next := *after
		next.LastSeenAt = latest(before.LastSeenAt, after.LastSeenAt)
		u := newUpdate().whereExists().rewrite(memberSettings, memberItem(next))
		t.update(memberKey(t.organization, next.Hash()), u)
		return
	}
	if before != nil {
		t.delete(memberKey(t.organization, before.Hash()), present())
		t.delete(linkKey(*before, t.organization), unguarded)
	}
	if after != nil {
		t.addMember(*after, absent())
	}
}

// addMember writes a new member under that guard, and the link to them.
func (t *tx) addMember(m org.Member, g guard) {
	t.put(memberKey(t.organization, m.Hash()), memberItem(m), g)
	t.put(linkKey(m, t.organization), item{}, unguarded)
}
