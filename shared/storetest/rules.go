package storetest

import (
	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/ratelimit"
)

var ruling = guarantees{
	"rules are found under their ID, and under no other":                                          rulesByID,
	"rules that have changed are gone under their old ID":                                         rulesMove,
	"a key with as many rules as may be comes back whole, whichever way":                          wholeKey,
	"a spend that names no rules, or others, is refused and counts nothing":                       rulesUnseen,
	"a spend that has not seen the rules is told so before it is told of limits":                  rulesBeforeLimits,
	"a key without networks and with few rules needs no look at them":                             rulesUnneeded,
	"changes of anything else leave the rules seen":                                               rulesStay,
	"a key of another owner, or inheriting, needs its rules seen all the same":                    rulesOfHeirs,
	"a spend that starts after a change of rules has returned is refused under the old, in races": rulesRaces,
	"while rules change, whoever reads them has all of them as they were at one time":             rulesTorn,
	"a list of a scope that nothing is in stays one, and is never all":                            rulesNothing,
	"a deletion leaves no rules":                                                                  rulesDeleted,
}

// whole is a record of an outcome with the rules that it may have left apart.
func (f *fixture) whole(t rapid.TB, r *apikey.Record) *apikey.Record {
	t.Helper()
	if r == nil || !r.Apart {
		return r
	}
	if !r.Rules().Equal(apikey.Rules{}) {
		t.Errorf("a record has rules, and says that they are apart: %+v", r)
	}
	rules, err := f.Rules(f.Context(), r.ID, r.RulesID)
	if err != nil || rules == nil {
		t.Fatalf("%s: rules %s are apart, and not to be found: %v", r.ID, r.RulesID, err)
	}
	r = r.Clone()
	r.SetRules(*rules)
	if !r.Bulky() {
		t.Errorf("rules are apart that the record could carry: %+v", r)
	}
	return r
}

// wantRules checks what is found of a key under a RulesID.
func (f *fixture) wantRules(id apikey.ID, rulesID string, want *apikey.Rules) {
	f.Helper()
	rules, err := f.Rules(f.Context(), id, rulesID)
	f.must(err)
	f.wantSame(rules, want)
}

func rulesByID(f *fixture) {
	for _, key := range []*apikey.Key{f.create(from("192.0.2.0/24")), f.create(bulky('a'))} {
		f.wantRules(key.ID, key.RulesID, new(key.Rules()))
		f.wantRules(key.ID, "another ID", nil)
		f.wantRules(f.create(bulky('b')).ID, key.RulesID, nil)
		f.wantRules(f.newKey().ID, key.RulesID, nil)
	}
}

// Each step is another way in which rules may grow or shrink.
func rulesMove(f *fixture) {
	key := f.create(bulky('a'))
	for _, edit := range []func(*apikey.Key){bulky('b'), slim, bulky('c'), from("192.0.2.0/24"), from("2001:db8::/32"), bulky('a'), slim} {
		changed := f.changed(key, edit)
		f.wantWhole(changed)
		f.wantRules(key.ID, key.RulesID, nil)
		if changed.RulesID != "" {
			f.wantRules(key.ID, changed.RulesID, new(changed.Rules()))
		}
		if key.RulesID != "" && changed.RulesID != "" {
			f.wantRefused(spendOf(key, noon))
		}
		f.wantSpent(spendOf(changed, noon))
		key = changed
	}
}

// wantWhole checks that the organization's only key comes back with all of its rules, whichever way it is read.
func (f *fixture) wantWhole(key *apikey.Key) {
	f.Helper()
	read, err := f.open().Read(f.Context(), key.ID)
	f.must(err)
	for _, record := range []*apikey.Record{read, &f.stored(key).Record} {
		f.wantSame(record.Rules(), key.Rules())
		f.wantSame(record.Apart, false)
	}
	for order := range inOrder {
		page, _ := f.page(apikey.PageRequest{Order: order, Limit: 1})
		f.wantSame(page[0].Rules(), key.Rules())
		f.wantSame(page[0].Apart, false)
	}
}

