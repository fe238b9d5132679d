package authorize

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// Check decides about a request without counting it, by one consistent read, and another of the standing of a key that
// needs one. Limits are not looked at. A use that it allows is noted as the key's last use, at most once a minute.
func (s *Service) Check(ctx context.Context, request Request) (policy.Decision, error) {
	question, refusal, err := s.parse(ctx, request)
	if err != nil || refusal != "" {
		return policy.Decision{Reason: refusal}, err
	}
	record, standing, err := s.look(ctx, &question)
	if err != nil {
		return policy.Decision{}, fault.Outage("reading the caller's record", err)
	}
	decision := s.Catalog.DecideUncounted(question.spend, record, standing, request.asked())
	decision.Shown = question.spend.Digests
	if decision.Allowed() {
		s.touch(ctx, question.spend)
	}
	return decision, nil
}

// look reads the key's whole record and what deciding about it needs beside it; nothing but the record where the secret
// is not the key's.
func (s *Service) look(ctx context.Context, question *question) (*apikey.Record, org.Standing, error) {
	var record *apikey.Record
	err := s.beside(ctx, question, func(ctx context.Context) (err error) {
		record, err = s.Store.Read(ctx, question.spend.ID)
		return err
	})
	if err == nil {
		err = s.refresh(ctx, question, record)
	}
	if err != nil || question.stranger(record) {
		return record, org.Standing{}, err
	}
	s.Known.note(record, s.Catalog)
	standing, err := s.standing(ctx, question, record)
	return record, standing, err
}

// touch notes a use that was not counted.
func (s *Service) touch(ctx context.Context, spend apikey.Spend) {
	if !s.Touches.due(spend.ID, spend.At) {
		return
	}
	if err := s.Store.Touch(ctx, spend.ID, spend.At, spend.Address); err != nil {
		s.Log.WarnContext(ctx, "a last use was not written", "key_id", spend.ID.String(), "error", err)
	}
}
