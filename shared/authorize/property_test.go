package authorize_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/authorize"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// Whatever the key, the request, and what the process has seen before, the decision is the pure one about the record as it
// is now, and what is counted is what a single spend counts.
func TestEveryDecisionIsThePureOne(t *testing.T) {
	b := newBooks(t)
	var people []org.Member
	for _, subject := range []string{"alice", "bob"} {
		people = append(people, b.member("org_acme", subject, org.MemberActive, "admin"))
	}
	rapid.Check(t, func(t *rapid.T) {
		id, secret := b.enter()
		for range rapid.IntRange(1, 6).Draw(t, "requests") {
			if rapid.Bool().Draw(t, "changed") {
				b.edit(id, drawRecord(t, people))
				b.member("org_acme", "alice", drawStatus(t), drawRoles(t)...)
				b.ownRole("org_acme", "zone-reader", drawPermissions(t)...)
			}
			b.agree(t, id, drawRequest(t, b, secret))
		}
	})
}

// agree authorizes once, and compares the decision and the record after it with what they must be.
func (b *books) agree(t *rapid.T, id apikey.ID, request authorize.Request) {
	want, record := b.pure(t, b.records[id].Clone(), request)
	got, err := b.Authorize(b.Context(), request)
	if err != nil || got.Reason != want.Reason || got.Lack != want.Lack || got.Full != want.Full {
		t.Fatalf("decision %s %+v, %v; want %s %+v", got.Reason, got.Lack, err, want.Reason, want.Lack)
	}
	if diff := cmp.Diff(fmt.Sprintf("%+v", record), fmt.Sprintf("%+v", b.records[id])); diff != "" {
		t.Fatalf("%s: the record (-want +got)\n%s", want.Reason, diff)
	}
	if want.Record == nil {
		return
	}
	if got.Record == nil || got.Record.Apart || !got.Record.Rules().Equal(record.Rules()) {
		t.Fatalf("%s: the decision is about %+v, want %+v", want.Reason, got.Record, record)
	}
	if diff := cmp.Diff(want.Holding.Permissions(), got.Holding.Permissions()); got.Allowed() && diff != "" {
		t.Fatalf("permissions (-want +got)\n%s", diff)
	}
}

// pure is the decision about a record with its rules at hand, and the record after it. What has been remembered of a
// revoked key or of an unknown secret is known without a record.
func (b *books) pure(t *rapid.T, record *apikey.Record, request authorize.Request) (policy.Decision, *apikey.Record) {
	ring, err := b.keyring().Ring(b.Context())
	b.must(err)
	credential, err := apikey.Parse("vg", request.Credential)
	b.must(err)
	spend := apikey.Spend{
		ID: record.ID, Digests: ring.Digests(credential.Secret), Environment: request.Environment, Organizations: request.Organizations,
		At: b.now, Address: request.Address, Rules: record.RulesID,
	}
	standing, err := b.ledger.Standing(b.Context(), record.Organization, record.Inherits)
	b.must(err)
	reason := record.Refuses(spend)
	if limited := reason == apikey.RateLimited || reason == apikey.QuotaExceeded; (limited || reason == apikey.Allowed) && !record.Networks.Admit(spend.Address) {
		return b.Catalog.DenyAddress(spend, record, standing), record
	}
	if reason == apikey.Allowed {
		record.Take(spend)
	}
	decision, explained := b.Catalog.Decide(spend, apikey.Outcome{Spent: reason == apikey.Allowed, Record: record}, standing, policy.Request{
		Service: request.Service, Method: request.Method, Path: request.Path, Permission: request.Permission,
		Customer: request.Customer, Account: request.Account,
	})
	if !explained {
		t.Fatalf("%s can't be explained", reason)
	}
	if decision.Reason == apikey.KeyRevoked {
		decision.Record = nil
	}
	return decision, record
}

// The generators draw from few values, so that records and requests often meet.

func one[T any](t *rapid.T, label string, values ...T) T {
	return rapid.SampledFrom(values).Draw(t, label)
}

func drawStatus(t *rapid.T) org.MemberStatus {
	return one(t, "status", org.MemberActive, org.MemberActive, org.MemberDisabled, org.MemberPending)
}

func drawRoles(t *rapid.T) []string {
	return one(t, "roles", nil, []string{"admin"}, []string{"zone-reader"}, []string{"nobody-knows", "admin"})
}

func drawPermissions(t *rapid.T) []string {
	return one(t, "permissions", nil, []string{"dns:read"}, []string{"dns:*", "keys:verify"})
}

func drawRecord(t *rapid.T, people []org.Member) func(*apikey.Record) {
	return func(r *apikey.Record) {
		r.Disabled = one(t, "disabled", false, false, false, true)
		r.ExpiresAt = one(t, "expires", time.Time{}, time.Time{}, noon.Add(time.Hour), noon)
		r.Limits.PerMinute, r.Limits.PerDay = one(t, "minute", int64(10), 2), one(t, "day", int64(0), 0, 3)
		r.Inherits, r.Roles, r.Permissions = "", drawRoles(t), drawPermissions(t)
		if rapid.Bool().Draw(t, "inherits") {
			inheriting(one(t, "owner", people...))(r)
		}
		r.Scope = apikey.Scope{
			Services:  one(t, "services", nil, nil, []string{"dns"}, []string{"billing"}),
			Customers: one(t, "customers", nil, nil, []string{"c1"}),
		}
		r.Networks = apikey.Networks{
			Allow: prefixes(one(t, "allow", nil, nil, []string{"203.0.113.0/24"}, []string{"198.51.100.0/24"})),
			Deny:  prefixes(one(t, "deny", nil, nil, []string{"203.0.113.9/32"})),
		}
		if rapid.Bool().Draw(t, "bulky") && r.Scope.Services != nil {
			bulky(r)
		}
	}
}

func drawRequest(t *rapid.T, b *books, secret apikey.Secret) authorize.Request {
	request := asking(secret.Reveal())
	request.Organizations = one(t, "organizations", nil, nil, []org.ID{"org_acme"}, []org.ID{"org_other"})
	request.Address = one(t, "address", address, address, netip.MustParseAddr("198.51.100.7"), netip.Addr{})
	request.Permission = one(t, "permission", policy.Permission(""), "dns:read", "dns:write")
	request.Customer = one(t, "customer", "", "c1", "c2")
	if rapid.Bool().Draw(t, "route") {
		request.Service, request.Method, request.Path = b.Catalog.Service("dns"), one(t, "method", "GET", "POST"), "/zones"
	}
	return request
}
