// Package authorize is the hot path: parse, spend, decide. One request costs one round trip to the store, and
// whatever can't be told is refused.
package authorize

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"github.com/keyward/keyward/shared/apikey"
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
	Tokens   Tokens // reads keys in JWT format; nil: there are none
	Closed   bool   // every request is refused as one that nobody could tell about, while the store is not to be believed
	Now      func() time.Time
	Log      *slog.Logger
	Known    *Known    // what a spend can name, and what can be read beside it
	Refusals *Refusals // what need not be asked again
	Suspects *Suspects // whose secrets are guessed at
	Touches  *Touches  // which uncounted uses need not be written again
}

// Tokens reads keys in JWT format; jwtkey.Verifier does.
type Tokens interface {
	// Ours reports whether text claims to be a key in JWT format of this deployment. It proves nothing.
	Ours(text string) bool
	// Parse verifies the token's signature and form, and gives what it says of itself; whether it has expired is the
	// record's to say. The error is apikey.ErrMalformed, or else means that nobody could tell.
	Parse(ctx context.Context, token string) (apikey.Credential, error)
}

// Request is what is to be decided. The empty values of Service, Path and Permission are not checked.
type Request struct {
	Credential     string // as the caller sent it, surrounding spaces trimmed
	Environment    apikey.Environment
	AnyEnvironment bool     // the API admits keys of every environment, as keyward's own does: Environment is not looked at
	Organizations  []org.ID // whose keys are admitted; nil: all
	Service        *policy.Service
	Method         string
	Path           string
	Permission     policy.Permission
	Customer       string // whom the request is about, where the asker says so; empty: the route says where it is found
	Account        string
	Query, Header  policy.Values
	Address        netip.Addr // where the request comes from; the zero Addr: not known
}

func (r Request) asked() policy.Request {
	return policy.Request{
		Service: r.Service, Method: r.Method, Path: r.Path, Permission: r.Permission,
		Customer: r.Customer, Account: r.Account, Query: r.Query, Header: r.Header,
	}
}

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
	question.use(s.Known.rulesOf(question.spend.ID))
	decision, decided, err := s.foresee(ctx, &question, request.asked())
	if err == nil && !decided {
		decision, err = s.spend(ctx, &question, request.asked())
	}
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
