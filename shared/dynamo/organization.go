package dynamo

import (
	"context"
	"errors"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

// The attributes of an organization.
const (
	orgName      = "name"
	orgTier      = "tier"
	orgMaxTier   = "max_tier"
	orgLimit     = "key_limit"
	orgLocked    = "locked_keys"
	orgImmutable = "immutable_names"
	orgFollowing = "following"
	orgFollowed  = "followed_to"
	orgLive      = "live_keys"
	orgTotal     = "keys"
	orgCreated   = "created_at"
	orgCursor    = "cursor_key"
	orgRevision  = "revision"
)

// orgSettings are the attributes that a change of an organization writes, beside its revision.
var orgSettings = []string{
	orgName, orgTier, orgMaxTier, orgLimit, orgLocked, orgImmutable, orgFollowing, orgFollowed,
}

// Organization implements org.Store.
func (s *Store) Organization(ctx context.Context, id org.ID) (org.Organization, error) {
	i, err := s.get(ctx, "reading an organization", orgKey(id))
	if err != nil {
		return org.Organization{}, err
	}
	if i == nil {
		return org.Organization{}, noOrganization()
	}
	return org.Organization{
		ID: id, Name: i.text(orgName), Tier: i.text(orgTier), MaxTier: i.text(orgMaxTier),
		KeyLimit: i.number(orgLimit), LiveKeys: i.number(orgLive), Keys: i.number(orgTotal),
		CreatedAt: i.time(orgCreated), CursorKey: i.binary(orgCursor),
		LockedKeys: i.flag(orgLocked), ImmutableNames: i.flag(orgImmutable),
		Following: i.flag(orgFollowing), FollowedTo: i.text(orgFollowed), Revision: i.number(orgRevision),
	}, nil
}

func noOrganization() error {
	return fault.New(fault.ThingNotFound, "There is no such organization.")
}

func settingsOf(o org.Organization) item {
	i := item{orgLimit: number(o.KeyLimit)}
	i.setText(orgName, o.Name)
	i.setText(orgTier, o.Tier)
	i.setText(orgMaxTier, o.MaxTier)
	i.setFlag(orgLocked, o.LockedKeys)
	i.setFlag(orgImmutable, o.ImmutableNames)
	i.setFlag(orgFollowing, o.Following)
	i.setText(orgFollowed, o.FollowedTo)
	return i
}

func organizationItem(o org.Organization) item {
	i := settingsOf(o)
	i[orgLive], i[orgTotal] = number(o.LiveKeys), number(o.Keys)
	i.setTime(orgCreated, o.CreatedAt)
	i.setNumber(orgRevision, o.Revision)
	if len(o.CursorKey) > 0 {
		i[orgCursor] = binary(o.CursorKey)
	}
	return i
}

// Found implements org.Store: one transaction, refused by the organization's item where it is there already.
func (s *Store) Found(ctx context.Context, o org.Organization, first org.Member, activity audit.Entry) error {
	t := s.newTx(o.ID)
	t.put(orgKey(o.ID), organizationItem(o), absent())
	t.addMember(first, unguarded)
	t.note(&activity)
	err := s.commit(ctx, "founding an organization", activity.ID+"-f", t)
	if reasons, ok := errors.AsType[refused](err); ok && len(reasons) > 0 {
		return nil
	}
	return err
}

// ChangeOrganization implements org.Store. It is a transaction also where there is no activity: a reply that was lost is
// then asked for again under the same token, and nobody takes their own change for somebody else's. The counters are
// neither written nor a condition, so a change waits for no create. What it returns is read afterwards, with them.
func (s *Store) ChangeOrganization(ctx context.Context, before, after org.Organization, activity *audit.Entry) (org.Organization, error) {
	since := s.Now()
	if activity != nil {
		since = activity.At
	}
	u := newUpdate().whereExists().advance(orgRevision, before.Revision)
	u.rewrite(orgSettings, settingsOf(after)).follow(before.ID, after.Following, since)
	t := s.newTx(before.ID)
	t.update(orgKey(before.ID), u)
	t.note(activity)
	err := s.commit(ctx, "changing an organization", versionToken(activity, "o", before.Revision), t)
	if reasons, ok := errors.AsType[refused](err); ok {
		return org.Organization{}, reasons.organization(before.ID)
	}
	if err != nil {
		return org.Organization{}, err
	}
	return s.Organization(ctx, before.ID)
}

// organization is why the organization's item refused a change.
func (r refused) organization(id org.ID) error {
	if held, failed := r[orgKey(id)]; failed && len(held) == 0 {
		return noOrganization()
	}
	return org.ErrMoved
}
