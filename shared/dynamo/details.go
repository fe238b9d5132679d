package dynamo

import (
	"maps"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
)

// The attributes of a key's details, beside those of prose.go.
const (
	detCreatedAt   = "created_at"
	detCreatedBy   = "created_by"
	detUpdatedAt   = "updated_at"
	detReleased    = "released"
	detRevision    = "revision"
	detIdempotency = "idempotency"
	detExpiry      = "expires_at"
	detEnded       = "ended_at"
	detRevoked     = "revoked"
	detApplied     = "applied"
	detStep        = "step"
	detIntent      = "intent"
	detRules       = "rules"
)

// details are a key's details, and what this store keeps beside them. All cold items of a key (its details, names,
// expiry, its part in the organization's counters, its place in the index) follow from this value: a change of cold
// items is the difference between two of them (see tx.move).
type details struct {
	apikey.Details
	id           apikey.ID
	organization org.ID
	rules        apart     // what is kept apart of the record
	expiry       time.Time // until when the key holds its name and place: never earlier than the record's expiry
	ended        time.Time // when a released key was revoked or expired
	revoked      bool
	applied      int64   // the record version whose change the cold items show
	step         int64   // grows with every write of the details
	intent       *intent // a change that is claimed but not applied
}

func newDetails(k *apikey.Key) *details {
	return &details{
		Details: k.Clone().Details, id: k.ID, organization: k.Organization,
		rules: apartOf(&k.Record), expiry: whole(k.ExpiresAt), applied: k.Record.Version,
	}
}

func detailsOf(i item) *details {
	k := keyOf(i)
	return &details{
		Details:      proseOf(i),
		id:           idOf(k),
		organization: org.ID(k.pk[len(prefixOrg):]),
		rules:        apart{id: i.text(detRules)},
		expiry:       i.time(detExpiry),
		ended:        i.time(detEnded),
		revoked:      i.flag(detRevoked),
		applied:      i.number(detApplied),
		step:         i.number(detStep),
		intent:       intentOf(i.nested(detIntent)),
	}
}

func (d *details) key() key { return detailsKey(d.organization, d.id) }

// clone is a copy to be changed; details are otherwise never written to.
func (d *details) clone() *details {
	next := *d
	next.Metadata = maps.Clone(d.Metadata)
	next.step++
	return &next
}

func (d *details) item() item {
	i := prose(d.Details)
	i.setTime(detCreatedAt, d.CreatedAt)
	i.setText(detCreatedBy, d.CreatedBy)
	i.setTime(detUpdatedAt, d.UpdatedAt)
	i.setFlag(detReleased, d.Released)
	i.setNumber(detRevision, d.Revision)
	i.setText(detIdempotency, string(d.Idempotency))
	i.setText(detRules, d.rules.id)
	i.setTime(detExpiry, d.expiry)
	i.setTime(detEnded, d.ended)
	i.setFlag(detRevoked, d.revoked)
	i.setNumber(detApplied, d.applied)
	i[detStep] = number(d.step)
	if d.intent != nil {
		i[detIntent] = nested(d.intent.item())
	}
	if place := d.due(); place != (due{}) {
		i[attrDuePK], i[attrDueSK] = text(place.pk), text(place.sk)
	}
	return i
}

func (d *details) due() due {
	switch {
	case d.intent != nil:
		return dueAt(whyPending, d.intent.at(), d.organization, d.id)
	case d.Released:
		return dueAt(whyEnded, d.ended, d.organization, d.id)
	case !d.expiry.IsZero():
		return dueAt(whyDue, d.expiry, d.organization, d.id)
	default:
		return due{}
	}
}

// names are the items of the names that the key holds, and of the one that it claims.
func (d *details) names() map[key]item {
	if d == nil || d.Released {
		return nil
	}
	held := map[key]item{nameKey(d.organization, apikey.FoldName(d.Name)): d.nameItem(false)}
	if d.intent != nil {
		claimed := nameKey(d.organization, apikey.FoldName(d.intent.prose.text(detName)))
		if _, same := held[claimed]; !same {
			held[claimed] = d.nameItem(true)
		}
	}
	return held
}

// The attributes of a name: whose it is, until when, and whether it is only claimed and not listed yet.
const (
	nameHolder  = "id"
	nameExpiry  = "expires_at"
	nameClaimed = "claimed"
)

func (d *details) nameItem(claimed bool) item {
	i := item{nameHolder: text(string(d.id))}
	i.setTime(nameExpiry, d.expiry)
	i.setFlag(nameClaimed, claimed)
	return i
}

// expiries is the item by which the key is found by its expiry, while it holds its place.
func (d *details) expiries() map[key]item {
	if d == nil || d.Released {
		return nil
	}
	return map[key]item{expiryKey(d.organization, d.id, d.expiry): {}}
}

// place counts d in the organization's counters: as a live key, and as one that is not revoked.
func (d *details) place() (live, total int64) {
	if d == nil {
		return 0, 0
	}
	if !d.Released {
		live = 1
	}
	if !d.revoked {
		total = 1
	}
	return live, total
}

// apart are the items of rules that the key has, and of those that it claims.
func (d *details) apart() map[key]item {
	if d == nil {
		return nil
	}
	kept := map[key]item{}
	if d.rules.id != "" {
		kept[rulesKey(d.id, d.rules.id)] = d.rules.lists
	}
	if n := d.intent; n != nil && n.rules.id != "" && n.rules.id != d.rules.id {
		kept[rulesKey(d.id, n.rules.id)] = n.rules.lists
	}
	return kept
}
