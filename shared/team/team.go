// Package team is the service behind the endpoints for an organization itself: its settings, its members and its own
// roles.
package team

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// Service manages organizations.
type Service struct {
	Organizations org.Store
	Keys          apikey.Keys // who has a role
	Desk          grant.Desk
	Follower      keys.Follower
	Catalog       *policy.Catalog
	Issuer        string // of session tokens: whose subjects members are named by
	Now           func() time.Time
}

// attempts bounds how often a change is worked out again because the organization moved under it.
const attempts = 8

// errBusy is why a change is given up. It is no org.ErrMoved: whoever repeats around it stops.
var errBusy = errors.New("the organization moved at every attempt")

// repeatedly does what may find that the organization has moved, until it has not.
func repeatedly(ctx context.Context, doing string, do func() error) error {
	for attempt := range attempts {
		err := do()
		if !errors.Is(err, org.ErrMoved) {
			return err
		}
		if err := keys.Pause(ctx, attempt); err != nil {
			return fault.Outage(doing, err)
		}
	}
	return fault.Outage(doing, errBusy)
}

// now is the time in whole seconds, as everything is kept.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Second) }

func (s *Service) entry(caller grant.Caller, action audit.Action, target string) audit.Entry {
	return audit.NewEntry(s.now(), caller.Actor(), action, target, caller.Address)
}

// difference are those of after that before lacks.
func difference(after, before []string) []string {
	return slices.DeleteFunc(slices.Clone(after), func(id string) bool { return slices.Contains(before, id) })
}
