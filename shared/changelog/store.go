package changelog

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

// Store is a store that writes a line for every change.
type Store struct {
	apikey.Store
	log *slog.Logger
	now func() time.Time
}

// Record is store, writing lines to log, which must not leave out what is of the level Info.
func Record(store apikey.Store, log *slog.Logger, now func() time.Time) *Store {
	return &Store{store, log, now}
}

// certain are the errors by which a store says that it has changed nothing. All others leave it open.
var certain = []error{
	apikey.ErrMoved, apikey.ErrIDTaken, apikey.ErrIdempotencyUsed, org.ErrMoved,
	fault.NameTaken, fault.KeyLimitReached, fault.KeyNotFound, fault.MemberNotFound, fault.ThingNotFound,
}

func (s *Store) write(ctx context.Context, message string, line Line) {
	s.log.InfoContext(ctx, message, Field, line)
}

// recorded has the change of a line happen.
func (s *Store) recorded(ctx context.Context, line Line, change func() error) error {
	s.write(ctx, Message, line)
	err := change()
	if happenedNot(err) && line.ID != "" {
		s.write(ctx, Refused, Line{Version: Version, ID: line.ID, At: line.At, Action: line.Action})
	}
	return err
}

func happenedNot(err error) bool {
	return err != nil && !errors.Is(err, fault.Unavailable) &&
		slices.ContainsFunc(certain, func(known error) bool { return errors.Is(err, known) })
}

// Create implements apikey.Keys.
func (s *Store) Create(ctx context.Context, creation apikey.Creation) error {
	return s.recorded(ctx, keyLine(nil, creation.Key, creation.Activity), func() error { return s.Store.Create(ctx, creation) })
}

// Change implements apikey.Keys.
func (s *Store) Change(ctx context.Context, change apikey.Change) (stored *apikey.Key, err error) {
	err = s.recorded(ctx, keyLine(change.Before, change.After, change.Activity), func() error {
		stored, err = s.Store.Change(ctx, change)
		return err
	})
	return stored, err
}

// Settle implements apikey.Cleaner. Time itself ends a key, so that an expiry that was marked has nothing to replay.
func (s *Store) Settle(ctx context.Context, key apikey.DueKey, now time.Time) (expired bool, err error) {
	if expired, err = s.Store.Settle(ctx, key, now); expired {
		s.tidied(ctx, audit.KeyExpired, key)
	}
	return expired, err
}

// Delete implements apikey.Cleaner. What it deletes has ended before.
func (s *Store) Delete(ctx context.Context, key apikey.DueKey, endedBefore time.Time) (deleted bool, err error) {
	if deleted, err = s.Store.Delete(ctx, key, endedBefore); deleted {
		s.tidied(ctx, audit.KeyDeleted, key)
	}
	return deleted, err
}

func (s *Store) tidied(ctx context.Context, action audit.Action, key apikey.DueKey) {
	s.write(ctx, Message, Line{
		Version: Version, At: s.now().UTC().Truncate(time.Second), Action: action, Actor: audit.System,
		Organization: key.Organization, KeyID: key.ID.String(),
	})
}

// Found implements org.Store.
func (s *Store) Found(ctx context.Context, organization org.Organization, first org.Member, activity audit.Entry) error {
	return s.recorded(ctx, accountLine(organization, activity), func() error { return s.Store.Found(ctx, organization, first, activity) })
}

// ChangeOrganization implements org.Store.
func (s *Store) ChangeOrganization(ctx context.Context, before, after org.Organization, activity *audit.Entry) (stored org.Organization, err error) {
	if activity == nil {
		return s.Store.ChangeOrganization(ctx, before, after, nil)
	}
	err = s.recorded(ctx, accountLine(after, *activity), func() error {
		stored, err = s.Store.ChangeOrganization(ctx, before, after, activity)
		return err
	})
	return stored, err
}

// ChangeMember implements org.Store.
func (s *Store) ChangeMember(ctx context.Context, change org.MemberChange) error {
	return s.recorded(ctx, memberLine(change), func() error { return s.Store.ChangeMember(ctx, change) })
}

// ChangeRoles implements org.Store.
func (s *Store) ChangeRoles(ctx context.Context, change org.RolesChange) error {
	if change.Activity == nil {
		return s.Store.ChangeRoles(ctx, change)
	}
	return s.recorded(ctx, roleLine(change), func() error { return s.Store.ChangeRoles(ctx, change) })
}

// Withdraw implements apikey.PublicKeys.
func (s *Store) Withdraw(ctx context.Context, id string) error {
	line := Line{Version: Version, At: s.now().UTC().Truncate(time.Second), Action: SigningKeyWithdrawn, Actor: audit.System, SigningKey: id}
	return s.recorded(ctx, line, func() error { return s.Store.Withdraw(ctx, id) })
}
