package authorize

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/policy"
)

// checksOfText are the checks of a credential's text, in their order. The others are the catalog's.
var checksOfText = []apikey.Reason{apikey.CredentialMissing, apikey.CredentialMalformed}

// Explain lists the checks that a request would meet, spends nothing and changes nothing. After a wrong secret, and for a
// key of another organization, that single check is all that it tells, alike in both cases.
func (s *Service) Explain(ctx context.Context, request Request) (policy.Explanation, error) {
	question, refusal, err := s.parse(ctx, request)
	switch {
	case err != nil:
		return policy.Explanation{}, err
	case refusal != "":
		return refused(refusal, before(refusal)...), nil
	}
	record, standing, err := s.look(ctx, &question)
	switch {
	case err != nil:
		return policy.Explanation{}, fault.Outage("reading a record to explain", err)
	case question.stranger(record):
		return refused(apikey.KeyUnknown), nil
	}
	explanation := s.Catalog.Explain(question.spend, record, standing, request.asked())
	explanation.Checks = append(before(explanation.Reason), explanation.Checks...)
	return explanation, nil
}

// before are the checks of its text that a credential has passed which was decided about for that reason.
func before(refusal apikey.Reason) []policy.Check {
	var passed []policy.Check
	for _, reason := range checksOfText {
		if reason == refusal {
			break
		}
		passed = append(passed, policy.Check{Reason: reason, Result: policy.Passed})
	}
	return passed
}

// refused is an explanation that ends with the check which failed.
func refused(reason apikey.Reason, passed ...policy.Check) policy.Explanation {
	return policy.Explanation{
		Decision: policy.Decision{Reason: reason},
		Checks:   append(passed, policy.Check{Reason: reason, Result: policy.Failed}),
	}
}

// ExplainKey is Explain for a key named by its id, with no secret: what is described need not come from anybody. Its
// record must be of one of request's Organizations, otherwise it is a fault.KeyNotFound.
func (s *Service) ExplainKey(ctx context.Context, id apikey.ID, request Request) (policy.Explanation, error) {
	asked := apikey.Spend{ID: id, Environment: request.Environment, Organizations: request.Organizations, At: s.Now(), Address: request.Address}
	record, err := s.Store.Read(ctx, id)
	switch {
	case err != nil:
		return policy.Explanation{}, fault.Outage("reading a record to explain", err)
	case record == nil || !asked.Admits(record.Organization):
		return policy.Explanation{}, apikey.NotFound()
	}
	standing, err := s.standing(ctx, &question{}, record)
	if err != nil {
		return policy.Explanation{}, err
	}
	if request.AnyEnvironment {
		asked.Environment = record.Environment
	}
	return s.Catalog.Explain(asked, record, standing, request.asked()), nil
}
