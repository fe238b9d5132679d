package dynamo

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
)

// The attributes of an idempotent create.
const (
	idemBody    = "body"
	idemOf      = "id"
	idemOrg     = "org"
	idemDigest  = "digest"
	idemSealed  = "sealed"
	idemCreated = "created_at"
)

// Idempotent implements apikey.Keys. The term is judged by Now: TTL deletes days later.
func (s *Store) Idempotent(ctx context.Context, id apikey.IdempotencyID) (*apikey.Idempotency, error) {
	i, err := s.get(ctx, "reading an idempotent create", idemKey(id))
	if i == nil || err != nil {
		return nil, err
	}
	created := i.time(idemCreated)
	if !s.Now().Before(created.Add(apikey.IdempotencyTerm)) {
		return nil, nil
	}
	return &apikey.Idempotency{
		ID: id, Body: i.binary(idemBody), Key: apikey.ID(i.text(idemOf)), Org: org.ID(i.text(idemOrg)),
		Digest: apikey.Digest(i.text(idemDigest)), Sealed: i.binary(idemSealed), CreatedAt: created,
	}, nil
}

// putIdempotency notes the create, over one whose term has ended, where the caller asked for it.
func (t *tx) putIdempotency(n *apikey.Idempotency, now time.Time) {
	if n == nil {
		return
	}
	u := newUpdate().
		set(idemBody, binary(n.Body)).set(idemOf, text(string(n.Key))).set(idemOrg, text(string(n.Org))).
		set(idemDigest, text(string(n.Digest))).set(idemCreated, number(n.CreatedAt.Unix())).
		set(attrTTL, number(n.CreatedAt.Add(apikey.IdempotencyTerm).Unix()))
	if n.Sealed != nil {
		u.set(idemSealed, binary(n.Sealed))
	}
	ended := u.value(number(now.Add(-apikey.IdempotencyTerm).Unix()))
	u.where("(attribute_not_exists(" + u.name(attrPK) + ") OR " + u.name(idemCreated) + " <= " + ended + ")")
	t.update(idemKey(n.ID), u)
}

// forgetSecret deletes the sealed secret that the create of a key left; the create stays known. Where TTL has removed
// it, or a later create has the same id, it does nothing.
func (s *Store) forgetSecret(ctx context.Context, d *details) error {
	if d.Idempotency == "" {
		return nil
	}
	u := newUpdate().remove(idemSealed).whereEqual(idemOf, text(string(d.id)))
	_, _, err := s.update(ctx, "deleting a sealed secret", idemKey(d.Idempotency), u)
	return err
}

// forgetCreate deletes all that is known of the create of a key, under the same conditions.
func (s *Store) forgetCreate(ctx context.Context, d *details) error {
	if d.Idempotency == "" {
		return nil
	}
	u := newUpdate().whereEqual(idemOf, text(string(d.id)))
	_, err := s.delete(ctx, "deleting an idempotent create", idemKey(d.Idempotency), u)
	return err
}
