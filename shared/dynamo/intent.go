package dynamo

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// intent is a whole change, written on the details before the record shows it: enough for anyone to carry it through,
// or to take it back. Details have at most one.
type intent struct {
	id       string // the activity's
	activity item
	base     int64    // the version of the record that the change is made on
	set      item     // what the change sets in the record
	removed  []string // and what it removes
	revoking bool
	prose    item      // what people wrote, after the change
	revises  bool      // prose differs from what it was
	rules    apart     // what is kept apart after the change
	updated  time.Time // UpdatedAt after the change
	before   time.Time // until when the key held its place before
	after    time.Time // and will after
}

const (
	intActivity = "activity"
	intBase     = "base"
	intSet      = "set"
	intRemoved  = "removed"
	intRevoking = "revoking"
	intProse    = "prose"
	intRevises  = "revises"
	intUpdated  = "updated"
	intBefore   = "before"
	intAfter    = "after"
	intRules    = "rules"
)

func (n *intent) item() item {
	i := item{
		actID:       text(n.id),
		intActivity: nested(n.activity),
		intBase:     number(n.base),
		intSet:      nested(n.set),
		intProse:    nested(n.prose),
	}
	i.setTexts(intRemoved, n.removed)
	i.setFlag(intRevoking, n.revoking)
	i.setFlag(intRevises, n.revises)
	i.setTime(intUpdated, n.updated)
	i.setTime(intBefore, n.before)
	i.setTime(intAfter, n.after)
	i.setText(intRules, n.rules.id)
	return i
}

func intentOf(i item) *intent {
	if i == nil {
		return nil
	}
	return &intent{
		id:       i.text(actID),
		activity: i.nested(intActivity),
		base:     i.number(intBase),
		set:      i.nested(intSet),
		removed:  i.texts(intRemoved),
		revoking: i.flag(intRevoking),
		prose:    i.nested(intProse),
		revises:  i.flag(intRevises),
		updated:  i.time(intUpdated),
		before:   i.time(intBefore),
		after:    i.time(intAfter),
		rules:    apart{id: i.text(intRules)},
	}
}

func (n *intent) at() time.Time { return n.activity.time(actAt) }

// changesRecord reports whether the record's version grows.
func (n *intent) changesRecord() bool { return len(n.set)+len(n.removed) > 0 }

// pending is how the record names n once it shows it.
func (n *intent) pending() pending {
	return pending{id: n.id, renewed: n.set[hotDigest] != nil}
}

// later is the later of two expiries; the zero time is never, and later than any.
func later(a, b time.Time) time.Time {
	if a.IsZero() || b.IsZero() {
		return time.Time{}
	}
	if a.After(b) {
		return a
	}
	return b
}

// claiming are d with n on them: a new name is claimed, new rules are written, and a later expiry already holds, so that
// nobody releases a key that is about to live longer.
func (d *details) claiming(n *intent) *details {
	next := d.clone()
	next.intent = n
	next.expiry = later(n.before, n.after)
	return next
}

// withdrawn are d as they were before their intent.
func (d *details) withdrawn() *details {
	next := d.clone()
	next.expiry = d.intent.before
	next.intent = nil
	return next
}

// fulfilled are d after their intent, which the record r shows.
func (d *details) fulfilled(r *apikey.Record) *details {
	n := d.intent
	next := d.clone()
	next.intent = nil
	next.expiry = n.after
	next.rules = n.rules
	next.write(n.prose, n.revises, n.updated)
	if n.changesRecord() {
		next.applied = n.base + 1
	}
	if n.revoking {
		next.revoke(r)
	}
	return next
}

// showing are d after a change p of the record alone. The last of what is pending shows the record as r is.
func (d *details) showing(p pending, r *apikey.Record) *details {
	next := d.clone()
	next.applied = p.version
	next.UpdatedAt = p.updated
	if !d.Released {
		next.expiry = r.ExpiresAt
	}
	if !r.RevokedAt.IsZero() && p.version == r.Version {
		next.revoke(r)
	}
	return next
}

// rewritten are d with other prose, and nothing else changed.
func (d *details) rewritten(prose item, revises bool, updated time.Time) *details {
	next := d.clone()
	next.write(prose, revises, updated)
	return next
}

// expired are d after their expiry has been settled.
func (d *details) expired() *details {
	next := d.clone()
	next.Released, next.ended = true, d.expiry
	next.Revision++
	return next
}

func (d *details) write(prose item, revises bool, updated time.Time) {
	readProse(&d.Details, prose)
	d.UpdatedAt = updated
	if revises {
		d.Revision++
	}
}

// revoke ends d: its retention counts from whichever came first, its expiry or its revocation.
func (d *details) revoke(r *apikey.Record) {
	d.revoked = true
	d.Released = true
	if d.ended = endOf(r); d.ended.IsZero() {
		d.ended = r.RevokedAt
	}
}

// endOf is when the retention of a key begins: when it was revoked or expires, whichever is earlier; zero: never.
func endOf(r *apikey.Record) time.Time {
	if r.RevokedAt.IsZero() || (!r.ExpiresAt.IsZero() && r.ExpiresAt.Before(r.RevokedAt)) {
		return r.ExpiresAt
	}
	return r.RevokedAt
}
