package apikey

import (
	"maps"
	"slices"
	"time"
)

// Key is a record and what people wrote about it.
type Key struct {
	Record
	Details
}

// Details are what deciding does not need: the cold item.
type Details struct {
	Name        string
	Description string
	Metadata    map[string]string
	Mask        string // the secret as it may be shown
	Format      Format
	SecretUntil time.Time // a JWT's exp: it can't outlive that, whatever the record says; zero: it has none
	Locked      bool      // it can't be edited
	Successor   ID        // the key that takes its place; empty: none is named
	IPAllow     []IPEntry // as people wrote them; Record.Networks are the enabled ones
	IPDeny      []IPEntry
	CreatedAt   time.Time
	CreatedBy   string // an audit.Actor
	UpdatedAt   time.Time
	Released    bool          // its name and its place under the key limit are free again
	Revision    int64         // grows with every change of the details
	Idempotency IdempotencyID // of the create, where the caller gave an Idempotency-Key
}

// Version identifies a state of the key: it grows with every change, of whatever part, and with no spend.
func (k *Key) Version() int64 { return k.Record.Version + k.Revision }

// Clone is a copy that shares no memory with k.
func (k *Key) Clone() *Key {
	return &Key{Record: *k.Record.Clone(), Details: k.Details.clone()}
}

func (d Details) clone() Details {
	d.Metadata = maps.Clone(d.Metadata)
	d.IPAllow, d.IPDeny = slices.Clone(d.IPAllow), slices.Clone(d.IPDeny)
	return d
}
