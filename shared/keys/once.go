package keys

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/keyring"
)

// Once asks for a create that happens once, however often it is sent. The key is never stored or logged: what is
// kept can be found and opened only by who sends it again.
type Once struct {
	Key  string // the Idempotency-Key
	Body []byte // the request's body as it came; a replay must have the same
}

// createOnce replays the create that once names, or makes the key under it. What a replay asks for is not judged again, since
// a time to expire at may have passed; whether the caller may be given the key is.
func (s *Service) createOnce(ctx context.Context, principal grant.Principal, draft Draft, once *Once) (Created, error) {
	ring, err := s.Keyring.Ring(ctx)
	if err != nil {
		return Created{}, err
	}
	sealers := newSealers(ring, principal.Caller, once, s.now())
	replayed, err := s.replay(ctx, principal, ring, sealers)
	if err != nil || replayed.Key != nil {
		return replayed, err
	}
	created, err := s.createNew(ctx, principal, draft, &sealers[0])
	if !errors.Is(err, apikey.ErrIdempotencyUsed) {
		return created, err
	}
	replayed, err = s.replay(ctx, principal, ring, sealers)
	if err == nil && replayed.Key == nil {
		err = errIdempotency("The first request under this Idempotency-Key is still running. Repeat it in a moment.")
	}
	return replayed, err
}

// replay is what an earlier create under the same Idempotency-Key made, with its secret; no key where there was none.
func (s *Service) replay(ctx context.Context, principal grant.Principal, ring *keyring.Ring, sealers []sealer) (Created, error) {
	for _, sealer := range sealers {
		past, err := s.Store.Idempotent(ctx, sealer.id)
		if err != nil {
			return Created{}, err
		}
		if past != nil {
			return s.reopen(ctx, principal, ring, sealer, past)
		}
	}
	return Created{}, nil
}

// reopen gives the secret again, to whoever may be given the key as it is now.
func (s *Service) reopen(ctx context.Context, principal grant.Principal, ring *keyring.Ring, sealer sealer, past *apikey.Idempotency) (Created, error) {
	if !hmac.Equal(past.Body, sealer.body) {
		return Created{}, errIdempotency("This Idempotency-Key was used for a create with another body. Use a new one.")
	}
	key, err := see(ctx, s.Store, principal.Organization, sightOf(principal), past.Key)
	if errors.Is(err, fault.NotFound) {
		return Created{}, errReplayOver(past.Key)
	}
	if err != nil {
		return Created{}, err
	}
	secret, err := sealer.open(s.Brand, key.Format, past)
	if err != nil || ended(key.StatusAt(s.now())) != nil || !holds(ring, key, secret) {
		return Created{}, errReplayOver(past.Key)
	}
	weight, err := s.weigh(ctx, &key.Record)
	if err == nil {
		err = mayGive(principal, key, weight)
	}
	if err != nil {
		return Created{}, err
	}
	return Created{Key: key, Secret: secret, Warnings: warnings(key, weight), Replayed: true}, nil
}

// holds reports whether secret is still the key's current one.
func holds(ring *keyring.Ring, key *apikey.Key, secret apikey.Secret) bool {
	for _, digest := range ring.Digests(secret) {
		if digest.Equal(key.Digest) {
			return true
		}
	}
	return false
}

func errIdempotency(detail string) error {
	return fault.New(fault.IdempotencyConflict, "%s", detail)
}

func errReplayOver(id apikey.ID) error {
	return fault.New(fault.IdempotencyConflict,
		"The key %s was created under this Idempotency-Key, but its secret is no longer valid and can't be shown again. Use a new Idempotency-Key.", id)
}

// sealer seals secrets under one Idempotency-Key.
type sealer struct {
	id        apikey.IdempotencyID
	body      []byte // HMAC of the request's body
	aead      cipher.AEAD
	createdAt time.Time
}

// newSealers are the sealers of once, one for each pepper: the current one first, which new creates are sealed
// with; the others find what was sealed before the pepper changed.
func newSealers(ring *keyring.Ring, caller Caller, once *Once, now time.Time) []sealer {
	name := fmt.Appendf(nil, "%s\x00%s\x00%s", caller.Organization, caller.Actor(), once.Key)
	ids := ring.DeriveAll("idempotency id", name)
	bodies := ring.DeriveAll("idempotency body", name)
	secrets := ring.DeriveAll("idempotency seal", name)
	sealers := make([]sealer, len(ids))
	for i := range sealers {
		body := hmac.New(sha256.New, bodies[i][:])
		body.Write(once.Body)
		sealers[i] = sealer{
			id:        apikey.IdempotencyID(base64.RawURLEncoding.EncodeToString(ids[i][:])),
			body:      body.Sum(nil),
			aead:      newAEAD(secrets[i][:]),
			createdAt: now,
		}
	}
	return sealers
}

func newAEAD(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil { // only a wrong key size fails
		panic(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return aead
}

func (s sealer) seal(key *apikey.Key, secret apikey.Secret) *apikey.Idempotency {
	return &apikey.Idempotency{
		ID:        s.id,
		Body:      s.body,
		Key:       key.ID,
		Org:       key.Organization,
		Digest:    key.Digest,
		Sealed:    s.aead.Seal(nil, nil, []byte(secret.Reveal()), []byte(key.ID)),
		CreatedAt: s.createdAt,
	}
}

// open gives the secret back; an error means that it was deleted or is not what was sealed.
func (s sealer) open(brand string, format apikey.Format, past *apikey.Idempotency) (apikey.Secret, error) {
	text, err := s.aead.Open(nil, nil, past.Sealed, []byte(past.Key))
	if err != nil {
		return apikey.Secret{}, err
	}
	if format == apikey.JWT {
		return apikey.TokenSecret(string(text), past.Key), nil
	}
	credential, err := apikey.Parse(brand, string(text))
	return credential.Secret, err
}
