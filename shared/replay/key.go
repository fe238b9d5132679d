package replay

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/changelog"
)

// lostMask stands where a key shows its secret, masked, when nobody knows that any more.
const lostMask = "lost in a restore"

func (s Service) key(ctx context.Context, line changelog.Line) (Did, error) {
	id, ok := apikey.ParseID(line.KeyID)
	if !ok {
		return "", fmt.Errorf("%q is no key id", line.KeyID)
	}
	before, err := s.Store.Key(ctx, line.Organization, id)
	if err != nil {
		return "", err
	}
	now := s.Now().UTC().Truncate(time.Second)
	after := before.Clone()
	did, action := s.narrowKey(after, *line.Key, now)
	if did == Nothing {
		return Nothing, nil
	}
	after.UpdatedAt = now
	after.Restamp(&before.Record)
	entry := s.entry(action, before.ID.String())
	entry.After = map[string]any{"replayed": line.ID}
	_, err = s.Store.Change(ctx, apikey.Change{Before: before, After: after, Activity: entry})
	return did, err
}

// narrowKey takes away what goes beyond the bounds. A key that has ended gets no more than its revocation: nothing else
// makes a difference to it.
func (s Service) narrowKey(key *apikey.Key, bounds changelog.Key, now time.Time) (Did, audit.Action) {
	switch {
	case !key.RevokedAt.IsZero():
		return Nothing, ""
	case !bounds.RevokedAt.IsZero():
		key.RevokedAt = bounds.RevokedAt
		return Revoked, audit.KeyRevoked
	case !key.LiveAt(now):
		return Nothing, ""
	}
	lowered, exact, narrowed := lower(key, bounds), true, false
	for _, part := range []func(*apikey.Key, changelog.Key) order{s.permissions, scope, networks} {
		order := part(key, bounds)
		exact, narrowed = exact && order != neither, narrowed || order != within
	}
	disables := bounds.Disabled && !key.Disabled
	key.Disabled = key.Disabled || bounds.Disabled || !exact
	switch {
	case bounds.NewSecret && key.Mask != lostMask:
		forget(key)
		return SecretLost, audit.KeyDisabled
	case !exact:
		return Undecidable, audit.KeyDisabled
	case disables:
		return Disabled, audit.KeyDisabled
	case lowered || narrowed:
		return Narrowed, audit.KeyUpdated
	default:
		return Nothing, ""
	}
}

// forget leaves the key without a secret, and disabled. No secret has the digest that it gets: it is drawn.
func forget(key *apikey.Key) {
	drawn := make([]byte, 32)
	_, _ = rand.Read(drawn) // it never fails
	key.Digest = apikey.Digest(key.Digest.Pepper() + "." + base64.RawURLEncoding.EncodeToString(drawn))
	key.Retiring, key.GraceUntil, key.SecretUntil = "", time.Time{}, time.Time{}
	key.Mask, key.Disabled = lostMask, true
}

// lower takes the smaller of each number, and the earlier of each end; it reports whether one was the line's.
func lower(key *apikey.Key, bounds changelog.Key) (lowered bool) {
	lowered = lowerRate(key, bounds)
	if key.Retiring != "" && bounds.GraceUntil.Before(key.GraceUntil) {
		key.GraceUntil, lowered = bounds.GraceUntil.UTC(), true
		if bounds.GraceUntil.IsZero() {
			key.Retiring, key.GraceUntil = "", time.Time{}
		}
	}
	for _, quota := range []struct {
		has  *int64
		most int64 // 0: none
	}{{&key.Limits.PerDay, bounds.PerDay}, {&key.Limits.PerMonth, bounds.PerMonth}} {
		if quota.most != 0 && (*quota.has == 0 || quota.most < *quota.has) {
			*quota.has, lowered = quota.most, true
		}
	}
	if !bounds.ExpiresAt.IsZero() && (key.ExpiresAt.IsZero() || bounds.ExpiresAt.Before(key.ExpiresAt)) {
		key.ExpiresAt, lowered = bounds.ExpiresAt.UTC(), true
	}
	return lowered
}

// lowerRate takes the smaller rate. Where following the organization's tier could raise that above the bounds again, it becomes
// the key's own.
func lowerRate(key *apikey.Key, bounds changelog.Key) bool {
	if bounds.PerMinute < key.Limits.PerMinute {
		key.OwnLimit = key.OwnLimit || bounds.OwnLimit || bounds.TierInherited && !key.TierInherited
		key.Limits.PerMinute, key.Tier, key.TierInherited = bounds.PerMinute, bounds.Tier, bounds.TierInherited
		return true
	}
	pinned := key.TierInherited && !key.OwnLimit && (bounds.OwnLimit || !bounds.TierInherited)
	key.OwnLimit = key.OwnLimit || pinned
	return pinned
}
