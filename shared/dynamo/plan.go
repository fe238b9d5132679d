package dynamo

import (
	"reflect"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
)

// plan is what a change asks for, apart from how the key stands.
type plan struct {
	apikey.Change
	set      item // what it sets in the record
	removed  []string
	prose    item // what people wrote, after it
	revises  bool // prose differs
	rerules  bool // it writes the rules again
	revoking bool
	activity item
}

func newPlan(c apikey.Change) *plan {
	set, removed := differs(&c.Before.Record, &c.After.Record)
	after := prose(c.After.Details)
	return &plan{
		Change: c, set: set, removed: removed, prose: after,
		revises:  !reflect.DeepEqual(prose(c.Before.Details), after),
		rerules:  rerules(&c.Before.Record, &c.After.Record),
		revoking: c.Before.RevokedAt.IsZero() && !c.After.RevokedAt.IsZero(),
		activity: activityItem(c.Activity),
	}
}

func (p *plan) organization() org.ID { return p.Before.Organization }
func (p *plan) id() apikey.ID        { return p.Before.ID }
func (p *plan) updated() time.Time   { return whole(p.After.UpdatedAt) }
func (p *plan) changesRecord() bool  { return len(p.set)+len(p.removed) > 0 }

// prolongs reports whether the key would live longer: others must know before it does.
func (p *plan) prolongs() bool {
	before, after := whole(p.Before.ExpiresAt), whole(p.After.ExpiresAt)
	return !after.Equal(before) && later(before, after).Equal(after)
}

// keeps are the rules that are kept apart after the change of a key with those details.
func (p *plan) keeps(d *details) apart {
	if !p.rerules {
		return d.rules
	}
	return apartOf(&p.After.Record)
}

// claims reports whether the change must be written on the details before the record shows it.
func (p *plan) claims(d *details) bool {
	return p.Exclusive || p.changesRecord() && p.revises || p.prolongs() || p.keeps(d).id != d.rules.id
}

// stands reports whether the key is still how the change takes it to be, as far as the change minds.
func (p *plan) stands(st *state) bool {
	r, d := st.record, st.details
	switch {
	case !r.RevokedAt.IsZero():
		return false
	case !p.revoking && (d.Released || r.StatusAt(p.Activity.At) == apikey.Expired):
		return false
	case (p.Exclusive || p.changesRecord()) && r.Version != p.Before.Record.Version:
		return false
	default:
		return !p.Exclusive && !p.revises || d.Revision == p.Before.Revision
	}
}
