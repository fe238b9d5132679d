package sqlite

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/ratelimit"
)

// hot is a record in the committer's memory. record is nil where there is no such key.
type hot struct {
	record   *apikey.Record
	used     bool // counters and last use are to be written
	rehashed bool // digests are to be written
}

// spend evaluates the condition of a spend, and counts it where it holds.
func (h *hot) spend(b *batch, spend apikey.Spend) apikey.Outcome {
	if h.record == nil {
		return apikey.Outcome{}
	}
	spent := h.record.Refuses(spend) == apikey.Allowed
	if spent {
		h.change(b, &h.used)
		h.record.Take(spend)
	}
	return apikey.Outcome{Spent: spent, Record: h.snapshot()}
}

// snapshot is the record as it is now. The lists of its rules are the committer's own, and every other snapshot's: no one
// writes to them, since a change of the key makes the committer read new ones. A spend copies the counters alone.
func (h *hot) snapshot() *apikey.Record {
	snapshot := *h.record
	snapshot.Counts = slices.Clone(h.record.Counts)
	return &snapshot
}

func (h *hot) touch(b *batch, at time.Time, from netip.Addr) {
	if h.record != nil {
		h.change(b, &h.used)
		h.record.LastUsedAt, h.record.LastUsedIP = at.UTC().Truncate(time.Second), from
	}
}

func (h *hot) rehash(b *batch, old, new apikey.Digest) {
	if h.record == nil {
		return
	}
	for _, digest := range []*apikey.Digest{&h.record.Digest, &h.record.Retiring} {
		if digest.Equal(old) {
			h.change(b, &h.rehashed)
			*digest = new
		}
	}
}

// change marks a part of the record as to be written.
func (h *hot) change(b *batch, part *bool) {
	if !h.used && !h.rehashed {
		b.changed = append(b.changed, h)
	}
	*part = true
}

// write implements changed.
func (h *hot) write(sql *statements) error {
	r := h.record
	if h.used {
		err := sql.use.execute(countsText(r.Counts), r.Total, secondsOf(r.LastUsedAt), addressOf(r.LastUsedIP), string(r.ID))
		if err != nil {
			return fmt.Errorf("writing the use of %s: %w", r.ID, err)
		}
	}
	if h.rehashed {
		if err := sql.rehash.execute(string(r.Digest), string(r.Retiring), string(r.ID)); err != nil {
			return fmt.Errorf("writing the digests of %s: %w", r.ID, err)
		}
	}
	h.used, h.rehashed = false, false
	return nil
}

// person is the counters of a person's sessions in the committer's memory.
type person struct {
	name   string // the hash of the identity
	counts ratelimit.Counts
	used   bool
}

func (p *person) spend(b *batch, limit int64, at time.Time) bool {
	if _, full := p.counts.Full(ratelimit.Limits{PerMinute: limit}, at); full {
		return false
	}
	if !p.used {
		b.changed = append(b.changed, p)
		p.used = true
	}
	p.counts = p.counts.Fresh(at).Add(at)
	return true
}

// write implements changed.
func (p *person) write(sql *statements) error {
	if err := sql.usePerson.execute(p.name, countsText(p.counts)); err != nil {
		return fmt.Errorf("writing the counters of a session: %w", err)
	}
	p.used = false
	return nil
}
