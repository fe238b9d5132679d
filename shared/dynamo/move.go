package dynamo

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
)

// move turns all cold items of a key from before into after. A nil before is a key in the making, a nil after one
// that is removed. It is refused where the details are no longer before, or where a name is another key's.
func (t *tx) move(before, after *details) {
	t.moveDetails(before, after)
	t.moveNames(before.names(), after.names())
	t.moveExpiries(before.expiries(), after.expiries())
	t.moveRules(before.apart(), after.apart())
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

// moveRules does the same for rules that are kept apart. They are never changed.
func (t *tx) moveRules(before, after map[key]item) {
	for _, k := range sortedKeys(before) {
		if _, kept := after[k]; !kept {
			t.delete(k, unguarded)
		}
	}
	for _, k := range sortedKeys(after) {
		if _, held := before[k]; !held {
			t.put(k, after[k], absent())
		}
	}
}

func sortedKeys(items map[key]item) []key {
	return slices.SortedFunc(maps.Keys(items), func(a, b key) int { return cmp.Compare(a.sk, b.sk) })
}
