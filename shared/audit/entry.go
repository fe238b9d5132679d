// Package audit says who did what: the entry that every change writes, in the same
// transaction as the change itself.
package audit

import (
	"crypto/rand"
	"net/netip"
	"time"

	"github.com/oklog/ulid/v2"
)

// Actor is who made a change: `member:<subject>`, `key:<key_id>` or `keyward` itself.
type Actor string

// System is the actor of what cleanup does.
const System Actor = "keyward"

// KeyActor is the actor for a key, named by its key_id.
func KeyActor(keyID string) Actor { return Actor("key:" + keyID) }

// MemberActor is the actor for a member known by subject.
func MemberActor(subject string) Actor { return Actor("member:" + subject) }

// Action is what was done.
type Action string

// The actions.
const (
	OrganizationCreated Action = "organization.create"
	OrganizationUpdated Action = "organization.update"
	MemberAdded         Action = "member.add"
	MemberJoined        Action = "member.join"
	MemberUpdated       Action = "member.update"
	MemberRemoved       Action = "member.remove"
	RoleUpdated         Action = "role.update"
	RoleRemoved         Action = "role.remove"
	KeyCreated          Action = "key.create"
	KeyUpdated          Action = "key.update"
	KeyDisabled         Action = "key.disable"
	KeyEnabled          Action = "key.enable"
	KeyRegenerated      Action = "key.regenerate"
	KeyRevoked          Action = "key.revoke"
	KeyExpired          Action = "key.expire"
	KeyDeleted          Action = "key.delete"
)

// Entry is one line of the activity log. Before and After hold the fields that changed, by their
// names in the contract; never a secret, never a digest.
type Entry struct {
	ID      string // a ULID: entries sort by time
	At      time.Time
	Actor   Actor
	Action  Action
	Target  string // key_…, org_…, member:<id>, role:<name>
	Address netip.Addr
	Before  map[string]any
	After   map[string]any
}

// NewEntry makes an entry with an ID of its own.
func NewEntry(at time.Time, actor Actor, action Action, target string, from netip.Addr) Entry {
	return Entry{
		ID:      ulid.MustNew(ulid.Timestamp(at), rand.Reader).String(),
		At:      at.UTC().Truncate(time.Second),
		Actor:   actor,
		Action:  action,
		Target:  target,
		Address: from,
	}
}
