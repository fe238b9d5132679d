package authorize

import (
	"context"
	"errors"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// attempts bounds how often a spend is repeated because another write came between it and its explanation. That the
// rules of a key have to be read costs none of them.
const attempts = 3

var errUnexplained = errors.New("the store refused a spend, and its record shows no reason")

// spend asks the store until its answer can be explained.
func (s *Service) spend(ctx context.Context, question *question, asked policy.Request) (policy.Decision, error) {
	for range attempts {
		outcome, err := s.attempt(ctx, question)
		if err != nil {
			return policy.Decision{}, err
		}
		decision, explained, err := s.settle(ctx, question, outcome, asked)
		if err != nil || explained {
			return decision, err
		}
		question.spend.At = s.Now()
	}
	return policy.Decision{}, fault.Outage("spending", errUnexplained)
}

// attempt spends, and once more where the first spend was refused for want of rules that admit the address.
func (s *Service) attempt(ctx context.Context, question *question) (apikey.Outcome, error) {
	outcome, err := s.ask(ctx, question)
	if err != nil || question.refusal(outcome) != apikey.RulesUnseen || question.knows(outcome.Record) {
		return outcome, err
	}
	known, err := s.learn(ctx, question, outcome.Record)
	if err != nil || !known || question.spend.Rules == "" {
		return outcome, err
	}
	return s.ask(ctx, question)
}

// ask spends once.
func (s *Service) ask(ctx context.Context, question *question) (apikey.Outcome, error) {
	var outcome apikey.Outcome
	err := s.beside(ctx, question, func(ctx context.Context) (err error) {
		outcome, err = s.Store.Spend(ctx, question.spend)
		return err
	})
	if err != nil {
		return apikey.Outcome{}, fault.Outage("spending", err)
	}
	return outcome, nil
}

// refusal is why the store has refused a spend, as its record shows it; Allowed where it does not show a reason, and
// where there was no refusal.
func (q *question) refusal(outcome apikey.Outcome) apikey.Reason {
	switch {
	case outcome.Spent:
		return apikey.Allowed
	case outcome.Record == nil:
		return apikey.KeyUnknown
	default:
		return outcome.Record.Refuses(q.spend)
	}
}

// settle turns an outcome into a decision. It reports false where the spend is to be tried again.
func (s *Service) settle(ctx context.Context, question *question, outcome apikey.Outcome, asked policy.Request) (policy.Decision, bool, error) {
	if outcome.Spent { // what was spent is not to be spent again
		return s.settleSpent(ctx, question, outcome, asked)
	}
	before := question.spend.Digests
	if err := s.refresh(ctx, question, outcome.Record); err != nil {
		return policy.Decision{}, false, fault.Outage("refreshing the keyring", err)
	}
	if !slices.Equal(question.spend.Digests, before) {
		return policy.Decision{}, false, nil
	}
	switch question.refusal(outcome) {
	case apikey.KeyUnknown:
		return s.settleUnknown(question, outcome.Record), true, nil
	case apikey.Allowed:
		return policy.Decision{}, false, nil
	default:
		return s.settleRefused(ctx, question, outcome, asked)
	}
}

// settleUnknown is about a secret that no key has, as far as whoever shows it may know; record is nil where there is no key
// of that id.
func (s *Service) settleUnknown(question *question, record *apikey.Record) policy.Decision {
	if !question.blind {
		s.Suspects.remember(question.spend, record)
	}
	return policy.Decision{Reason: apikey.KeyUnknown}
}

// settleSpent decides what only the record after the spend can tell.
func (s *Service) settleSpent(ctx context.Context, question *question, outcome apikey.Outcome, asked policy.Request) (policy.Decision, bool, error) {
	whole, err := s.learn(ctx, question, outcome.Record)
	if err != nil {
		return policy.Decision{}, false, err
	}
	if !whole {
		return policy.Decision{}, false, fault.Outage("reading the rules of a key that has spent", errUnexplained)
	}
	standing, err := s.standing(ctx, question, outcome.Record)
	if err != nil {
		return policy.Decision{}, false, err
	}
	decision, explained := s.Catalog.Decide(question.spend, outcome, standing, asked)
	return decision, explained, nil
}

// settleRefused is about a key whose secret was shown. What it holds is told as far as it was read beside the spend.
func (s *Service) settleRefused(ctx context.Context, question *question, outcome apikey.Outcome, asked policy.Request) (policy.Decision, bool, error) {
	reason := question.refusal(outcome)
	if reason == apikey.RulesUnseen && !question.knows(outcome.Record) {
		return policy.Decision{}, false, nil
	}
	whole, err := s.learn(ctx, question, outcome.Record)
	if err != nil || !whole {
		return policy.Decision{}, false, err
	}
	var standing org.Standing
	if question.stands.of(needOf(outcome.Record)) {
		standing = question.stands.Standing
	}
	if reason == apikey.RulesUnseen {
		return s.Catalog.DenyAddress(question.spend, outcome.Record, standing), true, nil
	}
	decision, explained := s.Catalog.Decide(question.spend, outcome, standing, asked)
	return decision, explained, nil
}
