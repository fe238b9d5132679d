package apikey

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
)

// What the methods of a store return, beside faults. Any other error means that the store could not
// tell: callers fail closed, and the change may or may not have happened.
var (
	// ErrIDTaken says that another key has this ID: draw again.
	ErrIDTaken = errors.New("key id is taken")
	// ErrMoved says that the key has changed since it was read: read again.
	ErrMoved = errors.New("key has changed since it was read")
	// ErrIdempotencyUsed says that a create under this IdempotencyID has already happened.
	ErrIdempotencyUsed = errors.New("idempotency key is used")
)

// Store is all that a store promises.
type Store interface {
	Spender
	Namer
	Keys
	Cleaner
	Walker
	PublicKeys
	org.Store
	org.Sessions
}

// Spender is the hot path of a store.
type Spender interface {
	// Spend takes one request from the key, or says why not. It is linearizable with every change:
	// a spend that starts after a change has returned sees that change. However many spend at
	// once, from however many processes, no window ever admits more than its limit. A spend whose
	// reply was lost may have been counted, and once more where it was sent again: a count may be
	// too high then, never too low.
	Spend(ctx context.Context, spend Spend) (Outcome, error)
	// Read is the key's record as it is now, seeing every write that returned before the call; nil
	// where there is no such key. It counts nothing, and leaves nothing Apart.
	Read(ctx context.Context, id ID) (*Record, error)
	// Rules are the rules of the key that stand under that RulesID; nil where they no longer do.
	Rules(ctx context.Context, id ID, rulesID string) (*Rules, error)
	// Standing is what deciding about a key needs beside its record, in one consistent read: see org.Standing.
	Standing(ctx context.Context, organization org.ID, owner string) (org.Standing, error)
	// Rehash replaces the digest old of the current secret, or of the retiring one, by new.
	// Where the key no longer has old it does nothing: that is not an error.
	Rehash(ctx context.Context, id ID, old, new Digest) error
	// Touch notes that the key was used at that time from that address, without counting it.
	Touch(ctx context.Context, id ID, at time.Time, from netip.Addr) error
}

// Namer tells what a key is called: the one thing about a key that deciding does not need and an answer to a
// backend has. It may be read beside a spend.
type Namer interface {
	// Name is the key's name; empty where the organization has no such key. It may lag behind a change.
	Name(ctx context.Context, organization org.ID, id ID) (string, error)
}

// Keys is the administration of keys in a store. Every write is all or nothing, is durable before it
// returns, and writes its activity with it. Reads see every write that returned before the call.
type Keys interface {
	// Create makes a key: name and place are claimed, or nothing happens. Names are unique in the
	// organization among live keys, compared by Fold; a name or place that an expired key still
	// holds is released in the same step, exactly once, whoever comes first.
	//
	// Faults: fault.NameTaken, fault.KeyLimitReached; ErrIDTaken; ErrIdempotencyUsed.
	Create(ctx context.Context, creation Creation) error
	// Key is the key, or a fault.KeyNotFound: also where it belongs to another organization.
	Key(ctx context.Context, organization org.ID, id ID) (*Key, error)
	// Page lists up to limit keys of the organization in an order, starting after a position ("" is
	// the start). next is the position behind the last key of the page, "" at the end. A page may
	// be shorter than limit, or empty, and still have a next. A key that exists throughout is listed
	// exactly once however many are added meanwhile.
	Page(ctx context.Context, page PageRequest) (keys []*Key, next string, err error)
	// Change turns the key from before into after, where before is still how it stands; otherwise
	// ErrMoved: also where there is no such key any more, and where it had expired when the activity happened,
	// unless the change revokes it. It returns the key as it is stored. Counters and last use are not part of it.
	// What restricts holds from before Change returns; what claims a name is refused with
	// fault.NameTaken before anything has changed. A revocation, and a new secret, also delete the sealed secret
	// that an idempotent create left.
	Change(ctx context.Context, change Change) (*Key, error)
	// Idempotent is what was created under id; nil where nothing was, or it is older than its term.
	Idempotent(ctx context.Context, id IdempotencyID) (*Idempotency, error)
}

