package keys

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/org"
)

// Updated is a key after a change.
type Updated struct {
	Key      *apikey.Key
	Warnings []string
}

// Update changes the fields that patch sets. With a version, the key must still be at it. A locked key is refused, whatever
// the patch.
func (s *Service) Update(ctx context.Context, caller Caller, id apikey.ID, patch Patch, version *int64) (Updated, error) {
	organization, err := s.Organizations.Organization(ctx, caller.Organization)
	if err != nil {
		return Updated{}, err
	}
	var weight weight
	var principal grant.Principal
	before, key, err := s.changeAs(ctx, caller, id, version, audit.KeyUpdated,
		func(asks grant.Principal, before, after *apikey.Key, now time.Time) (changes bool, err error) {
			principal = asks
			weight, err = editing{Service: s, principal: asks, organization: organization, now: now}.edit(ctx, before, after, patch)
			return differ(before, after), err
		})
	if err == nil {
		key, err = s.settle(ctx, principal, before, key, patch)
	}
	if err != nil {
		return Updated{}, err
	}
	return Updated{key, warnings(key, weight)}, nil
}

// settle looks again, after the write, at what may have changed since it was read.
func (s *Service) settle(ctx context.Context, principal grant.Principal, before, after *apikey.Key, patch Patch) (*apikey.Key, error) {
	refused := s.confirmUpdated(ctx, principal, before, after)
	if patch.asksForLimits() {
		var err error
		if after, err = s.keepUp(ctx, after); err != nil {
			return nil, err
		}
	}
	return after, refused
}

// edit turns before into what the patch makes of it, where the caller may.
func (e editing) edit(ctx context.Context, before, after *apikey.Key, patch Patch) (weight, error) {
	if err := ended(before.StatusAt(e.now)); err != nil {
		return weight{}, err
	}
	if e.locked(before, e.organization) {
		return weight{}, errLocked()
	}
	e.saidAccounts = e.Catalog.RequiresAccounts(before.Roles)
	if err := e.apply(ctx, after, patch); err != nil {
		return weight{}, err
	}
	weight, err := e.weigh(ctx, &after.Record)
	if err == nil {
		err = e.mayEdit(ctx, before, after, weight)
	}
	return weight, err
}

// keepUp sees that a key which has just begun to follow its organization's tier has the one of now: whoever changed it
// meanwhile may have looked at the key before.
func (s *Service) keepUp(ctx context.Context, key *apikey.Key) (*apikey.Key, error) {
	ctx, cancel := afterwards(ctx)
	defer cancel()
	follower := Follower{Store: s.Store, Catalog: s.Catalog, Now: s.Now}
	for range changeAttempts {
		if !key.TierInherited || !key.LiveAt(s.now()) {
			return key, nil
		}
		organization, err := s.Organizations.Organization(ctx, key.Organization)
		if err != nil || organization.Tier == key.Tier {
			return key, err
		}
		if key, err = follower.retune(ctx, key, followed(organization)); err != nil {
			return nil, err
		}
	}
	return nil, errBusy()
}

// Revoke ends the key for good, at once. Revoking it again answers as the first time.
func (s *Service) Revoke(ctx context.Context, caller Caller, id apikey.ID, version *int64) (*apikey.Key, error) {
	sight, err := s.sight(ctx, caller)
	if err != nil {
		return nil, err
	}
	_, key, err := s.change(ctx, errandOf(caller, sight, id, version, audit.KeyRevoked), revoke)
	return key, err
}

func revoke(before, after *apikey.Key, now time.Time) (bool, error) {
	after.RevokedAt = now
	return before.RevokedAt.IsZero(), nil
}

// locked reports whether the key can't be edited: by itself, like all of its organization's, or like all of the deployment's.
func (s *Service) locked(key *apikey.Key, organization org.Organization) bool {
	return key.Locked || organization.LockedKeys || s.Catalog.Flags.LockedKeys
}
