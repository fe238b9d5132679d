package keys

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/policy"
)

// MaxGrace is how long a secret may go on after it has been replaced.
const MaxGrace = 7 * 24 * time.Hour

// Regeneration asks for a new secret.
type Regeneration struct {
	GraceSeconds int64  // how long the secret so far goes on; 0: it dies at once
	Compromised  bool   // the secret has leaked: no grace, and one that still lasts ends
	Expiry       Expiry // when the key is to expire from now on; a JWT can't be given a later time otherwise. Not asked for: it stays
}

// Regenerated is a key with its new secret: the only time that it is shown.
type Regenerated struct {
	Key           *apikey.Key
	Secret        apikey.Secret
	PreviousUntil time.Time // when the secret before dies; zero: it is dead
	Warnings      []string
}

// Regenerate gives the key a new secret and, where that is asked for, another expiry; all else of it stays. The secret before
// goes on for the grace asked for, but never past the expiry that the key had, nor past the one that it has now; the one
// before that is dead in any case. Whoever is given a secret holds all that the key does. Of a locked key the expiry can't
// be changed.
func (s *Service) Regenerate(ctx context.Context, caller Caller, id apikey.ID, how Regeneration, version *int64) (Regenerated, error) {
	if err := how.validate(); err != nil {
		return Regenerated{}, err
	}
	var made Regenerated
	var err error
	_, made.Key, err = s.changeAs(ctx, caller, id, version, audit.KeyRegenerated,
		func(principal grant.Principal, before, after *apikey.Key, now time.Time) (bool, error) {
			if err := ended(before.StatusAt(now)); err != nil {
				return false, err
			}
			if principal.Retired && principal.Key == before.ID {
				return false, errRetired()
			}
			if err := s.prolong(ctx, after, how.Expiry, now); err != nil {
				return false, err
			}
			weight, err := s.weigh(ctx, &before.Record)
			if err == nil {
				err = mayGive(principal, after, weight)
			}
			if err != nil {
				return false, err
			}
			how.retire(after, before.ExpiresAt, now)
			if before.Inherits != "" {
				after.Permissions = how.lower(before.Permissions, ceiling(principal, before.Inherits))
			}
			made.Secret, err = s.renew(ctx, after, now)
			made.PreviousUntil, made.Warnings = after.GraceUntil, warnings(after, weight)
			return true, err
		})
	if err != nil {
		return Regenerated{}, err
	}
	return made, nil
}

// prolong gives the key the expiry that is asked for with its new secret.
func (s *Service) prolong(ctx context.Context, key *apikey.Key, asked Expiry, now time.Time) error {
	if !asked.Asked() {
		return nil
	}
	organization, err := s.Organizations.Organization(ctx, key.Organization)
	if err != nil {
		return err
	}
	if s.locked(key, organization) {
		return errLocked()
	}
	key.ExpiresAt, err = asked.resolve(s.Catalog, now)
	return err
}

func (r Regeneration) validate() error {
	const longest = int64(MaxGrace / time.Second)
	const field = "grace_period_seconds"
	if r.GraceSeconds < 0 || r.GraceSeconds > longest {
		return fault.InvalidField(field, "%s must be a whole number from 0 to %d, which is seven days, not %d.", field, longest, r.GraceSeconds)
	}
	if r.Compromised && r.GraceSeconds > 0 {
		return fault.InvalidField(field, "%s must be 0 where the secret is compromised: it dies at once.", field)
	}
	return nil
}

// lower is the ceiling of an inheriting key: that of who gets the new secret and, while the one before goes on, of who has
// that.
func (r Regeneration) lower(before, now []string) []string {
	if r.GraceSeconds == 0 || len(before) == 0 {
		return now
	}
	if now == nil {
		return before
	}
	return policy.LowerCeiling(before, now)
}

// errRetired keeps whoever has the secret before from taking the key from whoever has the new one.
func errRetired() error {
	return fault.New(fault.GrantDenied, "The secret that asks is being retired. Use the key's new secret.")
}

// retire lets the current secret go on for the grace, in the place of whatever secret was retiring before. It would have
// ended with the key's expiry so far.
func (r Regeneration) retire(key *apikey.Key, expired, now time.Time) {
	key.Retiring, key.GraceUntil = "", time.Time{}
	if r.GraceSeconds == 0 {
		return
	}
	until := now.Add(time.Duration(r.GraceSeconds) * time.Second)
	for _, end := range []time.Time{expired, key.ExpiresAt} {
		if later(until, end) {
			until = end
		}
	}
	key.Retiring, key.GraceUntil = key.Digest, until
}
