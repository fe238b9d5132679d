package keys

import (
	"github.com/keyward/keyward/shared/apikey"
)

// Draft is a key to be created. The zero value of every field but Name asks for the default.
type Draft struct {
	Name          string
	Description   string
	Metadata      map[string]string
	Environment   apikey.Environment // empty: that of the key that asks; production where a member does
	Tier          string             // empty: the organization's
	RateLimit     *int64             // nil: the tier's
	QuotaPerDay   *int64             // nil: none
	QuotaPerMonth *int64
	Expiry        Expiry
	Inherit       bool               // it has its owner's permissions, as they are
	Roles         Optional[[]string] // neither these nor Permissions nor Inherit: a copy of the creator's
	Permissions   Optional[[]string]
	Scope         ScopePatch
	IPAllow       Optional[[]IPRule]
	IPDeny        Optional[[]IPRule]
	Owner         string        // the subject of a member; empty: the creator
	Format        apikey.Format // empty: the catalog's default
	Locked        bool
	Successor     string // a key_id; empty: none
}

// ScopePatch is a scope as a request writes it.
type ScopePatch struct{ Services, Customers, Accounts Optional[Selection] }

// Selection is "all", or a list of ids.
type Selection struct {
	All bool
	IDs []string
}

// IPRule is an entry of an IP list as a request writes it.
type IPRule struct {
	CIDR    string
	Enabled *bool // nil: true
	Note    string
}

// Patch is a change of a key's fields. What is not set stays.
type Patch struct {
	Name          Optional[string]
	Description   Optional[string]
	Metadata      Optional[map[string]string]
	Tier          Optional[string] // null: the organization's
	RateLimit     Optional[int64]  // null: the tier's
	Expiry        Expiry
	Active        Optional[bool]
	QuotaPerDay   Optional[int64] // null: none
	QuotaPerMonth Optional[int64]
	Inherit       Optional[bool]
	Roles         Optional[[]string]
	Permissions   Optional[[]string]
	Scope         ScopePatch
	IPAllow       Optional[[]IPRule]
	IPDeny        Optional[[]IPRule]
	Successor     Optional[string] // null: none
}

// patch is the draft as the edit of a key that has every default. What it leaves out of a tier and a limit is said as
// null, so that both are judged.
func (d Draft) patch() Patch {
	return Patch{
		Name:          given(d.Name),
		Description:   given(d.Description),
		Metadata:      given(d.Metadata),
		Tier:          Optional[string]{Set: true, Null: d.Tier == "", Value: d.Tier},
		RateLimit:     Optional[int64]{Set: true, Null: d.RateLimit == nil, Value: valueOf(d.RateLimit)},
		Expiry:        d.Expiry,
		QuotaPerDay:   Optional[int64]{Set: d.QuotaPerDay != nil, Value: valueOf(d.QuotaPerDay)},
		QuotaPerMonth: Optional[int64]{Set: d.QuotaPerMonth != nil, Value: valueOf(d.QuotaPerMonth)},
		Inherit:       Optional[bool]{Set: d.Inherit, Value: d.Inherit},
		Roles:         d.Roles,
		Permissions:   d.Permissions,
		Scope:         d.Scope,
		IPAllow:       d.IPAllow,
		IPDeny:        d.IPDeny,
		Successor:     Optional[string]{Set: d.Successor != "", Value: d.Successor},
	}
}

// saysWhatItMayDo reports whether the draft gives roles, permissions or an owner to inherit from, even if it gives none
// of them.
func (d Draft) saysWhatItMayDo() bool { return d.Inherit || d.Roles.Set || d.Permissions.Set }

func given[T any](value T) Optional[T] { return Optional[T]{Set: true, Value: value} }

func valueOf[T any](pointer *T) T {
	if pointer == nil {
		var none T
		return none
	}
	return *pointer
}
