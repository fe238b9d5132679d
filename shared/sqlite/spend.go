package sqlite

import (
	"context"
	"fmt"
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
	err := s.committer.write(ctx, func(b *batch) (err error) {
		outcome, err = b.spend(spend)
		return err
	})
	if err != nil {
		return apikey.Outcome{}, fmt.Errorf("spending on %s: %w", spend.ID, err)
	}
	return outcome, nil
}

func (b *batch) spend(spend apikey.Spend) (apikey.Outcome, error) {
	hot, err := b.record(spend.ID)
	if err != nil || hot.record == nil {
		return apikey.Outcome{}, err
	}
	spent := hot.record.Refuses(spend) == apikey.Allowed
	if spent {
		hot.record.Take(spend)
		hot.used = true
	}
	return apikey.Outcome{Spent: spent, Record: hot.record.Clone()}, nil
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
		return nil, fmt.Errorf("reading %s: %w", id, err)
	}
	return record, nil
}

// Rehash implements apikey.Spender.
func (s *Store) Rehash(ctx context.Context, id apikey.ID, old, new apikey.Digest) error {
	err := s.committer.write(ctx, func(b *batch) error {
		hot, err := b.record(id)
		if err == nil && hot.record != nil {
			hot.rehash(old, new)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("rehashing %s: %w", id, err)
	}
	return nil
}

func (h *hot) rehash(old, new apikey.Digest) {
	for _, digest := range []*apikey.Digest{&h.record.Digest, &h.record.Retiring} {
		if digest.Equal(old) {
			*digest = new
			h.rehashed = true
		}
	}
}

// Touch implements apikey.Spender.
func (s *Store) Touch(ctx context.Context, id apikey.ID, at time.Time, from netip.Addr) error {
	err := s.committer.write(ctx, func(b *batch) error {
		hot, err := b.record(id)
		if err == nil && hot.record != nil {
			hot.record.LastUsedAt, hot.record.LastUsedIP = at.UTC().Truncate(time.Second), from
			hot.used = true
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("touching %s: %w", id, err)
	}
	return nil
}

// SpendSession implements session.Spender.
func (s *Store) SpendSession(ctx context.Context, identity org.Identity, limit int64, at time.Time) (ratelimit.Counts, bool, error) {
	var counts ratelimit.Counts
	var spent bool
	err := s.committer.write(ctx, func(b *batch) error {
		person, err := b.person(identity.Hash())
		if err == nil {
			spent = person.spend(limit, at)
			counts = slices.Clone(person.counts)
		}
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("counting a session: %w", err)
	}
	return counts, spent, nil
}

func (p *person) spend(limit int64, at time.Time) bool {
	if _, full := p.counts.Full(ratelimit.Limits{PerMinute: limit}, at); full {
		return false
	}
	p.counts = p.counts.Fresh(at).Add(at)
	p.used = true
	return true
}
