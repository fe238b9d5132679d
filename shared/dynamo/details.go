package dynamo

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
)

// The attributes of a key's details.
const (
	detName        = "name"
	detDescription = "description"
	detMetadata    = "metadata"
	detMask        = "mask"
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
)

// details are a key's details, and what this store keeps beside them. All cold items of a key (its details, names,
// expiry, its part in the organization's counters, its place in the index) follow from this value: a change of cold
// items is the difference between two of them (see tx.move).
type details struct {
	apikey.Details
	id           apikey.ID
	organization org.ID
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
		expiry: whole(k.ExpiresAt), applied: k.Record.Version,
	}
}

func detailsOf(i item) *details {
	k := keyOf(i)
	return &details{
		Details:      proseOf(i),
		id:           idOf(k),
		organization: org.ID(k.pk[len(prefixOrg):]),
		expiry:       i.time(detExpiry),
		ended:        i.time(detEnded),
		revoked:      i.flag(detRevoked),
		applied:      i.number(detApplied),
		step:         i.number(detStep),
		intent:       intentOf(i.nested(detIntent)),
	}
}

func proseOf(i item) apikey.Details {
	d := apikey.Details{
		Mask:        i.text(detMask),
		CreatedAt:   i.time(detCreatedAt),
		CreatedBy:   i.text(detCreatedBy),
		UpdatedAt:   i.time(detUpdatedAt),
		Released:    i.flag(detReleased),
		Revision:    i.number(detRevision),
		Idempotency: apikey.IdempotencyID(i.text(detIdempotency)),
	}
	readProse(&d, i)
	return d
}

// prose are the attributes of d that people write.
func prose(d apikey.Details) item {
	i := item{}
	i.setText(detName, d.Name)
	i.setText(detDescription, d.Description)
	i.setText(detMask, d.Mask)
	if len(d.Metadata) > 0 {
		metadata := item{}
		for name, value := range d.Metadata {
			metadata[name] = text(value)
		}
		i[detMetadata] = nested(metadata)
	}
	return i
}

// readProse reads what prose writes.
func readProse(d *apikey.Details, i item) {
	d.Name, d.Description, d.Mask = i.text(detName), i.text(detDescription), i.text(detMask)
	d.Metadata = nil
	if metadata := i.nested(detMetadata); len(metadata) > 0 {
		d.Metadata = make(map[string]string, len(metadata))
		for name := range metadata {
			d.Metadata[name] = metadata.text(name)
		}
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

// move turns all cold items of a key from before into after. A nil before is a key in the making, a nil after one
// that is removed. It is refused where the details are no longer before, or where a name is another key's.
func (t *tx) move(before, after *details) {
	t.moveDetails(before, after)
	t.moveNames(before.names(), after.names())
	t.moveExpiries(before.expiries(), after.expiries())
	live, total := after.place()
	wasLive, wasTotal := before.place()
	t.live += live - wasLive
	t.total += total - wasTotal
}

func (t *tx) moveDetails(before, after *details) {
	switch {
	case before == nil:
		t.put(after.key(), after.item(), absent())
	case after == nil:
		t.delete(before.key(), equal(detStep, number(before.step)))
	default:
		u := newUpdate().change(before.item(), after.item()).whereEqual(detStep, number(before.step))
		t.update(before.key(), u)
	}
}

// moveNames turns the names that a key holds from before into after. A name held must be the holder's, a new one
// nobody's.
func (t *tx) moveNames(before, after map[key]item) {
	for _, k := range sortedKeys(before) {
		if _, kept := after[k]; !kept {
			t.delete(k, equal(nameHolder, before[k][nameHolder]))
		}
	}
	for _, k := range sortedKeys(after) {
		old, held := before[k]
		switch {
		case !held:
			t.put(k, after[k], absent())
		case !reflect.DeepEqual(old, after[k]):
			t.update(k, newUpdate().change(old, after[k]).whereEqual(nameHolder, old[nameHolder]))
		}
	}
}

// moveExpiries does the same for the item by which the key is found by its expiry, which is nobody else's.
func (t *tx) moveExpiries(before, after map[key]item) {
	for k := range before {
		if _, kept := after[k]; !kept {
			t.delete(k, unguarded)
		}
	}
	for k := range after {
		if _, held := before[k]; !held {
			t.put(k, item{}, unguarded)
		}
	}
}

func sortedKeys(items map[key]item) []key {
	return slices.SortedFunc(maps.Keys(items), func(a, b key) int { return cmp.Compare(a.sk, b.sk) })
}
