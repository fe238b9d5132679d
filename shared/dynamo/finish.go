package dynamo

import (
	"context"
	"errors"
	"strconv"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
)

// token names a step of a change for DynamoDB: what is written follows from the change and from the details that it
// is written on. It has at most 36 characters.
func token(change string, d *details) string { return change + "-" + strconv.FormatInt(d.step, 36) }

// finish carries through what is unfinished on a key: first its intent, then what is pending, in order; then the sealed
// secret goes of a key that is revoked or has another secret now, and then the note in the record. It may be cut off after
// each step, and any number may do it at once: each step is conditional on the one before it. errAgain says that another
// was faster.
func (s *Store) finish(ctx context.Context, st *state) error {
	if st.details == nil {
		return nil
	}
	if st.details.intent != nil {
		if err := s.finishIntent(ctx, &st); err != nil {
			return err
		}
	}
	for _, p := range st.pending {
		if p.activity != nil && p.version > st.details.applied {
			if err := s.apply(ctx, st, st.details.showing(p, st.record), p.id, p.activity); err != nil {
				return err
			}
		}
	}
	return s.clear(ctx, st)
}

// finishIntent has the record show the intent, on its owner's behalf if need be, and fulfils it. Where the record has
// moved since the intent was written it never will show it, and the intent is withdrawn.
func (s *Store) finishIntent(ctx context.Context, st **state) error {
	n := (*st).details.intent
	if !(*st).shows(n.id) {
		now, err := s.commitIntent(ctx, *st)
		if err != nil {
			return err
		}
		*st = now
	}
	if !(*st).shows(n.id) {
		return again(s.withdraw(ctx, *st))
	}
	return s.apply(ctx, *st, (*st).details.fulfilled((*st).record), n.id, n.activity)
}

// commitIntent tries to have the record show the intent. It gives the state with the record as it then stands.
func (s *Store) commitIntent(ctx context.Context, st *state) (*state, error) {
	n := st.details.intent
	u := commitUpdate(n.set, n.removed, n.base, n.revoking, n.at()).whereAbsent(hotPending)
	hot, _, err := s.update(ctx, "changing a key's record", authKey(st.record.ID), u.enlist(n.pending(), n.at(), st.record))
	if err != nil {
		return nil, err
	}
	if hot == nil {
		return nil, apikey.ErrMoved
	}
	return st.now(hot), nil
}

// withdraw takes the intent back. That the record does not show it, and never will, was read after the intent: the
// version that it names is gone, or the key is revoked or expired.
func (s *Store) withdraw(ctx context.Context, st *state) error {
	if !st.hopeless() {
		return s.clear(ctx, st) // another change's note is in the way, and carried through
	}
	t := s.newTx(st.details.organization)
	t.move(st.details, st.details.withdrawn())
	return stepped(s.commit(ctx, "withdrawing a change", token(st.details.intent.id+"w", st.details), t))
}

// hopeless reports whether the record can never show the intent any more.
func (st *state) hopeless() bool {
	n := st.details.intent
	expired := !n.revoking && st.record.StatusAt(n.at()) == apikey.Expired
	return st.record.Version != n.base || !st.record.RevokedAt.IsZero() || expired
}

// apply moves the cold items to next, writes the activity, and gives st the details that it wrote.
func (s *Store) apply(ctx context.Context, st *state, next *details, change string, activity item) error {
	t := s.newTx(next.organization)
	t.move(st.details, next)
	t.putActivity(next.organization, change, st.record.ID.String(), activity)
	err := stepped(s.commit(ctx, "applying a change", token(change+"a", st.details), t))
	if err == nil {
		st.details = next
	}
	return err
}

// clear removes the sealed secret of a key that is revoked or has another secret now, and then the note of what has been
// carried through.
func (s *Store) clear(ctx context.Context, st *state) error {
	if !st.record.RevokedAt.IsZero() || st.renewed() {
		if err := s.forgetSecret(ctx, st.details); err != nil {
			return err
		}
	}
	if len(st.pending) == 0 {
		return nil
	}
	now, met, err := s.update(ctx, "closing a change", authKey(st.record.ID), delist(st.hot))
	if err == nil && !met && now[hotPending] != nil {
		return errAgain
	}
	return err
}

// stepped turns a refusal into errAgain: the step was taken by another.
func stepped(err error) error {
	if _, ok := errors.AsType[refused](err); ok {
		return errAgain
	}
	return err
}

// settled finishes what is unfinished on a key and gives the key as it then stands; nil where there is none.
func (s *Store) settled(ctx context.Context, o org.ID, id apikey.ID) (*state, error) {
	for round := range rounds {
		st, err := s.state(ctx, o, id)
		if st == nil || err != nil || !st.unfinished() {
			return st, err
		}
		if err := s.finish(ctx, st); err != nil && !errors.Is(err, errAgain) {
			return nil, err
		}
		if err := pause(ctx, round); err != nil {
			return nil, s.giveUp("finishing a change", err)
		}
	}
	return nil, s.giveUp("finishing a change", errRounds)
}
