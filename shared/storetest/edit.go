package storetest

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

// roomyLimits are limits that no test reaches by accident.
var roomyLimits = ratelimit.Limits{PerMinute: roomy}

// The edits below say what is special about a key.

func named(name string) func(*apikey.Key) {
	return func(k *apikey.Key) { k.Name = name }
}

func expiring(at time.Time) func(*apikey.Key) {
	return func(k *apikey.Key) { k.ExpiresAt = at }
}

func limited(limits ratelimit.Limits) func(*apikey.Key) {
	return func(k *apikey.Key) { k.Limits = limits }
}

func revokedAt(at time.Time) func(*apikey.Key) {
	return func(k *apikey.Key) { k.RevokedAt = at }
}

// everything is a key with no field left empty that a live key may have.
func everything(k *apikey.Key) {
	k.Disabled = true
	k.ExpiresAt = noon.Add(48 * time.Hour)
	k.Retiring, k.GraceUntil = "k0.retiring", noon.Add(time.Hour)
	k.Roles, k.Permissions = []string{"reader", "writer"}, []string{"dns:*", "keys:write"}
	k.Inherits = org.Identity{Issuer: "https://id.example", Subject: k.Owner}.Hash()
	k.Scope = apikey.Scope{Services: []string{"dns", "cdn"}, Customers: []string{"c-1"}, Accounts: []string{"a:1", "a:2"}}
	k.Tier, k.TierInherited, k.OwnLimit = tier, true, true
	k.Limits = ratelimit.Limits{PerMinute: 7, PerDay: 70, PerMonth: 700}
	k.Counts = ratelimit.Counts{}.Add(noon)
	k.Total, k.LastUsedAt, k.LastUsedIP = 99, noon, netip.MustParseAddr("2001:db8::1")
	k.Description = "Früh übt sich\n\"quoted\""
	k.Metadata = map[string]string{"team": "edge", "empty": ""}
	k.Format, k.SecretUntil = apikey.JWT, noon.Add(72*time.Hour)
	k.Locked, k.Successor = true, "0A1b2C3d"
	k.Idempotency = apikey.IdempotencyID("of " + string(k.ID))
	listed(
		[]apikey.IPEntry{allowed("198.51.100.0/24"), {Network: netip.MustParsePrefix("192.0.2.7/32"), Note: "Büro, \"off\""}},
		[]apikey.IPEntry{allowed("2001:db8::/32"), allowed("::/0")},
	)(k)
}

func allowed(network string) apikey.IPEntry {
	return apikey.IPEntry{Network: netip.MustParsePrefix(network), Enabled: true, Note: "at " + network}
}

// listed gives a key IP lists.
func listed(allow, deny []apikey.IPEntry) func(*apikey.Key) {
	return func(k *apikey.Key) {
		k.IPAllow, k.IPDeny, k.Networks = allow, deny, apikey.NetworksOf(allow, deny)
	}
}

// from lets requests come from one network alone.
func from(network string) func(*apikey.Key) { return listed([]apikey.IPEntry{allowed(network)}, nil) }

// bulky gives a key as many rules as one may have, each as long as it may be, and all of them with that mark.
func bulky(mark byte) func(*apikey.Key) {
	many := func(n int) []string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf("%c%063d", mark, i)
		}
		return list
	}
	var entries []apikey.IPEntry
	for i := range 100 {
		network := netip.PrefixFrom(netip.AddrFrom16([16]byte{0x20, mark, byte(i)}), 24)
		entries = append(entries, apikey.IPEntry{Network: network, Enabled: true, Note: strings.Repeat("ü", 100)})
	}
	return func(k *apikey.Key) {
		k.Roles, k.Permissions = many(20), many(50)
		k.Scope = apikey.Scope{Services: many(50), Customers: many(100), Accounts: many(100)}
		listed(entries[:50], entries[50:])(k)
	}
}

// slim gives a key no rules but a permission.
func slim(k *apikey.Key) {
	k.Roles, k.Permissions, k.Scope = nil, []string{"dns:read"}, apikey.Scope{}
	listed(nil, nil)(k)
}
