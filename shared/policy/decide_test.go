package policy_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/ratelimit"
)

var noon = time.Date(2026, 3, 10, 12, 0, 30, 0, time.UTC)

var asking = apikey.Spend{
	ID: "0A1b2C3d", Digests: []apikey.Digest{"k1.mine"}, Environment: apikey.Production, Organizations: []org.ID{"org_acme"}, At: noon,
}

// record is one that admits asking, but for what edits change.
func record(edits ...func(*apikey.Record)) *apikey.Record {
	r := &apikey.Record{
		ID: asking.ID, Organization: "org_acme", Environment: apikey.Production, Digest: "k1.mine", Permissions: []string{"dns:read"},
		Limits: ratelimit.Limits{PerMinute: 10, PerDay: 20},
		Counts: ratelimit.Counts{{Window: ratelimit.At(ratelimit.Minute, noon), N: 4}, {Window: ratelimit.At(ratelimit.Day, noon), N: 5}},
	}
	for _, edit := range edits {
		edit(r)
	}
	return r
}

var (
	revoked  = func(r *apikey.Record) { r.RevokedAt = noon }
	expired  = func(r *apikey.Record) { r.ExpiresAt = noon }
	disabled = func(r *apikey.Record) { r.Disabled = true }
	full     = func(r *apikey.Record) { r.Counts[0].N = 10 }
	dayFull  = func(r *apikey.Record) { r.Counts[1].N = 20 }
	foreign  = func(r *apikey.Record) { r.Organization = "org_evil" }
	wrong    = func(r *apikey.Record) { r.Digest = "k1.theirs" }
	staging  = func(r *apikey.Record) { r.Environment = apikey.Staging }
)

func current(unit ratelimit.Unit) ratelimit.Window { return ratelimit.At(unit, noon) }

// A refused spend is explained by the record. Nothing about the key is told to who has not shown its secret.
func TestARefusedSpendIsExplainedByItsRecord(t *testing.T) {
	tests := map[string]struct {
		record *apikey.Record
		want   apikey.Reason
		full   ratelimit.Window
		told   bool // the decision holds the record and its windows
	}{
		"no such key":                {nil, apikey.KeyUnknown, ratelimit.Window{}, false},
		"another secret":             {record(wrong), apikey.KeyUnknown, ratelimit.Window{}, false},
		"another secret, revoked":    {record(wrong, revoked), apikey.KeyUnknown, ratelimit.Window{}, false},
		"another organization":       {record(foreign), apikey.KeyUnknown, ratelimit.Window{}, false},
		"another one's revoked key":  {record(foreign, revoked), apikey.KeyUnknown, ratelimit.Window{}, false},
		"another environment":        {record(staging), apikey.WrongEnvironment, ratelimit.Window{}, true},
		"revoked":                    {record(revoked, full), apikey.KeyRevoked, ratelimit.Window{}, true},
		"expired":                    {record(expired, disabled), apikey.KeyExpired, ratelimit.Window{}, true},
		"disabled":                   {record(disabled), apikey.KeyInactive, ratelimit.Window{}, true},
		"the minute is full":         {record(full, dayFull), apikey.RateLimited, current(ratelimit.Minute), true},
		"the day is full":            {record(dayFull), apikey.QuotaExceeded, current(ratelimit.Day), true},
		"disabled before its limits": {record(disabled, dayFull), apikey.KeyInactive, ratelimit.Window{}, true},
	}
	catalog := shipped(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, explained := catalog.Decide(asking, apikey.Outcome{Record: test.record}, org.Standing{}, policy.Request{})
			if !explained || got.Reason != test.want || got.Full != test.full || got.Allowed() {
				t.Errorf("decision = %+v, %t; want %s, %v", got, explained, test.want, test.full)
			}
			if told := got.Record != nil || got.States() != nil; told != test.told || test.told && (got.Record != test.record || len(got.States()) != 2) {
				t.Errorf("the decision tells the record %v and the windows %v", got.Record, got.States())
			}
		})
	}
}

// A refusal that the record does not explain is no decision: nobody could tell.
func TestARefusalWithoutAReasonIsNoDecision(t *testing.T) {
	got, explained := shipped(t).Decide(asking, apikey.Outcome{Record: record()}, org.Standing{}, policy.Request{})
	if explained || got.Allowed() || got.Reason != "" {
		t.Errorf("decision = %+v, %t", got, explained)
	}
}

