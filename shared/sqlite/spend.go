package sqlite

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

// Spend implements apikey.Spender.
func (s *Store) Spend(ctx context.Context, spend apikey.Spend) (apikey.Outcome, error) {
	var outcome apikey.Outcome
	err := s.committer.write(ctx, func(b *batch) error {
		hot, err := b.record(spend.ID)
		if err == nil {
			outcome = hot.spend(b, spend)
		}
		return err
	})
	if err != nil {
		return apikey.Outcome{}, told(err, "spending on %s", spend.ID)
	}
	return outcome, nil
}

// Read implements apikey.Spender.
func (s *Store) Read(ctx context.Context, id apikey.ID) (*apikey.Record, error) {
	var record *apikey.Record
	err := s.committer.read(ctx, func(b *batch) error {
		hot, err := b.record(id)
		if err == nil && hot.record != nil {
			record = hot.record.Clone()
		}
		return err
	})
	if err != nil {
		return nil, told(err, "reading %s", id)
	}
	return record, nil
}

// Rules implements apikey.Spender. A record never leaves its rules Apart here.
func (s *Store) Rules(ctx context.Context, id apikey.ID, rulesID string) (*apikey.Rules, error) {
	record, err := s.Read(ctx, id)
	if err != nil || record == nil || record.RulesID != rulesID {
		return nil, err
	}
	return new(record.Rules()), nil
}

// Rehash implements apikey.Spender.
func (s *Store) Rehash(ctx context.Context, id apikey.ID, old, new apikey.Digest) error {
	err := s.committer.write(ctx, func(b *batch) error {
		hot, err := b.record(id)
		if err == nil {
			hot.rehash(b, old, new)
		}
		return err
	})
	if err != nil {
		return told(err, "rehashing %s", id)
	}
	return nil
}

// Touch implements apikey.Spender.
func (s *Store) Touch(ctx context.Context, id apikey.ID, at time.Time, from netip.Addr) error {
	err := s.committer.write(ctx, func(b *batch) error {
		hot, err := b.record(id)
		if err == nil {
			hot.touch(b, at, from)
		}
		return err
	})
	if err != nil {
		return told(err, "touching %s", id)
	}
	return nil
}

// SpendSession implements org.Sessions.
func (s *Store) SpendSession(ctx context.Context, identity org.Identity, limit int64, at time.Time) (ratelimit.Counts, bool, error) {
	var counts ratelimit.Counts
	var spent bool
	err := s.committer.write(ctx, func(b *batch) error {
		person, err := b.person(identity.Hash())
		if err == nil {
			spent = person.spend(b, limit, at)
			counts = slices.Clone(person.counts)
		}
		return err
	})
	if err != nil {
		return nil, false, told(err, "counting a session")
	}
	return counts, spent, nil
}
