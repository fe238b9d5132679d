package sqlite

import (
	"context"
	"database/sql"

	"github.com/keyward/keyward/shared/apikey"
)

// PublicKeys implements apikey.PublicKeys.
func (s *Store) PublicKeys(ctx context.Context) ([]apikey.PublicKey, error) {
	rows, err := all(ctx, s.reads, `SELECT id, jwk FROM public_keys ORDER BY id`)
	if err != nil {
		return nil, told(err, "reading the public keys")
	}
	var keys []apikey.PublicKey
	for _, row := range rows {
		keys = append(keys, apikey.PublicKey{ID: row.text(), JWK: row.bytes()})
	}
	return keys, nil
}

// Publish implements apikey.PublicKeys.
func (s *Store) Publish(ctx context.Context, key apikey.PublicKey) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		_, err := execute(ctx, tx, `INSERT INTO public_keys (id, jwk) VALUES (?, ?) ON CONFLICT DO NOTHING`, key.ID, key.JWK)
		return err
	})
	if err != nil {
		return told(err, "publishing the public key %s", key.ID)
	}
	return nil
}

// Withdraw implements apikey.PublicKeys.
func (s *Store) Withdraw(ctx context.Context, id string) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		_, err := execute(ctx, tx, `DELETE FROM public_keys WHERE id = ?`, id)
		return err
	})
	if err != nil {
		return told(err, "withdrawing the public key %s", id)
	}
	return nil
}
