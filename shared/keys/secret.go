package keys

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
)

// setFormat checks the format asked for; where none is, it is the catalog's.
func (e editing) setFormat(key *apikey.Key) error {
	if key.Format == "" {
		key.Format = e.Catalog.DefaultFormat
	}
	if !slices.Contains(apikey.Formats, key.Format) {
		return fault.InvalidField("format", "format must be opaque or jwt, not %q.", key.Format)
	}
	return nil
}

// renew gives the key a new secret.
func (s *Service) renew(ctx context.Context, key *apikey.Key, now time.Time) (apikey.Secret, error) {
	ring, err := s.Keyring.Ring(ctx)
	if err != nil {
		return apikey.Secret{}, err
	}
	secret, err := s.newSecret(ctx, key, now)
	if err != nil {
		return apikey.Secret{}, err
	}
	key.Digest, key.Mask, key.SecretUntil = ring.Current(secret), secret.Mask(), time.Time{}
	if key.Format == apikey.JWT {
		key.SecretUntil = key.ExpiresAt
	}
	return secret, nil
}

func (s *Service) newSecret(ctx context.Context, key *apikey.Key, now time.Time) (apikey.Secret, error) {
	if key.Format != apikey.JWT {
		return apikey.NewSecret(s.Brand, key.Environment, key.ID), nil
	}
	if s.Tokens == nil {
		return apikey.Secret{}, errors.New("a key in JWT format was asked for, and nothing is wired to sign it")
	}
	return s.Tokens.Issue(ctx, key, now)
}