// What a key may do is decided behind the spend; a path without a route is nobody's.
func TestAKeyMayDoWhatItsPermissionsAllow(t *testing.T) {
	catalog := shipped(t)
	dns := catalog.Service("dns")
	lacks := func(permission string) policy.Lack { return policy.Lack{Kind: policy.LacksPermission, ID: permission} }
	noRoute, nothing := policy.Lack{Kind: policy.LacksRoute}, policy.Lack{}
	tests := map[string]struct {
		request policy.Request
		lack    policy.Lack
		want    apikey.Reason
	}{
		"nothing asked":                   {policy.Request{}, nothing, apikey.Allowed},
		"a route that it may":             {policy.Request{Service: dns, Method: "GET", Path: "/zones"}, nothing, apikey.Allowed},
		"a route that it may not":         {policy.Request{Service: dns, Method: "POST", Path: "/zones"}, lacks("dns:write"), apikey.PermissionDenied},
		"no route":                        {policy.Request{Service: dns, Method: "GET", Path: "/nowhere"}, noRoute, apikey.PermissionDenied},
		"an ambiguous path":               {policy.Request{Service: dns, Method: "GET", Path: "/zones/../zones"}, noRoute, apikey.PermissionDenied},
		"a service alone":                 {policy.Request{Service: dns}, nothing, apikey.Allowed},
		"a permission that it has":        {policy.Request{Permission: "dns:read"}, nothing, apikey.Allowed},
		"a permission that it lacks":      {policy.Request{Permission: "ai:use"}, lacks("ai:use"), apikey.PermissionDenied},
		"a route and a permission":        {policy.Request{Service: dns, Method: "GET", Path: "/zones", Permission: "dns:read"}, nothing, apikey.Allowed},
		"a route, and not the permission": {policy.Request{Service: dns, Method: "GET", Path: "/zones", Permission: "ai:use"}, lacks("ai:use"), apikey.PermissionDenied},
		"a permission, and not the route": {policy.Request{Service: dns, Method: "POST", Path: "/zones", Permission: "dns:read"}, lacks("dns:write"), apikey.PermissionDenied},
		"a permission, and no route":      {policy.Request{Service: dns, Method: "GET", Path: "/x", Permission: "dns:read"}, noRoute, apikey.PermissionDenied},
		"a path without a service":        {policy.Request{Method: "GET", Path: "/x", Permission: "dns:read"}, nothing, apikey.Allowed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := record()
			got, explained := catalog.Decide(asking, apikey.Outcome{Spent: true, Record: r}, org.Standing{}, test.request)
			uncounted := catalog.DecideUncounted(asking, r, org.Standing{}, test.request)
			for how, got := range map[string]policy.Decision{"Decide": got, "DecideUncounted": uncounted} {
				diff := cmp.Diff(test.want, got.Reason) + cmp.Diff(test.lack, got.Lack) + cmp.Diff(r.Counts.States(r.Limits, noon), got.States())
				if diff != "" || got.Record != r || !explained {
					t.Errorf("%s (-want +got)\n%s", how, diff)
				}
			}
		})
	}
}

func TestAnUncountedDecisionLooksAtNoLimit(t *testing.T) {
	tests := map[string]struct {
		record *apikey.Record
		want   apikey.Reason
	}{
		"no such key":                  {nil, apikey.KeyUnknown},
		"another secret":               {record(wrong), apikey.KeyUnknown},
		"another organization":         {record(foreign), apikey.KeyUnknown},
		"another environment":          {record(staging), apikey.WrongEnvironment},
		"revoked":                      {record(revoked), apikey.KeyRevoked},
		"expired":                      {record(expired), apikey.KeyExpired},
		"disabled":                     {record(disabled), apikey.KeyInactive},
		"the minute is full":           {record(full), apikey.Allowed},
		"the day is full":              {record(dayFull), apikey.Allowed},
		"the minute is full, disabled": {record(full, disabled), apikey.KeyInactive},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := shipped(t).DecideUncounted(asking, test.record, org.Standing{}, policy.Request{Permission: "dns:read"})
			if got.Reason != test.want || (test.want == apikey.KeyUnknown) != (got.Record == nil) {
				t.Errorf("decision = %+v, want %s", got, test.want)
			}
		})
	}
}

// Networks are named in spends by the ID of their rules. A record that has lost it is damaged: its networks hold all the same.
func TestNetworksWithoutAnIDAdmitNobodyElse(t *testing.T) {
	catalog := shipped(t)
	r := record(func(r *apikey.Record) { r.Networks.Allow = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} })
	for address, want := range map[string]apikey.Reason{"192.0.2.7": apikey.Allowed, "198.51.100.7": apikey.IPDenied} {
		spend := asking
		spend.Address = netip.MustParseAddr(address)
		got, explained := catalog.Decide(spend, apikey.Outcome{Spent: true, Record: r}, org.Standing{}, policy.Request{})
		if got.Reason != want || !explained {
			t.Errorf("from %s: %s, want %s", address, got.Reason, want)
		}
	}
}

// A key whose scope was damaged reaches nothing, and holds nothing that it could give.
func TestAScopeOfNothingReachesNothing(t *testing.T) {
	catalog := shipped(t)
	for lacked, scope := range map[policy.Kind]apikey.Scope{
		policy.LacksService: {Services: []string{}}, policy.LacksCustomer: {Customers: []string{}}, policy.LacksAccount: {Accounts: []string{}},
	} {
		r := record(func(r *apikey.Record) { r.Scope = scope })
		request := policy.Request{Service: catalog.Service("dns"), Customer: "c1", Account: "a1"}
		if got := catalog.DecideUncounted(asking, r, org.Standing{}, request); got.Allowed() || got.Lack.Kind != lacked {
			t.Errorf("%#v: %s, lacking %+v", scope, got.Reason, got.Lack)
		}
		if lack, covers := catalog.HoldingOf(r, org.Standing{}).Covers(catalog.HoldingOf(record(), org.Standing{})); covers || lack.Kind != lacked {
			t.Errorf("%#v covers all", scope)
		}
	}
}