func wholeKey(f *fixture) {
	key := f.create(everything, bulky('a'))
	f.wantSame(f.stored(key), key)
	f.wantWhole(key)
	refused := f.spend(spendOf(key, noon))
	f.wantSame(refused.Spent, false)
	f.wantSame(f.whole(f.T, refused.Record), &key.Record)

	changed := f.changed(key, bulky('b'), func(k *apikey.Key) { k.Disabled = false })
	f.wantSame(f.stored(key), changed)
	f.wantWhole(changed)
	spend := spendOf(changed, noon)
	changed.Take(spend)
	spent := f.spend(spend)
	f.wantSame(spent.Spent, true)
	f.wantSame(f.whole(f.T, spent.Record), &changed.Record)
}

func rulesUnseen(f *fixture) {
	for _, edit := range []func(*apikey.Key){from("198.51.100.0/24"), bulky('a')} {
		key := f.create(edit)
		for _, seen := range []string{"", "another ID", key.RulesID + " ", f.create(edit).RulesID} {
			spend := spendOf(key, noon)
			spend.Rules = seen
			outcome := f.spend(spend)
			f.wantSame(outcome.Spent, false)
			f.wantSame(outcome.Record.RulesID, key.RulesID)
			f.wantSame(f.whole(f.T, outcome.Record), &key.Record)
		}
		f.wantSame(f.stored(key), key)
		f.wantSpent(spendOf(key, noon))
	}
}

func rulesBeforeLimits(f *fixture) {
	key := f.create(from("198.51.100.0/24"), limited(ratelimit.Limits{PerMinute: 1}))
	f.wantSpent(spendOf(key, noon))
	spend := spendOf(key, noon)
	spend.Rules = ""
	f.wantSame(f.spend(spend).Record.Refuses(spend), apikey.RulesUnseen)
	spend.Rules = key.RulesID
	f.wantSame(f.spend(spend).Record.Refuses(spend), apikey.RateLimited)
}

func rulesUnneeded(f *fixture) {
	key := f.create(listed([]apikey.IPEntry{{Network: allowed("192.0.2.0/24").Network}}, nil))
	spend := spendOf(key, noon)
	f.wantSame(spend.Rules, "")
	f.wantSpent(spend)
	spend.Rules = "rules that it had once"
	f.wantSpent(spend)
}

func rulesStay(f *fixture) {
	for _, edit := range []func(*apikey.Key){from("198.51.100.0/24"), bulky('a')} {
		key := f.create(edit)
		f.changed(key, func(k *apikey.Key) { k.Description, k.Disabled = "x", true })
		f.changed(key, func(k *apikey.Key) { k.Tier, k.Disabled = "free", false })
		f.changed(key, func(k *apikey.Key) { k.IPAllow[0].Note = "another note" })
		f.must(f.Rehash(f.Context(), key.ID, key.Digest, key.Digest))
		f.must(f.Touch(f.Context(), key.ID, noon, spendOf(key, noon).Address))
		f.wantSpent(spendOf(key, noon))
		f.wantRules(key.ID, key.RulesID, new(key.Rules()))
	}
}

func rulesOfHeirs(f *fixture) {
	key := f.create(from("198.51.100.0/24"))
	heir := f.changed(key, func(k *apikey.Key) { k.Owner, k.Inherits, k.Roles, k.Permissions = "bob", person().Hash(), nil, nil })
	f.wantSame(f.stored(key), heir)
	f.wantSpent(spendOf(heir, noon))
	spend := spendOf(heir, noon)
	spend.Rules = ""
	f.wantRefused(spend)
}

// Nobody makes such a list, but a damaged one is read as one, and written back with the next change of rules.
func rulesNothing(f *fixture) {
	key := f.create(func(k *apikey.Key) { k.Scope.Customers = []string{} })
	for _, edit := range []func(*apikey.Key){from("192.0.2.0/24"), bulky('a'), slim} {
		kept := key.Clone()
		key = f.changed(key, func(k *apikey.Key) { edit(k); k.Scope.Customers = kept.Scope.Customers })
		for _, read := range []*apikey.Record{&key.Record, &f.stored(key).Record, f.whole(f.T, f.spend(spendOf(key, noon)).Record)} {
			f.wantSame(read.Scope.Customers != nil, true)
			f.wantSame(len(read.Scope.Customers), 0)
		}
	}
	all := f.changed(key, func(k *apikey.Key) { k.Scope.Customers = nil })
	f.wantSame(f.stored(all).Scope.Customers == nil, true)
}

func rulesDeleted(f *fixture) {
	key := f.create(bulky('a'))
	f.remove(key)
	f.wantAbsent(key)
	f.wantRules(key.ID, key.RulesID, nil)
}
