package dynamo

import (
	"context"
	"errors"

	"github.com/keyward/keyward/shared/apikey"
)

// How rules are kept apart.
//
// A hot record must stay below 1 KB, whatever its key may do. Where its rules are too long for that
// (apikey.Record.Bulky), they stand in an item of their own, under their ID, with the names that they have in the hot
// record. That item is written once and never changed: other rules have another ID. It is a cold item like the others,
// and follows from the details: it is there before the record names it, in the transaction that makes the key or claims
// the change, and goes in the transaction that fulfils the change which replaces it, or withdraws the one which it was
// written for. So whoever read the record and misses the item reads the record again, which names another by then; where
// it doesn't, the key is being deleted.

// apart is the item of rules that are kept apart; the zero value is none.
type apart struct {
	id    string
	lists item // what is to be written there; nil where the item is there already
}

// apartOf are the rules of r as far as they are to be kept apart.
func apartOf(r *apikey.Record) apart {
	if r.RulesID == "" || !r.Bulky() {
		return apart{}
	}
	return apart{r.RulesID, lists(r.Rules())}
}

// lists are rules, but for their ID.
func lists(rules apikey.Rules) item {
	i := item{}
	i.setTexts(hotRoles, rules.Roles)
	i.setTexts(hotPermissions, rules.Permissions)
	i.setLimit(hotServices, rules.Scope.Services)
	i.setLimit(hotCustomers, rules.Scope.Customers)
	i.setLimit(hotAccounts, rules.Scope.Accounts)
	i.setNetworks(hotAllowed, rules.Networks.Allow)
	i.setNetworks(hotDenied, rules.Networks.Deny)
	return i
}

// rulesOf reads what lists writes.
func rulesOf(i item, id string) apikey.Rules {
	return apikey.Rules{
		ID:          id,
		Networks:    i.networks(hotAllowed, hotDenied),
		Roles:       i.texts(hotRoles),
		Permissions: i.texts(hotPermissions),
		Scope: apikey.Scope{
			Services: i.limit(hotServices), Customers: i.limit(hotCustomers), Accounts: i.limit(hotAccounts),
		},
	}
}

// ruled are the attributes by which a hot record shows its rules.
var ruled = []string{
	hotRulesID, hotApart, hotRoles, hotPermissions, hotServices, hotCustomers, hotAccounts, hotAllowed, hotDenied,
}

// ruling are those of them that r has.
func ruling(r *apikey.Record) item {
	i := lists(r.Rules())
	if apartOf(r).id != "" {
		i = item{hotApart: flag(true)}
	}
	i.setText(hotRulesID, r.RulesID)
	return i
}

// rerules reports whether a change from before to after writes the rules again: then it writes all of them, however
// they were kept.
func rerules(before, after *apikey.Record) bool {
	return before.RulesID != after.RulesID || !before.Rules().Equal(after.Rules()) || before.Bulky() != after.Bulky()
}

var errUnstamped = errors.New("the rules of a key changed, and their ID did not")

// stamped wants other rules to have another ID, where they are kept under it.
func stamped(before, after *apikey.Record) error {
	if id := apartOf(after).id; id != "" && id == apartOf(before).id && !before.Rules().Equal(after.Rules()) {
		return errUnstamped
	}
	return nil
}

// Rules implements apikey.Spender by one consistent request: the rules, and the record that names them or does not.
func (s *Store) Rules(ctx context.Context, id apikey.ID, rulesID string) (*apikey.Rules, error) {
	items, err := s.batchGet(ctx, "reading a key's rules", []key{authKey(id), rulesKey(id, rulesID)})
	if err != nil {
		return nil, err
	}
	hot := items[authKey(id)]
	if hot == nil || hot.text(hotRulesID) != rulesID {
		return nil, nil
	}
	kept := hot
	if hot.has(hotApart) {
		kept = items[rulesKey(id, rulesID)]
	}
	if kept == nil {
		return nil, nil
	}
	rules := rulesOf(kept, rulesID)
	return &rules, nil
}

// whole gives a record with its rules, also where they are kept apart. read reads the record: again, where its rules are
// gone. It is nil where there is none, and where it is being deleted.
func (s *Store) whole(ctx context.Context, read func() (*apikey.Record, error)) (*apikey.Record, error) {
	missed := ""
	for range rounds {
		record, err := read()
		if err != nil || record == nil || !record.Apart {
			return record, err
		}
		kept, err := s.get(ctx, "reading a key's rules", rulesKey(record.ID, record.RulesID))
		if err != nil {
			return nil, err
		}
		if kept != nil {
			record.SetRules(rulesOf(kept, record.RulesID))
			return record, nil
		}
		if record.RulesID == missed {
			return nil, nil
		}
		missed = record.RulesID
	}
	return nil, s.giveUp("reading a key's rules", errRounds)
}

// complete gives the records of states the rules that are kept apart from them. Those that are gone stay Apart.
func (s *Store) complete(ctx context.Context, states []*state) error {
	var keys []key
	for _, st := range states {
		if st.record.Apart {
			keys = append(keys, rulesKey(st.record.ID, st.record.RulesID))
		}
	}
	items, err := s.batchGet(ctx, "reading keys' rules", keys)
	if err != nil {
		return err
	}
	for _, st := range states {
		if kept := items[rulesKey(st.record.ID, st.record.RulesID)]; kept != nil {
			st.record.SetRules(rulesOf(kept, st.record.RulesID))
		}
	}
	return nil
}
