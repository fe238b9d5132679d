package features

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/keyward/keyward/infra/bench/account"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/jwtkey"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
)

// shape is a kind of key, and what a request with it looks like.
type shape struct {
	name     string
	draft    keys.Draft
	sign     jwtkey.Algorithm // of a key in JWT format
	address  netip.Addr       // where the request comes from
	customer string           // whom it is about
}

// entries is how many entries the IP lists have.
const entries = 100

var (
	ipv4 = netip.AddrFrom4([4]byte{10, 0, entries - 1, 1})                                 // in the last of ipv4Entries
	ipv6 = netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 0, entries - 1, 15: byte(1)}) // in the last of ipv6Entries
)

// eightRoles are VergeCloud's, from the catalog.
var eightRoles = []string{
	"admin", "read_only_admin", "billing_manager", "cache_purger", "dns_manager", "security_manager", "traffic_manager", "insights_analyst",
}

// ownRole is a role of the organization's own.
var ownRole = org.Role{Name: "zone_reader", Title: "Zone Reader", Description: "Reads zones.", Permissions: []string{"dns:read"}}

// shapes are what is measured. The first is what the others are compared with.
var shapes = []shape{
	{name: "plain", draft: keys.Draft{Roles: given([]string{"dns_manager"})}, address: ipv4},
	{name: "8 roles, services, customers, quotas", draft: everything(eightRoles), address: ipv4, customer: "customer-3"},
	{name: "100 IPv4 entries", draft: keys.Draft{Roles: given([]string{"dns_manager"}), IPAllow: given(ipv4Entries())}, address: ipv4},
	{name: "JWT, EdDSA", draft: keys.Draft{Roles: given([]string{"dns_manager"}), Format: apikey.JWT}, sign: jwtkey.EdDSA, address: ipv4},
	{name: "JWT, ES256", draft: keys.Draft{Roles: given([]string{"dns_manager"}), Format: apikey.JWT}, sign: jwtkey.ES256, address: ipv4},
	{name: "everything, 100 IPv4 entries, 2 roles", draft: allOf(everything(eightRoles[3:5]), ipv4Entries()), sign: jwtkey.EdDSA, address: ipv4, customer: "customer-3"},
	{name: "everything, 100 IPv4 entries, 8 roles", draft: allOf(everything(eightRoles), ipv4Entries()), sign: jwtkey.EdDSA, address: ipv4, customer: "customer-3"},
	{name: "everything, 100 IPv6 entries, 8 roles", draft: allOf(everything(eightRoles), ipv6Entries()), sign: jwtkey.EdDSA, address: ipv6, customer: "customer-3"},
	{name: "a role of the organization's own", draft: keys.Draft{Roles: given([]string{ownRole.Name})}, address: ipv4},
	{name: "inherit", draft: keys.Draft{Inherit: true}, address: ipv4},
}

// everything is all that a key can have but a format and IP entries.
func everything(roles []string) keys.Draft {
	quota := int64(1e9)
	return keys.Draft{
		Roles: given(roles), QuotaPerDay: &quota, QuotaPerMonth: &quota,
		Scope: keys.ScopePatch{
			Services:  given(keys.Selection{IDs: []string{"cdn", "billing", "dns"}}),
			Customers: given(keys.Selection{IDs: []string{"customer-1", "customer-2", "customer-3"}}),
		},
	}
}

// allOf is a draft in JWT format with these IP entries.
func allOf(draft keys.Draft, allow []keys.IPRule) keys.Draft {
	draft.Format, draft.IPAllow = apikey.JWT, given(allow)
	return draft
}

func given[T any](value T) keys.Optional[T] { return keys.Optional[T]{Set: true, Value: value} }

func ipv4Entries() []keys.IPRule { return ipEntries("10.0.%d.0/24") }
func ipv6Entries() []keys.IPRule { return ipEntries("2001:db8:%x::/48") }

func ipEntries(format string) []keys.IPRule {
	list := make([]keys.IPRule, entries)
	for n := range list {
		list[n] = keys.IPRule{CIDR: fmt.Sprintf(format, n)}
	}
	return list
}

// key makes a key of the shape, and gives what authorizes a request with it.
func (s shape) key(ctx context.Context, opened *account.Account) (func(context.Context) error, error) {
	if s.sign != "" {
		if err := opened.Sign(ctx, s.sign); err != nil {
			return nil, err
		}
	}
	draft := s.draft
	draft.Name = s.name
	created, err := opened.Make(ctx, draft)
	if err != nil {
		return nil, fmt.Errorf("making a key, %s: %w", s.name, err)
	}
	return func(ctx context.Context) error {
		return opened.AdmitFrom(ctx, created.Secret, s.address, s.customer)
	}, nil
}
