// Package grant says who asks for a change, what they hold, and that nobody gives more than they have themselves.
package grant

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// Caller is who asks, in which organization, as the authorizer knows them.
type Caller struct {
	Organization org.ID
	Identity     org.Identity // of the member; of a key there is its owner's subject alone
	Key          apikey.ID    // the key that asks; empty: a member does
	Secret       []string     // of the key that asks: fingerprints of the digests that the secret shown may have
	Roles        []string     // of an operator; of others the member's own are looked up
	Operator     bool         // the member operates the deployment
	Address      netip.Addr
}

// IsKey reports whether a key asks, not a member.
func (c Caller) IsKey() bool { return c.Key != "" }

// Actor is the caller as the activity log names them.
func (c Caller) Actor() audit.Actor {
	if c.IsKey() {
		return audit.KeyActor(c.Key.String())
	}
	return audit.MemberActor(c.Identity.Subject)
}

// Records reads what a key that asks holds; apikey.Spender does.
type Records interface {
	Read(ctx context.Context, id apikey.ID) (*apikey.Record, error)
	Standing(ctx context.Context, organization org.ID, owner string) (org.Standing, error)
}

// Desk finds out what callers hold.
type Desk struct {
	Records       Records
	Organizations org.Store
	Catalog       *policy.Catalog
	Now           func() time.Time
}

// Principal is a caller with what they hold.
type Principal struct {
	Caller
	Holding policy.Holding
	Record  *apikey.Record // of the key that asks; nil: a member does
	Retired bool           // the key asked with its retiring secret
}

// Principal looks the caller up, as they stand now, whatever the authorizer saw a moment ago.
func (d Desk) Principal(ctx context.Context, caller Caller) (Principal, error) {
	switch {
	case caller.IsKey():
		record, err := d.Records.Read(ctx, caller.Key)
		if err != nil {
			return Principal{}, err
		}
		return d.KeyPrincipal(ctx, caller, record)
	case caller.Operator:
		return d.MemberPrincipal(ctx, caller, org.Member{Roles: caller.Roles, Status: org.MemberActive})
	default:
		member, err := d.Organizations.Member(ctx, caller.Organization, caller.Identity.Hash())
		if err != nil && !errors.Is(err, fault.MemberNotFound) {
			return Principal{}, err
		}
		return d.MemberPrincipal(ctx, caller, member)
	}
}

// MemberPrincipal is a caller who is that member; the zero Member is none.
func (d Desk) MemberPrincipal(ctx context.Context, caller Caller, member org.Member) (Principal, error) {
	if member.Status != org.MemberActive {
		return Principal{}, fault.New(fault.MemberInactive, "You are not an active member of this organization any more. Ask one of its Admins.")
	}
	own, err := d.RolesFor(ctx, caller.Organization, member.Roles)
	if err != nil {
		return Principal{}, err
	}
	return Principal{Caller: caller, Holding: d.Catalog.MemberHolding(member.Roles, own)}, nil
}

// KeyPrincipal is a caller that is the key of that record, nil for none. The secret that it showed must still be the
// key's: a request that came in with one secret does nothing once the key has another.
func (d Desk) KeyPrincipal(ctx context.Context, caller Caller, record *apikey.Record) (Principal, error) {
	now := d.Now()
	if record == nil || record.Organization != caller.Organization || record.StatusAt(now) != apikey.Active {
		return Principal{}, errKeyOver()
	}
	current := caller.showed(record.Digest)
	if !current && !(record.GraceUntil.After(now) && caller.showed(record.Retiring)) {
		return Principal{}, errKeyOver()
	}
	holding, err := d.HoldingOf(ctx, record)
	if err != nil {
		return Principal{}, err
	}
	return Principal{Caller: caller, Holding: holding, Record: record, Retired: !current}, nil
}

func (c Caller) showed(digest apikey.Digest) bool {
	return digest != "" && slices.Contains(c.Secret, digest.Fingerprint())
}

func errKeyOver() error {
	return fault.New(fault.Unauthorized, "The key that asks is not valid any more. Use another one.")
}

// HoldingOf is what the key of record holds, as things stand now.
func (d Desk) HoldingOf(ctx context.Context, record *apikey.Record) (policy.Holding, error) {
	var standing org.Standing
	if d.Catalog.Depends(record) {
		var err error
		if standing, err = d.Records.Standing(ctx, record.Organization, record.Inherits); err != nil {
			return policy.Holding{}, err
		}
	}
	return d.Catalog.HoldingOf(record, standing), nil
}

// RolesFor are the organization's own roles, where any of ids is not one of the catalog's; else nothing is read.
func (d Desk) RolesFor(ctx context.Context, id org.ID, ids []string) (org.Roles, error) {
	if !slices.ContainsFunc(ids, func(id string) bool { _, known := d.Catalog.Role(id); return !known }) {
		return org.Roles{}, nil
	}
	return d.Organizations.Roles(ctx, id)
}

// MayGive is nil where the principal holds all of given themselves; otherwise a fault.GrantDenied that names what they
// lack.
func (p Principal) MayGive(given policy.Holding) error {
	lack, covered := p.Holding.Covers(given)
	if covered {
		return nil
	}
	if lack.ID == "" {
		return fault.New(fault.GrantDenied, "Nobody gives more than they have: you do not hold every %s yourself.", lack.Kind)
	}
	return fault.New(fault.GrantDenied, "Nobody gives more than they have: you do not hold the %s %s yourself.", lack.Kind, lack.ID)
}
