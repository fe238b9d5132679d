package jwtkey

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keyring"
)

// Issuer makes tokens. It is a keys.Tokens, and safe for use by several goroutines.
type Issuer struct {
	Name   string         // every token's iss
	Source keyring.Source // of the signing ring
}

// Issue signs a token for key as it is: its ID, environment, roles, and expiry as its exp, in whole seconds. No two
// tokens are alike. The signing ring is read each time: it is seldom needed, and so a rotation holds from the moment that
// it has returned. Where it can't be read the error is a fault.Unavailable.
func (i Issuer) Issue(ctx context.Context, key *apikey.Key, now time.Time) (apikey.Secret, error) {
	ring, err := loadRing(ctx, i.Source)
	if err != nil {
		return apikey.Secret{}, fault.Outage("reading the signing keys", err)
	}
	payload, err := json.Marshal(i.claims(key, now))
	if err != nil {
		return apikey.Secret{}, fmt.Errorf("writing the claims of a token: %w", err)
	}
	token, err := ring.sign(payload)
	if err != nil {
		return apikey.Secret{}, fmt.Errorf("signing a token: %w", err)
	}
	return apikey.TokenSecret(token, key.ID), nil
}

func (i Issuer) claims(key *apikey.Key, now time.Time) issued {
	claims := issued{
		Issuer:   i.Name,
		Audience: key.Environment,
		KeyID:    key.ID.String(),
		IssuedAt: now.Unix(),
		Roles:    key.Roles, // written as an empty list where there are none
		Nonce:    rand.Text(),
	}
	if !key.ExpiresAt.IsZero() {
		claims.Expiry = key.ExpiresAt.Unix()
	}
	return claims
}

// loadRing reads the signing ring.
func loadRing(ctx context.Context, source keyring.Source) (*Ring, error) {
	data, err := source.Load(ctx)
	if err != nil {
		return nil, err
	}
	return ParseRing(data)
}
