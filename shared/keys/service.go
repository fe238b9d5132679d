// Package keys is the service behind the admin endpoints: what may be asked for, and what becomes of it. Rules about
// fields live here; how they are written on the wire, and how they are kept, does not.
package keys

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// Service manages the keys of organizations.
type Service struct {
	Store         apikey.Keys
	Organizations org.Store
	Catalog       *policy.Catalog
	Keyring       *keyring.Keyring // nil where nothing is hashed
	Brand         string
	Now           func() time.Time
}

// Caller is who asks, in which organization.
type Caller struct {
	Organization org.ID
	Actor        audit.Actor
	Subject      string // of the member, or of the key's owner
	Roles        []string
	Address      netip.Addr
}

// Get is the key as it is now.
func (s *Service) Get(ctx context.Context, caller Caller, id apikey.ID) (*apikey.Key, error) {
	return s.Store.Key(ctx, caller.Organization, id)
}

// changeAttempts bounds how often a change is worked out again because the key moved under it.
const changeAttempts = 8

// change reads the key, lets edit work out what it becomes, and stores that, again where somebody else came between.
// edit returns false where nothing changes.
func (s *Service) change(ctx context.Context, caller Caller, id apikey.ID, version *int64, action audit.Action,
	edit func(key *apikey.Key, now time.Time) (bool, error)) (*apikey.Key, error) {
	for attempt := range changeAttempts {
		before, err := s.Store.Key(ctx, caller.Organization, id)
		if err != nil {
			return nil, err
		}
		if version != nil && before.Version() != *version {
			return nil, versionMismatch(before.Version())
		}
		now := s.now()
		after := before.Clone()
		changes, err := edit(after, now)
		if err != nil || !changes {
			return before, err
		}
		after.UpdatedAt = now
		stored, err := s.Store.Change(ctx, apikey.Change{
			Before:    before,
			After:     after,
			Activity:  changeEntry(caller, action, before, after, now),
			Exclusive: version != nil,
		})
		if !errors.Is(err, apikey.ErrMoved) {
			return stored, err
		}
		if err := pause(ctx, attempt); err != nil {
			return nil, fault.Outage("changing a key", err)
		}
	}
	return nil, errBusy()
}

// now is the time in whole seconds, as everything is kept.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Second) }

// pause waits a random time, longer with each attempt, so that those who race do not meet again.
func pause(ctx context.Context, attempt int) error {
	longest := 5 * time.Millisecond << attempt
	timer := time.NewTimer(rand.N(longest))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
