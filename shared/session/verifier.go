package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/keyward/keyward/shared/fault"
)

// Verifier verifies session tokens of one provider. It is safe for use by several goroutines.
type Verifier struct {
	config   Config
	provider *provider
}

// NewVerifier makes a verifier. The provider is not asked for anything yet: that comes with the first token,
// so that neither a start nor a process that never sees a session waits for it. The error names the fields
// of config that are wrong.
func NewVerifier(config Config) (*Verifier, error) {
	config = config.withDefaults()
	if err := config.validate(); err != nil {
		return nil, fmt.Errorf("session tokens: %w", err)
	}
	return &Verifier{config, newProvider(config)}, nil
}

// Verify says who token belongs to.
//
// It is refused with fault.Unauthorized unless one of the provider's keys signed it with an allowed algorithm,
// its iss is the issuer, it is meant for the audience (Cognito's access tokens by client_id, all others by
// aud), it has an exp that is not over, no nbf or iat in the future (all three give or take the leeway), and a
// sub. Where the provider's keys can't be had, it is fault.Unavailable: nobody could tell.
func (v *Verifier) Verify(ctx context.Context, token string) (Claims, error) {
	if !LooksLikeToken(token) {
		return Claims{}, unauthorized(errForm)
	}
	attempt := &attempt{provider: v.provider}
	payload, err := v.verify(ctx, attempt, token)
	switch {
	case attempt.outage != nil:
		return Claims{}, fault.Outage("reading the session provider's keys", attempt.outage)
	case err != nil:
		return Claims{}, unauthorized(err)
	default:
		return payload.claims(), nil
	}
}

var errForm = errors.New("it does not have the form of a signed JWT")

func (v *Verifier) verify(ctx context.Context, attempt *attempt, token string) (payload, error) {
	verified, err := oidc.NewVerifier(v.config.Issuer, attempt, v.rules()).Verify(ctx, token)
	if err != nil {
		return payload{}, err
	}
	claims, err := readPayload(verified)
	if err != nil {
		return payload{}, fmt.Errorf("reading the claims: %w", err)
	}
	return claims, claims.check(v.config)
}

// rules are go-oidc's part: algorithm, signature, issuer, and an exp that must be there. It knows no leeway for
// exp, so it is shown an earlier time, and no client_id, so payload.check looks at the audience.
func (v *Verifier) rules() *oidc.Config {
	return &oidc.Config{
		SkipClientIDCheck:    true,
		SupportedSigningAlgs: v.config.Algorithms,
		Now:                  func() time.Time { return v.config.Now().Add(-v.config.Leeway) },
	}
}

// attempt is the key set of one verification. It remembers that the provider could not be asked, of which
// go-oidc's own error keeps only the text.
type attempt struct {
	provider *provider
	outage   error
}

// VerifySignature is called with tokens of an allowed algorithm alone: the others never reach the provider.
func (a *attempt) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	keys, err := a.provider.keys(ctx)
	if err != nil {
		a.outage = err
		return nil, err
	}
	payload, err := keys.VerifySignature(ctx, token)
	if err != nil && (unreachable(err) || ctx.Err() != nil) {
		a.outage = err
	}
	return payload, err
}

// unauthorized is the one refusal. It tells the caller no more than whether to sign in again.
func unauthorized(cause error) error {
	_, old := errors.AsType[*oidc.TokenExpiredError](cause)
	refusal := fault.New(fault.Unauthorized, "The session token is not valid here. Sign in again and send it whole in Authorization: Bearer.")
	if old || errors.Is(cause, jwt.ErrExpired) {
		refusal.Detail = "The session token has expired. Sign in again."
	}
	refusal.Err = fmt.Errorf("verifying a session token: %w", cause)
	return refusal
}
