package authorize

import (
	"context"
	"errors"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
)

// errClosed is why nothing is decided.
var errClosed = errors.New("this deployment refuses every request, as its configuration says")

// question is a parsed request: its credential, what the store is asked, and what was found out for it.
type question struct {
	credential apikey.Credential
	spend      apikey.Spend
	blind      bool         // the record was hashed with a pepper that this process does not have, and may have soon
	rules      apikey.Rules // of the key, as this process knows them; without an ID: it does not
	stands     standing     // what was read beside the spend
}

// stranger reports whether the question comes from somebody who must not learn that there is the key of record: nil
// where there is none.
func (q *question) stranger(record *apikey.Record) bool {
	return record == nil || record.Refuses(q.spend) == apikey.KeyUnknown
}

// parse does all that needs no store. A refusal ends the matter.
func (s *Service) parse(ctx context.Context, request Request) (question, apikey.Reason, error) {
	if s.Closed {
		return question{}, "", fault.Outage("authorizing a request", errClosed)
	}
	if request.Credential == "" {
		return question{}, apikey.CredentialMissing, nil
	}
	credential, err := s.credential(ctx, request.Credential)
	switch {
	case errors.Is(err, apikey.ErrMalformed):
		return question{}, apikey.CredentialMalformed, nil
	case err != nil:
		return question{}, "", fault.Outage("verifying a token", err)
	case !request.AnyEnvironment && credential.Environment != request.Environment:
		return question{}, apikey.WrongEnvironment, nil
	}
	ring, err := s.Keyring.Ring(ctx)
	if err != nil {
		return question{}, "", fault.Outage("reading the keyring", err)
	}
	return question{credential: credential, spend: apikey.Spend{
		ID:            credential.ID,
		Digests:       ring.Digests(credential.Secret),
		Environment:   credential.Environment,
		Organizations: request.Organizations,
		At:            s.Now(),
		Address:       request.Address,
	}}, "", nil
}

// credential reads text in the format that it claims to have.
func (s *Service) credential(ctx context.Context, text string) (apikey.Credential, error) {
	if s.Tokens != nil && s.Tokens.Ours(text) {
		return s.Tokens.Parse(ctx, text)
	}
	return apikey.Parse(s.Brand, text)
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
