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
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/org"
)

// errand is a change that somebody asks for.
type errand struct {
	organization org.ID
	id           apikey.ID
	sight        apikey.Environment // whose keys who asks sees; empty: all
	version      *int64             // that the key must be at; nil: any
	actor        audit.Actor
	address      netip.Addr
	action       audit.Action
}

func errandOf(caller Caller, sight apikey.Environment, id apikey.ID, version *int64, action audit.Action) errand {
	return errand{
		organization: caller.Organization, id: id, sight: sight, version: version,
		actor: caller.Actor(), address: caller.Address, action: action,
	}
}

// edit works out what a key becomes; it reports whether that is a change at all. It may be asked more than once.
type edit func(before, after *apikey.Key, now time.Time) (changes bool, err error)

// changeAttempts bounds how often a change is worked out again because something moved under it.
const changeAttempts = 8

// change reads the key, lets edit work out what it becomes, and stores that, again where somebody else came between. It
// gives the key as it was and as it is stored.
func (s *Service) change(ctx context.Context, errand errand, edit edit) (before, after *apikey.Key, err error) {
	return changer{s.Store, s.Now}.change(ctx, errand, edit)
}

// judged works out what a key becomes, where the principal may do that.
type judged func(principal grant.Principal, before, after *apikey.Key, now time.Time) (changes bool, err error)

// changeAs changes a key as the caller asks, who is looked up anew at every attempt, after the key was read: who has lost
// what it takes meanwhile changes nothing any more. A key that changes itself is judged by the very state that the write is
// conditional on, so that it can't undo what just happened to it.
func (s *Service) changeAs(ctx context.Context, caller Caller, id apikey.ID, version *int64, action audit.Action, edit judged) (before, after *apikey.Key, err error) {
	sight, err := s.sight(ctx, caller)
	if err != nil {
		return nil, nil, err
	}
	return s.change(ctx, errandOf(caller, sight, id, version, action), func(before, after *apikey.Key, now time.Time) (bool, error) {
		principal, err := s.asks(ctx, caller, before)
		if err != nil {
			return false, err
		}
		return edit(principal, before, after, now)
	})
}

// asks is the caller as they stand now, who is about to change that key.
func (s *Service) asks(ctx context.Context, caller Caller, target *apikey.Key) (grant.Principal, error) {
	if caller.Key == target.ID {
		return s.Desk.KeyPrincipal(ctx, caller, &target.Record)
	}
	return s.Desk.Principal(ctx, caller)
}

// changer changes keys in a store.
type changer struct {
	store apikey.Keys
	now   func() time.Time
}

func (c changer) change(ctx context.Context, errand errand, edit edit) (before, after *apikey.Key, err error) {
	for attempt := range changeAttempts {
		before, after, err = c.attempt(ctx, errand, edit)
		if !errors.Is(err, apikey.ErrMoved) {
			return before, after, err
		}
		if err := Pause(ctx, attempt); err != nil {
			return nil, nil, fault.Outage("changing a key", err)
		}
	}
	return nil, nil, errBusy()
}

func (c changer) attempt(ctx context.Context, errand errand, edit edit) (before, stored *apikey.Key, err error) {
	before, err = see(ctx, c.store, errand.organization, errand.sight, errand.id)
	if err != nil {
		return nil, nil, err
	}
	if errand.version != nil && before.Version() != *errand.version {
		return nil, nil, versionMismatch(before.Version())
	}
	now := wholeSeconds(c.now())
	after := before.Clone()
	changes, err := edit(before, after, now)
	if err != nil || !changes {
		return before, before, err
	}
	after.UpdatedAt = now
	after.Restamp(&before.Record)
	stored, err = c.store.Change(ctx, apikey.Change{
		Before:    before,
		After:     after,
		Activity:  changeEntry(errand, before, after, now),
		Exclusive: errand.version != nil,
	})
	return before, stored, err
}

// Pause waits a random time, longer with each attempt, so that those who race do not meet again.
func Pause(ctx context.Context, attempt int) error {
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
