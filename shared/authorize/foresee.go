package authorize

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/policy"
)

// foresee decides by a read what a spend would be refused for. A refused spend is a write of the key's item all the same,
// of which it takes 1,000 a second. Neither whoever guesses at the secret of a key, whose id is no secret, nor whoever
// stole a secret and shows it from an address that the key's rules deny, must use them up.
//
// It reports false where the key is to spend. It reads only where the key is guessed at, or where its rules, as this process
// knows them, deny the address. Those are not believed: the read shows which rules stand.
func (s *Service) foresee(ctx context.Context, question *question, asked policy.Request) (policy.Decision, bool, error) {
	denied := question.rules.ID != "" && question.spend.Rules == ""
	if !denied && !s.Suspects.recall(question.spend) {
		return policy.Decision{}, false, nil
	}
	record, err := s.Store.Read(ctx, question.spend.ID)
	if err == nil {
		err = s.refresh(ctx, question, record)
	}
	if err != nil {
		return policy.Decision{}, false, fault.Outage("reading a record before its key spends", err)
	}
	if question.stranger(record) {
		return s.settleUnknown(question, record), true, nil
	}
	if whole, err := s.learn(ctx, question, record); err != nil || !whole || !question.denies(record) {
		return policy.Decision{}, false, err
	}
	return s.settleRefused(ctx, question, apikey.Outcome{Record: record}, asked)
}
