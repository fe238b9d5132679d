package sqlite

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

var noon = time.Date(2026, 3, 10, 12, 0, 30, 0, time.UTC)

// acme is the organization of the tests in this package.
var acme = org.Organization{ID: "org_acme", Name: "Acme", KeyLimit: 10_000_000, CreatedAt: noon}

// newKey is the nth key of acme, without a limit that a test could reach.
func newKey(n int) *apikey.Key {
	id := apikey.ID(fmt.Sprintf("%08d", n))
	return &apikey.Key{
		Record: apikey.Record{
			ID: id, Organization: acme.ID, Owner: "ann", Environment: apikey.Production,
			Digest: apikey.Digest("k1.mPtZIxvDlJ7Fxk7sJXqlT5QaQUr0ZoE6fG6v" + string(id)), Roles: []string{"reader", "writer"},
			Permissions: []string{"dns:read", "dns:write"}, Tier: "enterprise",
			Limits: ratelimit.Limits{PerMinute: 1 << 50, PerDay: 1 << 51, PerMonth: 1 << 52}, Version: 1,
		},
		Details: apikey.Details{
			Name: fmt.Sprintf("Key %d", n), Mask: "vg_live_abcd...wxyz", CreatedAt: noon, CreatedBy: "member:ann", UpdatedAt: noon,
		},
	}
}

// ruled gives the key every kind of rule.
func ruled(key *apikey.Key) *apikey.Key {
	key.Roles, key.Permissions = []string{"reader"}, []string{"dns:read"}
	key.Scope = apikey.Scope{Services: []string{"dns", "cdn"}, Customers: []string{"c-1"}, Accounts: []string{"a:1", "a:2"}}
	key.IPAllow = []apikey.IPEntry{
		{Network: netip.MustParsePrefix("192.0.2.0/24"), Enabled: true, Note: "the \"office\"\nand more"},
		{Network: netip.MustParsePrefix("2001:db8::/32"), Enabled: true},
		{Network: netip.MustParsePrefix("198.51.100.7/32")},
	}
	key.IPDeny = []apikey.IPEntry{{Network: netip.MustParsePrefix("192.0.2.9/32"), Enabled: true}}
	key.Networks = apikey.NetworksOf(key.IPAllow, key.IPDeny)
	key.Restamp(nil)
	return key
}

// invitation is a change that invites an e-mail address to acme.
func invitation(address string, version int64) org.MemberChange {
	return org.MemberChange{
		Organization: acme.ID, Version: version, Activity: entry(audit.MemberAdded, "member:"+address),
		After: &org.Member{Organization: acme.ID, Email: address, Status: org.MemberPending, InvitedAt: noon},
	}
}

func entry(action audit.Action, target string) audit.Entry {
	return audit.NewEntry(noon, audit.System, action, target, netip.Addr{})
}

// createKey makes the key, and acme if need be.
func createKey(t testing.TB, store *Store, key *apikey.Key) *apikey.Key {
	t.Helper()
	if err := found(t, store); err != nil {
		t.Fatal(err)
	}
	if err := store.Create(t.Context(), creationOf(key)); err != nil {
		t.Fatal(err)
	}
	return key
}

func found(t testing.TB, store *Store) error {
	return store.Found(t.Context(), acme, org.Member{Organization: acme.ID}, entry(audit.OrganizationCreated, string(acme.ID)))
}

func creationOf(key *apikey.Key) apikey.Creation {
	return apikey.Creation{Key: key, Activity: entry(audit.KeyCreated, key.ID.String())}
}

func spendOf(key *apikey.Key) apikey.Spend {
	return apikey.Spend{
		ID: key.ID, Digests: []apikey.Digest{key.Digest}, Environment: key.Environment, At: noon,
		Address: netip.MustParseAddr("192.0.2.1"),
	}
}
