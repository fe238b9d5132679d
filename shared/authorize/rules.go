package authorize

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
)

// use makes rules those that the question's address is checked against. Only rules that admit it are named in a spend:
// so an address that is denied spends nothing.
func (q *question) use(rules apikey.Rules) {
	q.rules, q.spend.Rules = rules, ""
	if rules.Networks.Admit(q.spend.Address) {
		q.spend.Rules = rules.ID
	}
}

// knows reports whether the question's address was checked against the rules that record has.
func (q *question) knows(record *apikey.Record) bool {
	return record.RulesID != "" && q.rules.ID == record.RulesID
}

// denies reports whether the question's address was checked against the rules that record has, and they refuse it.
func (q *question) denies(record *apikey.Record) bool { return q.knows(record) && q.spend.Rules == "" }

// learn finds out the rules of record, whose secret was shown, remembers them, and gives record the lists that a store
// keeps apart from it. It reports false where the rules have moved since record was read.
func (s *Service) learn(ctx context.Context, question *question, record *apikey.Record) (bool, error) {
	if (record.Apart || record.RulesID != "") && !question.knows(record) {
		rules, err := s.rules(ctx, record)
		if err != nil || rules == nil {
			return false, err
		}
		question.use(*rules)
		s.Known.rules.Add(record.ID, *rules)
	}
	if record.RulesID == "" && question.rules.ID != "" { // they would be looked up for nothing, again and again
		s.Known.rules.Remove(record.ID)
	}
	if record.Apart {
		record.SetRules(question.rules)
	}
	s.Known.note(record, s.Catalog)
	return true, nil
}

// rules are the rules that record stands under; nil where they have moved since it was read.
func (s *Service) rules(ctx context.Context, record *apikey.Record) (*apikey.Rules, error) {
	if !record.Apart {
		rules := record.Rules()
		return &rules, nil
	}
	rules, err := s.Store.Rules(ctx, record.ID, record.RulesID)
	if err != nil {
		return nil, fault.Outage("reading a key's rules", err)
	}
	return rules, nil
}
