package keys

import (
	"context"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/grant"
)

// afterwardsTime is how long putting right what was written may take.
const afterwardsTime = 5 * time.Second

// afterwards is the context for putting right what was written, whether or not who asked still waits.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), afterwardsTime)
}

// confirm looks at the organization's own roles again, now that the key has those given. Whoever deletes a role marks it
// first and looks who has it then: so one of the two sees the other, and no key keeps a role that is gone. Where one is
// being deleted, or nobody can tell, takeBack is called with it, and the error says why.
func (s *Service) confirm(ctx context.Context, caller Caller, given []string, takeBack func(ctx context.Context, gone []string) error) error {
	own, failed := s.Desk.RolesFor(ctx, caller.Organization, given)
	var gone []string
	for _, id := range given {
		if err := givable(s.Catalog, own, id); err != nil {
			gone = append(gone, id)
			if failed == nil {
				failed = err
			}
		}
	}
	if len(gone) == 0 {
		return nil
	}
	ctx, cancel := afterwards(ctx)
	defer cancel()
	if err := takeBack(ctx, gone); err != nil {
		return err
	}
	return failed
}

// confirmCreated confirms a new key; a key that is not to be is revoked.
func (s *Service) confirmCreated(ctx context.Context, principal grant.Principal, key *apikey.Key) error {
	return s.confirm(ctx, principal.Caller, key.Roles, func(ctx context.Context, _ []string) error {
		_, _, err := s.change(ctx, errandOf(principal.Caller, sightOf(principal), key.ID, nil, audit.KeyRevoked), revoke)
		return err
	})
}

// confirmUpdated confirms the roles that a change has added; those that are not to be are taken away, and the rest of the
// change stays.
func (s *Service) confirmUpdated(ctx context.Context, principal grant.Principal, before, after *apikey.Key) error {
	return s.confirm(ctx, principal.Caller, without(after.Roles, before.Roles), func(ctx context.Context, gone []string) error {
		_, _, err := s.change(ctx, errandOf(principal.Caller, sightOf(principal), after.ID, nil, audit.KeyUpdated),
			func(before, after *apikey.Key, now time.Time) (bool, error) {
				after.Roles = without(before.Roles, gone)
				return before.LiveAt(now) && !slices.Equal(before.Roles, after.Roles), nil
			})
		return err
	})
}
