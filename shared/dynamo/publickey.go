package dynamo

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
)

// signJWK is the attribute of a public key.
const signJWK = "jwk"

// PublicKeys implements apikey.PublicKeys.
func (s *Store) PublicKeys(ctx context.Context) ([]apikey.PublicKey, error) {
	items, err := s.all(ctx, "reading public keys", query{partition: PartitionSign, from: " ", to: top("")})
	if err != nil {
		return nil, err
	}
	var keys []apikey.PublicKey
	for _, i := range items {
		keys = append(keys, apikey.PublicKey{ID: keyOf(i).sk, JWK: i.binary(signJWK)})
	}
	return keys, nil
}

// Publish implements apikey.PublicKeys.
func (s *Store) Publish(ctx context.Context, public apikey.PublicKey) error {
	u := newUpdate().set(signJWK, binary(public.JWK)).whereAbsent(attrPK)
	_, _, err := s.update(ctx, "publishing a public key", signKey(public.ID), u)
	return err
}

// Withdraw implements apikey.PublicKeys.
func (s *Store) Withdraw(ctx context.Context, id string) error {
	_, err := s.delete(ctx, "withdrawing a public key", signKey(id), newUpdate().whereExists())
	return err
}
