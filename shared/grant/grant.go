// Package grant says who asks for a change, what they hold, and that nobody gives more than they have themselves.
package grant

import (
	"context"
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
	Roles        []string     // of the member
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
}

// Principal looks the caller up, as they stand now.
func (d Desk) Principal(ctx context.Context, caller Caller) (Principal, error) {
	if caller.IsKey() {
		return d.key(ctx, caller)
	}
	own, err := d.RolesFor(ctx, caller.Organization, caller.Roles)
	if err != nil {
		return Principal{}, err
	}
	return Principal{Caller: caller, Holding: d.Catalog.MemberHolding(caller.Roles, own)}, nil
}

func (d Desk) key(ctx context.Context, caller Caller) (Principal, error) {
	record, err := d.Records.Read(ctx, caller.Key)
	if err != nil {
		return Principal{}, err
	}
	if record == nil || record.Organization != caller.Organization || record.StatusAt(d.Now()) != apikey.Active {
		return Principal{}, fault.New(fault.Unauthorized, "The key that asks is not valid any more. Use another one.")
	}
	holding, err := d.HoldingOf(ctx, record)
	if err != nil {
		return Principal{}, err
	}
	return Principal{Caller: caller, Holding: holding, Record: record}, nil
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
