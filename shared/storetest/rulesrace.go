package storetest

import (
	"errors"
	"slices"
	"sync"

	"github.com/keyward/keyward/shared/apikey"
)

func rulesRaces(f *fixture) {
	for _, edits := range [][2]func(*apikey.Key){
		{from("198.51.100.0/24"), from("192.0.2.0/24")},
		{from("198.51.100.0/24"), bulky('a')},
		{bulky('a'), bulky('b')},
		{slim, from("192.0.2.0/24")},
	} {
		for range 2 {
			f.changeRace(edits[0], edits[1])
		}
	}
}

// changeRace spends on a key as it was before a change; every spend that begins after the change must be refused.
func (f *fixture) changeRace(before, after func(*apikey.Key)) {
	f.Helper()
	key := f.create(limited(roomyLimits), before)
	stores := f.several(instances)
	during(crowd, func() {
		_, err := f.Change(f.Context(), change(key, noon, after))
		f.must(err)
	}, func(i int, changed bool) {
		outcome, err := stores[i%instances].Spend(f.Context(), spendOf(key, noon))
		if err != nil {
			f.Error(err)
		}
		if changed && outcome.Spent {
			f.Errorf("%s was admitted after its change", key.ID)
		}
	})
}

func rulesTorn(f *fixture) {
	key := f.create(limited(roomyLimits), bulky('a'))
	states := []func(*apikey.Key){bulky('b'), slim, from("192.0.2.0/24"), bulky('a')}
	var had []apikey.Rules
	for i := range states {
		had = append(had, f.newKey(states[:i+1]...).Rules())
	}
	var known sync.Map // the rules of a RulesID
	during(8, func() {
		for round := range 12 {
			f.changed(key, states[round%len(states)])
		}
	}, func(int, bool) {
		for _, record := range f.readings(key) {
			if record.Apart {
				continue // and gone before they could be asked for
			}
			rules := record.Rules()
			if !slices.ContainsFunc(had, rules.Equal) {
				f.Errorf("rules that the key never had: %+v", rules)
			}
			if before, found := known.LoadOrStore(rules.ID, rules); found && !rules.Equal(before.(apikey.Rules)) {
				f.Errorf("other rules under the ID %s: %+v", rules.ID, rules)
			}
		}
	})
}

// readings are the record of a key in every way that it is given, where its rules may be changing.
func (f *fixture) readings(key *apikey.Key) []*apikey.Record {
	read, err := f.Read(f.Context(), key.ID)
	stored, keyErr := f.Key(f.Context(), key.Organization, key.ID)
	page, _, pageErr := f.Page(f.Context(), apikey.PageRequest{Organization: key.Organization, Order: apikey.ByName, Limit: 1})
	outcome, spendErr := f.Spend(f.Context(), spendOf(key, noon))
	if err := errors.Join(err, keyErr, pageErr, spendErr); err != nil {
		f.Error(err)
		return nil
	}
	whole := []*apikey.Record{read, &stored.Record}
	for _, listed := range page {
		whole = append(whole, &listed.Record)
	}
	for _, record := range whole {
		if record.Apart {
			f.Errorf("%s was read without its rules", key.ID)
		}
	}
	return append(whole, f.filled(outcome.Record))
}

// filled is a record of an outcome with its rules, unless others have replaced them meanwhile.
func (f *fixture) filled(record *apikey.Record) *apikey.Record {
	if !record.Apart {
		return record
	}
	rules, err := f.Rules(f.Context(), record.ID, record.RulesID)
	if err != nil {
		f.Error(err)
	}
	if rules != nil {
		record = record.Clone()
		record.SetRules(*rules)
	}
	return record
}
