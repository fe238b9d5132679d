package dynamo

import (
	"context"
	"errors"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
)

// How a change moves through the items.
//
// A transaction and a single write of the same item cancel each other, so whoever hammers a leaked key could starve
// its revocation. Therefore only a create's transaction names a hot record. Every later change of the record is one
// conditional update, which is the instant at which the change happens, and which notes it as pending. The cold items
// follow in a transaction, then the note goes. There are three ways:
//
//	details alone   one cold transaction
//	record alone    record (with the note), cold transaction, note removed
//	both, or one    cold transaction that writes the whole change as an intent on the details and claims a new name, a
//	that claims     later expiry or rules to be kept apart; record; cold transaction that fulfils the intent; note removed
//
// Whatever is found unfinished is finished first, by whoever finds it (finish.go), but that a revocation waits for
// nothing. An intent is carried out by anyone, under the conditions under which its owner would have: its record has
// not moved since. So it makes no difference who is first.

// rounds is how often a change starts again from a fresh read because somebody else was faster.
const rounds = 16

var errAgain = errors.New("the key moved during this step: read it and try again")

var errRounds = errors.New("the key kept moving")

// Change implements apikey.Keys.
func (s *Store) Change(ctx context.Context, c apikey.Change) (*apikey.Key, error) {
	if err := stamped(&c.Before.Record, &c.After.Record); err != nil {
		return nil, err
	}
	p := newPlan(c)
	for round := range rounds {
		st, err := s.state(ctx, p.organization(), p.id())
		if err == nil {
			err = s.step(ctx, p, st)
		}
		if err == nil {
			return s.Key(ctx, p.organization(), p.id())
		}
		if !errors.Is(err, errAgain) {
			return nil, err
		}
		if err := pause(ctx, round); err != nil {
			return nil, s.giveUp("changing a key", err)
		}
	}
	return nil, s.giveUp("changing a key", errRounds)
}

// step carries the change as far as the state allows: nil once it is done, errAgain to be called with a fresh state.
func (s *Store) step(ctx context.Context, p *plan, st *state) error {
	if st == nil || st.details == nil {
		return apikey.ErrMoved
	}
	if st.shows(p.Activity.ID) {
		return s.finish(ctx, st)
	}
	waits := p.claims(st.details) || !p.revoking
	if waits && st.unfinished() {
		return again(s.finish(ctx, st))
	}
	if !p.stands(st) {
		return s.moved(ctx, p)
	}
	switch {
	case p.claims(st.details):
		return s.claim(ctx, p, st)
	case p.changesRecord():
		return s.changeRecord(ctx, p, st)
	default:
		return s.changeDetails(ctx, p, st)
	}
}

// again turns a success that was a step on the way into errAgain.
func again(err error) error {
	if err == nil {
		return errAgain
	}
	return err
}

// moved tells a change that came too late from one that somebody else has carried through already.
func (s *Store) moved(ctx context.Context, p *plan) error {
	done, err := s.wrote(ctx, p.organization(), p.Activity.ID)
	if err == nil && !done {
		return apikey.ErrMoved
	}
	return err
}

// changeDetails is the way of a change of details alone. The name that it needs is claimed in the same transaction.
func (s *Store) changeDetails(ctx context.Context, p *plan, st *state) error {
	t := s.newTx(p.organization())
	t.move(st.details, st.details.rewritten(p.prose, p.revises, p.updated()))
	t.putActivity(p.organization(), p.Activity.ID, p.Activity.Target, p.activity)
	return s.write(ctx, "changing a key's details", token(p.Activity.ID, st.details), t, p.Activity)
}

// changeRecord is the way of a change of the record alone: it holds from the first write on.
func (s *Store) changeRecord(ctx context.Context, p *plan, st *state) error {
	note := pending{
		id: p.Activity.ID, version: st.record.Version + 1, updated: p.updated(),
		renewed: p.set[hotDigest] != nil, activity: p.activity,
	}
	u := commitUpdate(p.set, p.removed, st.record.Version, p.revoking, p.Activity.At)
	if !p.revoking {
		u.whereAbsent(hotPending)
	}
	hot, met, err := s.update(ctx, "changing a key's record", authKey(p.id()), u.enlist(note, p.Activity.At, st.record))
	if err != nil {
		return err
	}
	if now := st.now(hot); met || hot != nil && now.shows(p.Activity.ID) {
		return s.finish(ctx, now)
	}
	return errAgain
}

// claim is the way of a change of both parts, or of one that claims something: it becomes an intent, and an intent is
// carried out as anyone would. finish succeeds only where it has fulfilled the intent.
func (s *Store) claim(ctx context.Context, p *plan, st *state) error {
	d := st.details
	n := &intent{
		id: p.Activity.ID, activity: p.activity, base: st.record.Version, set: p.set, removed: p.removed,
		revoking: p.revoking, prose: p.prose, revises: p.revises, updated: p.updated(),
		before: d.expiry, after: whole(p.After.ExpiresAt), rules: p.keeps(d),
	}
	if !p.revises {
		n.prose = prose(d.Details)
	}
	claimed := d.claiming(n)
	t := s.newTx(p.organization())
	t.move(d, claimed)
	if err := s.write(ctx, "claiming a change", token(n.id+"c", d), t, p.Activity); err != nil {
		return err
	}
	return s.finish(ctx, &state{hot: st.hot, record: st.record, pending: st.pending, details: claimed})
}

// write commits a transaction that belongs to a change. Where a name is in the way, it is released if its holder has
// expired.
func (s *Store) write(ctx context.Context, doing, token string, t *tx, cause audit.Entry) error {
	err := s.commit(ctx, doing, token, t)
	reasons, ok := errors.AsType[refused](err)
	if !ok {
		return err
	}
	holder, taken := reasons.name()
	if !taken {
		return errAgain
	}
	expired, err := s.expiredHolder(ctx, t.organization, holder, cause.At)
	if err == nil && expired != nil {
		_, err = s.release(ctx, expired, cause.At)
	}
	return again(err)
}

// commitUpdate is the update by which the record shows a change, under the conditions of every change: the version
// stands, the key is not revoked and, but for a revocation, had not expired when the change was asked for.
func commitUpdate(set item, removed []string, version int64, revoking bool, at time.Time) *update {
	u := newUpdate()
	for name, value := range set {
		u.set(name, value)
	}
	for _, name := range removed {
		u.remove(name)
	}
	u.whereEqual(hotVersion, number(version)).whereAbsent(hotRevoked)
	if len(set)+len(removed) > 0 {
		u.set(hotVersion, number(version+1))
	}
	if !revoking {
		expires := u.name(hotExpires)
		u.where("(attribute_not_exists(" + expires + ") OR " + expires + " > " + u.value(number(at.Unix())) + ")")
	}
	return u
}
