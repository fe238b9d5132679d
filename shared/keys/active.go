package keys

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/grant"
)

// SetActive enables or disables the key, locked or not. Whoever enables one holds all that it does.
func (s *Service) SetActive(ctx context.Context, caller Caller, id apikey.ID, active bool) (Updated, error) {
	action := audit.KeyDisabled
	if active {
		action = audit.KeyEnabled
	}
	var weight weight
	_, key, err := s.changeAs(ctx, caller, id, nil, action, func(principal grant.Principal, before, after *apikey.Key, now time.Time) (_ bool, err error) {
		if err := ended(before.StatusAt(now)); err != nil {
			return false, err
		}
		after.Disabled = !active
		if weight, err = s.weigh(ctx, &after.Record); err != nil {
			return false, err
		}
		if active && before.Disabled {
			err = mayGive(principal, after, weight)
		}
		return before.Disabled != after.Disabled, err
	})
	if err != nil {
		return Updated{}, err
	}
	return Updated{key, warnings(key, weight)}, nil
}