// Cleaner is what the scheduled cleanup asks of a store. Every step is bounded, may be cut off
// anywhere, and may run twice at once with no harm.
type Cleaner interface {
	// Due lists keys that have something to be cleaned up: a change to finish, an expiry to mark, or a
	// retention that has ended; the longest due first. Those listed may have been cleaned up already.
	Due(ctx context.Context, due DueRequest) ([]DueKey, error)
	// Settle finishes what was cut off on the key and, where it expired before now, marks that: name and
	// place become free and an activity is written, exactly once. It reports whether it marked an expiry.
	Settle(ctx context.Context, key DueKey, now time.Time) (expired bool, err error)
	// Delete removes the key for good, its record last, if it was revoked or expired before that time.
	// It reports whether it removed one. A key that does not exist, or that ended later, is left alone.
	Delete(ctx context.Context, key DueKey, endedBefore time.Time) (bool, error)
}

// DueRequest asks for up to Limit keys to clean up.
type DueRequest struct {
	Now         time.Time
	EndedBefore time.Time // keys that were revoked or expired before it are to be deleted; zero: none are
	Limit       int
}

// DueKey names a key that cleanup is to look at.
type DueKey struct {
	Organization org.ID
	ID           ID
}

// Walker goes through all keys there are, for maintenance.
type Walker interface {
	// Walk lists up to limit keys of whatever organization, in an order of the store's own, starting after a position
	// ("" is the start); next is "" at the end. A key that exists throughout is listed at least once.
	Walk(ctx context.Context, after string, limit int) (keys []DueKey, next string, err error)
}

// PublicKeys keeps the public halves of the keys that sign JWT-format keys.
type PublicKeys interface {
	// PublicKeys are all that are published, in the order of their IDs.
	PublicKeys(ctx context.Context) ([]PublicKey, error)
	// Publish adds a public key. One of that ID that is there already stays as it is.
	Publish(ctx context.Context, key PublicKey) error
	// Withdraw removes the public key of that ID. That there is none is no error.
	Withdraw(ctx context.Context, id string) error
}

// Creation is all that a create writes. A key that follows its organization's tier is created only while the
// organization still has that tier: otherwise ErrMoved.
type Creation struct {
	Key         *Key
	Activity    audit.Entry
	Idempotency *Idempotency // nil: the caller did not ask for it
}

// Change is a change to a key.
type Change struct {
	Before, After *Key
	Activity      audit.Entry
	// Exclusive makes the change conditional on the whole of Before, details included, even where it
	// touches the record alone: what If-Match asks for.
	Exclusive bool
}

// IdempotencyID is an HMAC of organization, caller and Idempotency-Key.
type IdempotencyID string

// IdempotencyTerm is how long a create can be replayed.
const IdempotencyTerm = 24 * time.Hour

// Idempotency is what a store keeps so that a create can be replayed.
type Idempotency struct {
	ID        IdempotencyID
	Body      []byte // HMAC of the request's body
	Key       ID
	Org       org.ID
	Digest    Digest // of the secret that was made: a replay gives only that one
	Sealed    []byte // the secret, sealed under a key that only the Idempotency-Key gives; nil once deleted
	CreatedAt time.Time
}

// Order is the order of a list.
type Order string

// The orders. By name and by expiry only live keys are listed; keys that never expire come last either way.
const (
	NewestFirst    Order = "-created_at"
	OldestFirst    Order = "created_at"
	ByName         Order = "name"
	ByNameReversed Order = "-name"
	SoonestExpiry  Order = "expires_at"
	LatestExpiry   Order = "-expires_at"
)

// PageRequest asks for a page of an organization's keys.
type PageRequest struct {
	Organization org.ID
	Order        Order
	NamePrefix   string // folded; only with ByName and ByNameReversed, "" is all
	After        string
	Limit        int
}

// Position is where k stands in a list of that order: what PageRequest.After takes, and what Page returns as next.
// Positions of one order compare as strings as their keys do, but that keys which never expire come last in both
// orders by expiry.
func (k *Key) Position(order Order) string {
	switch order {
	case ByName, ByNameReversed:
		return FoldName(k.Name)
	case SoonestExpiry, LatestExpiry:
		return ExpiryPosition(k.ExpiresAt, k.ID)
	default:
		return string(k.ID)
	}
}

// ExpiryPosition is the position of a key that expires at that time; the zero time is never.
func ExpiryPosition(at time.Time, id ID) string {
	if at.IsZero() {
		return "never#" + string(id)
	}
	return at.UTC().Format(time.RFC3339) + "#" + string(id)
}
