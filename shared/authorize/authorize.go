// Package authorize is the hot path: parse, spend, decide. One request costs one round trip to the store, and
// whatever can't be told is refused.
package authorize

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// Service authorizes requests that carry a key.
type Service struct {
	Store    apikey.Spender
	Keyring  *keyring.Keyring
	Catalog  *policy.Catalog
	Brand    string
	Now      func() time.Time
	Log      *slog.Logger
	Refusals *Refusals // what need not be asked again
	Suspects *Suspects // whose secrets are guessed at
	Touches  *Touches  // which uncounted uses need not be written again
}

// Request is what is to be decided. The empty values of Service, Path and Permission are not checked.
type Request struct {
	Credential    string // as the caller sent it, surrounding spaces trimmed
	Environment   apikey.Environment
	Organizations []org.ID // whose keys are admitted; nil: all
	Service       *policy.Service
	Method        string
	Path          string
	Permission    policy.Permission
	Address       netip.Addr // where the request comes from; the zero Addr: not known
}

func (r Request) asked() policy.Request {
	return policy.Request{Service: r.Service, Method: r.Method, Path: r.Path, Permission: r.Permission}
}

// attempts bounds how often a spend is repeated because another write came between it and its explanation.
const attempts = 3

var errUnexplained = errors.New("the store refused a spend, and its record shows no reason")

// Authorize decides about one request and, where it is allowed, has counted it. An error is a fault.Unavailable:
// nobody could tell, and the request must be refused.
func (s *Service) Authorize(ctx context.Context, request Request) (policy.Decision, error) {
	question, refusal, err := s.parse(ctx, request)
	if err != nil || refusal != "" {
		return policy.Decision{Reason: refusal}, err
	}
	if reason, known := s.Refusals.recall(question.spend); known {
		return policy.Decision{Reason: reason}, nil
	}
	if s.Suspects.recall(question.spend) {
		if wrong, err := s.wrongSecret(ctx, &question); wrong || err != nil {
			return policy.Decision{Reason: apikey.KeyUnknown}, err
		}
	}
	decision, err := s.spend(ctx, &question, request.asked())
	if err != nil {
		return policy.Decision{}, err
	}
	if !question.blind {
		s.Refusals.remember(question.spend, decision)
	}
	if decision.Allowed() {
		s.rehash(ctx, question.spend, decision.Record)
	}
	return decision, nil
}

// Check decides about a request without counting it, by one consistent read. Limits are not looked at. A use
// that it allows is noted as the key's last use, at most once a minute.
func (s *Service) Check(ctx context.Context, request Request) (policy.Decision, error) {
	question, refusal, err := s.parse(ctx, request)
	if err != nil || refusal != "" {
		return policy.Decision{Reason: refusal}, err
	}
	record, err := s.Store.Read(ctx, question.spend.ID)
	if err == nil {
		err = s.refresh(ctx, &question, record)
	}
	if err != nil {
		return policy.Decision{}, fault.Outage("reading the caller's record", err)
	}
	decision := s.Catalog.DecideUncounted(question.spend, record, request.asked())
	if decision.Allowed() {
		s.touch(ctx, question.spend)
	}
	return decision, nil
}

// question is a parsed request: its credential, and what the store is asked.
type question struct {
	credential apikey.Credential
	spend      apikey.Spend
	blind      bool // the record was hashed with a pepper that this process does not have, and may have soon
}

// parse does all that needs no store. A refusal ends the matter.
func (s *Service) parse(ctx context.Context, request Request) (question, apikey.Reason, error) {
	if request.Credential == "" {
		return question{}, apikey.CredentialMissing, nil
	}
	credential, err := apikey.Parse(s.Brand, request.Credential)
	if err != nil {
		return question{}, apikey.CredentialMalformed, nil
	}
	if credential.Environment != request.Environment {
		return question{}, apikey.WrongEnvironment, nil
	}
	ring, err := s.Keyring.Ring(ctx)
	if err != nil {
		return question{}, "", fault.Outage("reading the keyring", err)
	}
	return question{credential: credential, spend: apikey.Spend{
		ID:            credential.ID,
		Digests:       ring.Digests(credential.Secret),
		Environment:   request.Environment,
		Organizations: request.Organizations,
		At:            s.Now(),
		Address:       request.Address,
	}}, "", nil
}

// spend asks the store until its answer can be explained.
func (s *Service) spend(ctx context.Context, question *question, asked policy.Request) (policy.Decision, error) {
	for range attempts {
		outcome, err := s.Store.Spend(ctx, question.spend)
		if err != nil {
			return policy.Decision{}, fault.Outage("spending", err)
		}
		if !outcome.Spent { // what was spent is not to be spent again
			before := question.spend.Digests
			if err := s.refresh(ctx, question, outcome.Record); err != nil {
				return policy.Decision{}, fault.Outage("refreshing the keyring", err)
			}
			if !slices.Equal(question.spend.Digests, before) {
				continue
			}
		}
		if decision, explained := s.Catalog.Decide(question.spend, outcome, asked); explained {
			if !question.blind {
				s.Suspects.remember(question.spend, outcome, decision)
			}
			return decision, nil
		}
		question.spend.At = s.Now()
	}
	return policy.Decision{}, fault.Outage("spending", errUnexplained)
}

// wrongSecret looks, by a read, whether the store knows the secret at all. A key id is no secret, and a refused spend is
// a write of the key's item: whoever guesses at the secret of a known id must not use up the writes that the item takes.
func (s *Service) wrongSecret(ctx context.Context, question *question) (bool, error) {
	record, err := s.Store.Read(ctx, question.spend.ID)
	if err == nil {
		err = s.refresh(ctx, question, record)
	}
	if err != nil {
		return false, fault.Outage("reading the record of a key that is guessed at", err)
	}
	return record == nil || record.Refuses(question.spend) == apikey.KeyUnknown, nil
}

// refresh hashes again where the record was hashed with a pepper that this process has not seen yet.
func (s *Service) refresh(ctx context.Context, question *question, record *apikey.Record) error {
	if record == nil {
		return nil
	}
	ring, err := s.Keyring.Ring(ctx)
	if err != nil || ring.Has(record.Digest.Pepper()) {
		return err
	}
	ring, err = s.Keyring.Refresh(ctx, record.Digest.Pepper())
	if err != nil {
		return err
	}
	question.blind = !ring.Has(record.Digest.Pepper())
	question.spend.Digests = ring.Digests(question.credential.Secret)
	return nil
}

// rehash moves a digest made with an old pepper to the current one. It comes after an allow, as a write of its
// own, and its failure refuses nobody: the next allow tries again.
func (s *Service) rehash(ctx context.Context, spend apikey.Spend, record *apikey.Record) {
	current := spend.Digests[0]
	for _, old := range spend.Digests[1:] {
		if !old.Equal(record.Digest) && !old.Equal(record.Retiring) {
			continue
		}
		if err := s.Store.Rehash(ctx, spend.ID, old, current); err != nil {
			s.Log.WarnContext(ctx, "a digest stays with its old pepper", "key_id", spend.ID.String(), "error", err)
		}
	}
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
