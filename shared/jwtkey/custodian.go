package jwtkey

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/keyring/lastgood"
)

// Notice is how long a public key is to be published before a ring names it as current, where there are verifiers
// already: one that has just read the public keys does not read them again for that long, less two seconds to spare.
const Notice = lastgood.Pause + 2*time.Second

// Custodian makes the signing keys and changes them.
//
// A public half is published before any ring names its key as current, and no two keys ever have the same kid. So
// whatever fails, and however many custodians work at once, every ring that was ever saved signs tokens that can be
// verified, and what failed can be tried again. A private half that is no longer current is not kept. A change that fails
// may leave a published key that has signed nothing, which Withdraw removes.
type Custodian struct {
	Vault     keyring.Vault
	Keys      apikey.PublicKeys
	Algorithm Algorithm     // of the keys it makes
	Notice    time.Duration // see the constant; 0 where nothing verifies yet
	Now       func() time.Time
}

// Custody is what there is: nothing of it is secret.
type Custody struct {
	Current   string    `json:"current"` // the kid of the key that signs
	Algorithm Algorithm `json:"algorithm"`
	Published []string  `json:"published"` // the kids of all keys that verify, the oldest day's first
}

// Ensure makes the first ring where there is none, a new one where the current key is of another algorithm, and sees that
// the current key is published. Where all is well it changes nothing.
func (c Custodian) Ensure(ctx context.Context) (Custody, error) {
	ring, err := c.ring(ctx)
	switch {
	case err != nil:
		return Custody{}, err
	case ring == nil || ring.Algorithm() != c.Algorithm:
		return c.Rotate(ctx)
	}
	if err := c.publish(ctx, ring); err != nil {
		return Custody{}, err
	}
	return c.custody(ctx, ring)
}

// Rotate makes a new key, publishes its public half, waits until every verifier will find that, and makes the key
// current. The keys before it go on verifying what they have signed.
func (c Custodian) Rotate(ctx context.Context) (Custody, error) {
	ring, err := NewRing(newKID(c.Now()), c.Algorithm)
	if err != nil {
		return Custody{}, err
	}
	if err := c.publish(ctx, ring); err != nil {
		return Custody{}, err
	}
	if err := wait(ctx, c.Notice); err != nil {
		return Custody{}, err
	}
	if err := c.save(ctx, ring); err != nil {
		return Custody{}, err
	}
	return c.custody(ctx, ring)
}

// Withdraw removes a published key, and so ends all tokens that it has signed: within five minutes, since verifiers
// keep it for that long. The current key is refused: its successor comes first. That there is no such key is no error.
func (c Custodian) Withdraw(ctx context.Context, kid string) (Custody, error) {
	ring, err := c.ring(ctx)
	switch {
	case err != nil:
		return Custody{}, err
	case ring == nil:
		return Custody{}, fmt.Errorf("withdrawing a signing key: %w", keyring.ErrNone)
	case ring.Current() == kid:
		return Custody{}, fmt.Errorf("withdrawing signing key %s: it is the current one; rotate first", kid)
	}
	if err := c.Keys.Withdraw(ctx, kid); err != nil {
		return Custody{}, fmt.Errorf("withdrawing signing key %s: %w", kid, err)
	}
	return c.custody(ctx, ring)
}

// ring is the ring as it is; nil: there is none yet. One that can't be read is an error, never taken for none.
func (c Custodian) ring(ctx context.Context) (*Ring, error) {
	ring, err := loadRing(ctx, c.Vault)
	if errors.Is(err, keyring.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the signing keys: %w", err)
	}
	return ring, nil
}

func (c Custodian) publish(ctx context.Context, ring *Ring) error {
	public, err := ring.Public()
	if err != nil {
		return fmt.Errorf("publishing signing key %s: %w", ring.Current(), err)
	}
	if err := c.Keys.Publish(ctx, public); err != nil {
		return fmt.Errorf("publishing signing key %s: %w", ring.Current(), err)
	}
	return nil
}

func (c Custodian) save(ctx context.Context, ring *Ring) error {
	text, err := ring.Reveal()
	if err == nil {
		err = c.Vault.Save(ctx, text)
	}
	if err != nil {
		return fmt.Errorf("saving the signing keys: %w", err)
	}
	return nil
}

// custody is what there is with that ring.
func (c Custodian) custody(ctx context.Context, ring *Ring) (Custody, error) {
	published, err := c.Keys.PublicKeys(ctx)
	if err != nil {
		return Custody{}, fmt.Errorf("reading the public keys: %w", err)
	}
	custody := Custody{Current: ring.Current(), Algorithm: ring.Algorithm()}
	for _, key := range published {
		custody.Published = append(custody.Published, key.ID)
	}
	slices.Sort(custody.Published)
	return custody, nil
}

// newKID names a key made at now: s, the day, and 40 random bits, so that kids sort by day and are never given twice.
func newKID(now time.Time) string {
	return "s" + now.UTC().Format("20060102") + strings.ToLower(rand.Text()[:8])
}

// wait waits for that long, or until ctx ends.
func wait(ctx context.Context, long time.Duration) error {
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting until a new public key is known everywhere: %w", context.Cause(ctx))
	}
}
