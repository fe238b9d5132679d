package dynamo

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

// The attributes of an organization, and of a member.
const (
	orgName    = "name"
	orgTier    = "tier"
	orgMaxTier = "max_tier"
	orgLimit   = "key_limit"
	orgLive    = "live_keys"
	orgTotal   = "keys"
	orgCreated = "created_at"
	orgCursor  = "cursor_key"

	memberIssuer  = "issuer"
	memberSubject = "subject"
	memberEmail   = "email"
	memberRoles   = "roles"
	memberStatus  = "status"
	memberJoined  = "joined_at"
)

// Organization implements org.Store.
func (s *Store) Organization(ctx context.Context, id org.ID) (org.Organization, error) {
	i, err := s.get(ctx, "reading an organization", orgKey(id))
	if err != nil {
		return org.Organization{}, err
	}
	if i == nil {
		return org.Organization{}, fault.New(fault.ThingNotFound, "There is no such organization.")
	}
	return org.Organization{
		ID: id, Name: i.text(orgName), Tier: i.text(orgTier), MaxTier: i.text(orgMaxTier),
		KeyLimit: i.number(orgLimit), LiveKeys: i.number(orgLive), Keys: i.number(orgTotal),
		CreatedAt: i.time(orgCreated), CursorKey: i.binary(orgCursor),
	}, nil
}

func organizationItem(o org.Organization) item {
	i := item{orgLimit: number(o.KeyLimit), orgLive: number(o.LiveKeys), orgTotal: number(o.Keys)}
	i.setText(orgName, o.Name)
	i.setText(orgTier, o.Tier)
	i.setText(orgMaxTier, o.MaxTier)
	i.setTime(orgCreated, o.CreatedAt)
	if len(o.CursorKey) > 0 {
		i[orgCursor] = binary(o.CursorKey)
	}
	return i
}

// Found implements org.Store: one transaction, refused by the organization's item where it is there already.
func (s *Store) Found(ctx context.Context, o org.Organization, first org.Member, activity audit.Entry) error {
	t := s.newTx(o.ID)
	t.put(orgKey(o.ID), organizationItem(o), absent())
	t.put(memberKey(o.ID, first.Identity), memberItem(first), unguarded)
	t.put(belongsKey(first.Identity, o.ID), item{}, unguarded)
	t.putActivity(o.ID, activity.ID, activity.Target, activityItem(activity))
	err := s.commit(ctx, "founding an organization", activity.ID+"-f", t)
	if reasons, ok := errors.AsType[refused](err); ok && len(reasons) > 0 {
		return nil
	}
	return err
}

// maxMemberships is how many organizations of one person are looked at.
const maxMemberships = 100

// Memberships implements org.Store.
func (s *Store) Memberships(ctx context.Context, person org.Identity) ([]org.Member, error) {
	q := query{partition: whoPartition(person), from: prefixOrg, to: top(prefixOrg), limit: maxMemberships}
	belongs, _, err := s.query(ctx, "reading memberships", q)
	if err != nil {
		return nil, err
	}
	keys := make([]key, 0, len(belongs))
	for _, i := range belongs {
		keys = append(keys, memberKey(organizationOf(keyOf(i)), person))
	}
	items, err := s.batchGet(ctx, "reading members", keys)
	if err != nil {
		return nil, err
	}
	var members []org.Member
	for k, i := range items {
		members = append(members, memberOf(k, i))
	}
	slices.SortFunc(members, func(a, b org.Member) int {
		return cmp.Or(a.JoinedAt.Compare(b.JoinedAt), cmp.Compare(a.Organization, b.Organization))
	})
	return members, nil
}

func memberItem(m org.Member) item {
	i := item{memberIssuer: text(m.Issuer), memberSubject: text(m.Subject)}
	i.setText(memberEmail, m.Email)
	i.setTexts(memberRoles, m.Roles)
	i.setText(memberStatus, string(m.Status))
	i.setTime(memberJoined, m.JoinedAt)
	return i
}

func memberOf(k key, i item) org.Member {
	return org.Member{
		Identity:     org.Identity{Issuer: i.text(memberIssuer), Subject: i.text(memberSubject)},
		Organization: org.ID(k.pk[len(prefixOrg):]),
		Email:        i.text(memberEmail),
		Roles:        i.texts(memberRoles),
		Status:       org.MemberStatus(i.text(memberStatus)),
		JoinedAt:     i.time(memberJoined),
	}
}
