package dynamo

import (
	"context"
	"errors"
	"strconv"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
)

// Create is one transaction, the only one that names a hot record: nobody can be spending a key that does not exist
// yet. Where it meets an expired key's name, or a full account, it is tried again with the release of what has expired
// in it.
func (s *Store) Create(ctx context.Context, c apikey.Creation) error {
	released := &releases{keys: map[apikey.ID]*state{}}
	for round := range rounds {
		if err := s.forgetSecrets(ctx, released); err != nil {
			return err
		}
		err := s.commit(ctx, "creating a key", c.Activity.ID+"-"+strconv.Itoa(round), s.creation(c, released))
		reasons, ok := errors.AsType[refused](err)
		if !ok {
			return err
		}
		if err := s.makeWay(ctx, c, reasons, released); err != nil {
			return err
		}
		if err := pause(ctx, round); err != nil {
			return s.giveUp("creating a key", err)
		}
	}
	return s.giveUp("creating a key", errRounds)
}

// releases are the expired keys that a create releases in its own transaction.
type releases struct {
	keys  map[apikey.ID]*state
	limit int64 // the account's, once it has been found full
}

// forgetSecrets deletes the sealed secrets of keys that have expired, for good: no change revives an expired key.
func (s *Store) forgetSecrets(ctx context.Context, released *releases) error {
	for _, st := range released.keys {
		if err := s.forgetSecret(ctx, st.details); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) creation(c apikey.Creation, released *releases) *tx {
	t := s.newTx(c.Key.Organization)
	for _, st := range released.keys {
		t.expire(st, c.Activity.At)
	}
	t.put(authKey(c.Key.ID), hotItem(&c.Key.Record), absent())
	t.move(nil, newDetails(c.Key))
	t.putActivity(c.Key.Organization, c.Activity.ID, c.Activity.Target, activityItem(c.Activity))
	t.putIdempotency(c.Idempotency, c.Activity.At)
	t.needsRoom, t.limit = true, released.limit
	if c.Key.TierInherited {
		t.tier = c.Key.Tier
	}
	return t
}

// makeWay turns what refused a create into its fault, or has the next try release what has expired. The
// Idempotency-Key is looked at first: a create that is repeated meets its own name.
func (s *Store) makeWay(ctx context.Context, c apikey.Creation, reasons refused, released *releases) error {
	if c.Idempotency != nil {
		if _, used := reasons[idemKey(c.Idempotency.ID)]; used {
			return apikey.ErrIdempotencyUsed
		}
	}
	if _, taken := reasons[authKey(c.Key.ID)]; taken {
		return apikey.ErrIDTaken
	}
	if err := s.refresh(ctx, released, reasons, c); err != nil {
		return err
	}
	if holder, taken := reasons[nameKey(c.Key.Organization, apikey.FoldName(c.Key.Name))]; taken && holder != nil {
		st, err := s.expiredHolder(ctx, c.Key.Organization, holder, c.Activity.At)
		if err != nil {
			return err
		}
		released.add(st)
	}
	if account, full := reasons[orgKey(c.Key.Organization)]; full {
		return s.makeRoom(ctx, c, account, released)
	}
	return nil
}

func (r *releases) add(st *state) {
	if st != nil {
		r.keys[st.record.ID] = st
	}
}

// refresh drops the releases that others have made meanwhile: those of which the details have moved.
func (s *Store) refresh(ctx context.Context, released *releases, reasons refused, c apikey.Creation) error {
	for id, st := range released.keys {
		if _, moved := reasons[st.details.key()]; !moved {
			continue
		}
		delete(released.keys, id)
		now, err := s.settled(ctx, c.Key.Organization, id)
		if err != nil {
			return err
		}
		if now != nil && now.expiredUnreleased(c.Activity.At) {
			released.add(now)
		}
	}
	return nil
}

// makeRoom adds expired keys to released, as many as account is short of, up to what a transaction can hold.
func (s *Store) makeRoom(ctx context.Context, c apikey.Creation, account item, released *releases) error {
	if len(account) == 0 {
		return fault.New(fault.ThingNotFound, "There is no such organization.")
	}
	if c.Key.TierInherited && account.text(orgTier) != c.Key.Tier {
		return apikey.ErrMoved
	}
	released.limit = account.number(orgLimit)
	short := account.number(orgLive) - account.number(orgLimit) + 1 - int64(len(released.keys))
	if short <= 0 {
		return nil
	}
	expired, err := s.expiredKeys(ctx, c.Key.Organization, c.Activity.At, released)
	if err != nil {
		return err
	}
	if len(expired) == 0 {
		return apikey.LimitReached(account.number(orgLimit))
	}
	for _, st := range expired {
		if short > 0 && len(released.keys) < releasedAtOnce {
			released.add(st)
			short--
			continue
		}
		if short > 0 { // an account far over its limit: the transaction holds no more
			if _, err := s.release(ctx, st, c.Activity.At); err != nil && !errors.Is(err, errAgain) {
				return err
			}
			short--
		}
	}
	return nil
}
