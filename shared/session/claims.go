package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	exact "github.com/go-jose/go-jose/v4/json"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/keyward/keyward/shared/org"
)

// Claims are what a verified token says of its bearer.
type Claims struct {
	Identity org.Identity
	Email    string // only as the provider has verified it; otherwise empty
}

// payload is what a token's payload may hold for us. Its signature has been checked.
type payload struct {
	jwt.Claims
	TokenUse      string   `json:"token_use"` // Amazon Cognito's: id or access
	ClientID      string   `json:"client_id"`
	Email         string   `json:"email"`
	EmailVerified verified `json:"email_verified"`
}

// verified is true for JSON's true and for "true", which Cognito writes for some providers behind it.
type verified bool

// UnmarshalJSON takes whatever else stands there for false.
func (v *verified) UnmarshalJSON(data []byte) error {
	*v = string(data) == `true` || string(data) == `"true"`
	return nil
}

// readPayload reads claims by their exact names, each at most once. encoding/json would let a claim that some
// provider leaves to its users, such as Email, stand in for email.
func readPayload(token *oidc.IDToken) (payload, error) {
	var raw json.RawMessage
	if err := token.Claims(&raw); err != nil {
		return payload{}, err
	}
	var p payload
	err := exact.Unmarshal(raw, &p)
	return p, err
}

// check holds the payload against the rules that go-oidc leaves to its caller.
func (p payload) check(config Config) error {
	if !p.isFor(config.Audience) {
		return fmt.Errorf("the token is not for %q (aud %q, client_id %q)", config.Audience, []string(p.Audience), p.ClientID)
	}
	if !validSubject(p.Subject) {
		return errors.New("sub is missing, longer than 255 bytes, or has control characters")
	}
	return p.ValidateWithLeeway(jwt.Expected{Issuer: config.Issuer, Time: config.Now()}, config.Leeway)
}

// isFor reports whether the token is meant for audience. Cognito's access tokens have no aud; they name the
// client in client_id.
func (p payload) isFor(audience string) bool {
	if p.TokenUse == "access" {
		return p.ClientID == audience
	}
	return slices.Contains(p.Audience, audience)
}

// validSubject holds a subject to OpenID Connect's bound; it goes on into logs and headers.
func validSubject(subject string) bool {
	isControl := func(c rune) bool { return c < 0x20 || c == 0x7f }
	return subject != "" && len(subject) <= 255 && !strings.ContainsFunc(subject, isControl)
}

func (p payload) claims() Claims {
	claims := Claims{Identity: org.Identity{Issuer: p.Issuer, Subject: p.Subject}}
	if p.EmailVerified {
		claims.Email = p.Email
	}
	return claims
}
