package dynamo

import (
	"maps"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
)

// pending is a change that the hot record already shows, and the cold items not yet. The record has a list of them:
// one, and behind it at most a revocation, which waits for nothing and after which there is no other.
type pending struct {
	id string // the activity's
	// version is the record's after the change; 0 where the change left the record as it was, or where the details
	// hold the whole change as an intent.
	version  int64
	updated  time.Time
	renewed  bool // the change gave the key another secret
	activity item // nil: the details hold the whole change as an intent
}

const (
	pendVersion = "v"
	pendUpdated = "up" // absent: when the activity was
	pendRenewed = "s"
)

func (p pending) item() item {
	i := item{}
	for name, value := range p.activity {
		i[name] = value
	}
	delete(i, actTarget)
	i[actID] = text(p.id)
	i.setNumber(pendVersion, p.version)
	i.setFlag(pendRenewed, p.renewed)
	if p.activity != nil && !p.updated.Equal(p.activity.time(actAt)) {
		i.setTime(pendUpdated, p.updated)
	}
	return i
}

func pendingOf(i item) pending {
	p := pending{id: i.text(actID), version: i.number(pendVersion), renewed: i.flag(pendRenewed)}
	if i[actAt] == nil {
		return p
	}
	p.activity = item{}
	for _, name := range []string{actAt, actActor, actAction, actFrom, actBefore, actAfter} {
		if value, ok := i[name]; ok {
			p.activity[name] = value
		}
	}
	p.updated = i.time(pendUpdated)
	if p.updated.IsZero() {
		p.updated = i.time(actAt)
	}
	return p
}

func pendingsOf(hot item) []pending {
	var all []pending
	for _, value := range hot.list(hotPending) {
		if entry, ok := value.(*types.AttributeValueMemberM); ok {
			all = append(all, pendingOf(entry.Value))
		}
	}
	return all
}

// enlist writes p behind what is pending, and puts the record into the index.
func (u *update) enlist(p pending, at time.Time, r *apikey.Record) *update {
	list := u.name(hotPending)
	none := u.value(&types.AttributeValueMemberL{})
	one := u.value(&types.AttributeValueMemberL{Value: []types.AttributeValue{nested(p.item())}})
	u.sets = append(u.sets, list+" = list_append(if_not_exists("+list+", "+none+"), "+one+")")
	place := dueAt(whyPending, at, r.Organization, r.ID)
	return u.set(attrDuePK, text(place.pk)).set(attrDueSK, text(place.sk))
}

// delist removes what is pending, where it still is what hot shows.
func delist(hot item) *update {
	return newUpdate().whereEqual(hotPending, hot[hotPending]).remove(hotPending).remove(attrDuePK).remove(attrDueSK)
}

// differs sets and removes the attributes that r has otherwise than base, without touching others: digests, for one, may
// have been rehashed meanwhile.
func differs(base, r *apikey.Record) (set item, removed []string) {
	before, after := settings(base), settings(r)
	set = item{}
	for name, value := range after {
		if !reflect.DeepEqual(before[name], value) {
			set[name] = value
		}
	}
	for name := range before {
		if _, kept := after[name]; !kept {
			removed = append(removed, name)
		}
	}
	if rerules(base, r) {
		removed = append(removed, rule(set, r)...)
	}
	return set, removed
}

// rule has set write all rules of r, and gives the attributes that are to be removed.
func rule(set item, r *apikey.Record) (removed []string) {
	after := ruling(r)
	maps.Copy(set, after)
	for _, name := range ruled {
		if _, kept := after[name]; !kept {
			removed = append(removed, name)
		}
	}
	return removed
}
