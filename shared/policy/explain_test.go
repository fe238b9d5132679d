package policy_test

import (
	"net/netip"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/ratelimit"
)

// explained are the checks of an explanation, in their order.
var explained = []apikey.Reason{
	apikey.WrongEnvironment, apikey.KeyUnknown, apikey.KeyRevoked, apikey.KeyExpired, apikey.KeyInactive, apikey.IPDenied,
	apikey.RateLimited, apikey.QuotaExceeded, apikey.OwnerInactive, apikey.ServiceDenied, apikey.PermissionDenied, apikey.ScopeDenied,
}

// results are the checks of an explanation that failed and that were skipped.
func results(explanation policy.Explanation) (failed, skipped []apikey.Reason) {
	for _, check := range explanation.Checks {
		switch check.Result {
		case policy.Failed:
			failed = append(failed, check.Reason)
		case policy.Skipped:
			skipped = append(skipped, check.Reason)
		}
	}
	return failed, skipped
}

var (
	outside   = func(r *apikey.Record) { r.Networks.Deny = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")} }
	inherits  = func(r *apikey.Record) { r.Inherits = "owner" }
	noQuotas  = func(r *apikey.Record) { r.Limits.PerDay = 0 }
	onlyCDN   = func(r *apikey.Record) { r.Scope.Services = []string{"cdn"} }
	customers = func(r *apikey.Record) { r.Scope.Customers = []string{"c1"} }
	powerless = func(r *apikey.Record) { r.Permissions = nil }
)

// Everything that is wrong is shown at once; the decision is the first of it.
func TestAnExplanationShowsAllThatIsWrong(t *testing.T) {
	catalog := shipped(t)
	zones := policy.Request{Service: catalog.Service("dns"), Method: "GET", Path: "/zones"}
	list := func(reasons ...apikey.Reason) []apikey.Reason { return reasons }
	always := list(apikey.OwnerInactive, apikey.ScopeDenied) // of a key that neither inherits nor is limited
	tests := map[string]struct {
		edits           []func(*apikey.Record)
		request         policy.Request
		failed, skipped []apikey.Reason
	}{
		"allowed":             {nil, zones, nil, always},
		"nothing asked":       {nil, policy.Request{}, nil, list(apikey.OwnerInactive, apikey.ServiceDenied, apikey.PermissionDenied, apikey.ScopeDenied)},
		"no quotas":           {[]func(*apikey.Record){noQuotas}, zones, nil, append(list(apikey.QuotaExceeded), always...)},
		"another environment": {[]func(*apikey.Record){staging}, zones, list(apikey.WrongEnvironment), always},
		"ended in every way": {
			[]func(*apikey.Record){revoked, expired, disabled}, zones, list(apikey.KeyRevoked, apikey.KeyExpired, apikey.KeyInactive), always,
		},
		"every limit":          {[]func(*apikey.Record){outside, full, dayFull}, zones, list(apikey.IPDenied, apikey.RateLimited, apikey.QuotaExceeded), always},
		"an owner who is gone": {[]func(*apikey.Record){inherits}, zones, list(apikey.OwnerInactive), list(apikey.PermissionDenied, apikey.ScopeDenied)},
		"nothing that it may": {
			[]func(*apikey.Record){onlyCDN, powerless, customers}, zones, list(apikey.ServiceDenied, apikey.PermissionDenied, apikey.ScopeDenied), list(apikey.OwnerInactive),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			before := record(test.edits...)
			got := catalog.Explain(asking, before, org.Standing{}, test.request)
			failed, skipped := results(got)
			if diff := cmp.Diff(test.failed, failed) + cmp.Diff(test.skipped, skipped); diff != "" {
				t.Errorf("failed and skipped (-want +got)\n%s", diff)
			}
			want := append(test.failed, apikey.Allowed)[0]
			if got.Reason != want || got.Record != before || len(got.States()) == 0 {
				t.Errorf("decision = %+v, want %s", got.Decision, want)
			}
			if !reflect.DeepEqual(before, record(test.edits...)) {
				t.Errorf("the record has changed: %+v", before)
			}
			for i, check := range got.Checks {
				if check.Reason != explained[i] || len(got.Checks) != len(explained) {
					t.Errorf("check %d is %s, want %s", i, check.Reason, explained[i])
				}
			}
		})
	}
}

func TestAnExplanationNamesWhatIsLacked(t *testing.T) {
	catalog := shipped(t)
	got := catalog.Explain(asking, record(onlyCDN, powerless, customers), org.Standing{}, policy.Request{
		Service: catalog.Service("dns"), Method: "GET", Path: "/zones", Customer: "c9",
	})
	var lacks []policy.Lack
	for _, check := range got.Checks {
		if check.Lack != (policy.Lack{}) {
			lacks = append(lacks, check.Lack)
		}
	}
	want := []policy.Lack{{Kind: policy.LacksService, ID: "dns"}, {Kind: policy.LacksPermission, ID: "dns:read"}, {Kind: policy.LacksCustomer, ID: "c9"}}
	if diff := cmp.Diff(want, lacks); diff != "" || got.Lack != want[0] {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Who has not shown the secret learns nothing, not even whether there is such a key.
func TestAnUnknownKeyIsExplainedByThatAlone(t *testing.T) {
	catalog := shipped(t)
	want := policy.Explanation{
		Decision: policy.Decision{Reason: apikey.KeyUnknown}, Checks: []policy.Check{{Reason: apikey.KeyUnknown, Result: policy.Failed}},
	}
	bySecret, byID := asking, asking
	byID.Digests = nil
	for name, test := range map[string]struct {
		asked  apikey.Spend
		record *apikey.Record
	}{
		"no such key":                 {bySecret, nil},
		"another secret":              {bySecret, record(wrong)},
		"another secret, revoked":     {bySecret, record(wrong, revoked, staging)},
		"another organization":        {bySecret, record(foreign)},
		"another one's revoked key":   {bySecret, record(foreign, revoked, staging)},
		"by its id, no such key":      {byID, nil},
		"by its id, another one's":    {byID, record(foreign)},
		"a secret that is not hashed": {apikey.Spend{ID: asking.ID, Digests: []apikey.Digest{}, Environment: asking.Environment, At: noon}, record()},
	} {
		t.Run(name, func(t *testing.T) {
			got := catalog.Explain(test.asked, test.record, org.Standing{}, policy.Request{Permission: "dns:write"})
			if diff := cmp.Diff(want.Checks, got.Checks); diff != "" || got.Reason != want.Reason || got.Record != nil || got.States() != nil || got.Holding.Permissions() != nil {
				t.Errorf("explanation = %+v", got)
			}
		})
	}
}

// Of a key that is named by its id there is no secret to check; all else is.
func TestAKeyIsExplainedWithoutItsSecret(t *testing.T) {
	byID := asking
	byID.Digests = nil
	got := shipped(t).Explain(byID, record(wrong, disabled), org.Standing{}, policy.Request{Permission: "dns:read"})
	failed, skipped := results(got)
	if got.Reason != apikey.KeyInactive || !slices.Equal(failed, []apikey.Reason{apikey.KeyInactive}) || !slices.Contains(skipped, apikey.KeyUnknown) {
		t.Errorf("explanation = %+v", got)
	}
}

// What an explanation says would happen is what happens, to any key, for any request: the same reason, for want of the
// same thing, and the window that refuses is the same.
func TestAnExplanationAgreesWithTheDecision(t *testing.T) {
	catalog := placed(t)
	rapid.Check(t, func(r *rapid.T) {
		key, standing, request := drawKey(r), drawStanding(r), drawRequest(r, catalog)
		asked := asking
		asked.Address = rapid.SampledFrom([]netip.Addr{{}, netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("198.51.100.1")}).Draw(r, "address")
		got := catalog.Explain(asked, key, standing, request)
		want := decided(r, catalog, asked, key, standing, request)
		if got.Reason != want.Reason || got.Lack != want.Lack || got.Full != want.Full || (got.Record == nil) != (want.Record == nil) {
			r.Fatalf("explained as %s %+v %v, decided as %s %+v %v", got.Reason, got.Lack, got.Full, want.Reason, want.Lack, want.Full)
		}
		failed, _ := results(got)
		if first := append(failed, apikey.Allowed)[0]; first != want.Reason {
			r.Fatalf("the first check that fails is %s, the decision is %s", first, want.Reason)
		}
		uncounted := catalog.DecideUncounted(asked, key, standing, request)
		i := slices.IndexFunc(failed, func(reason apikey.Reason) bool { return reason != apikey.RateLimited && reason != apikey.QuotaExceeded })
		if i < 0 && !uncounted.Allowed() || i >= 0 && failed[i] != uncounted.Reason {
			r.Fatalf("%v fail, and uncounted the decision is %s", failed, uncounted.Reason)
		}
	})
}

// decided is what becomes of a request: the address is checked, the key is spent on, and the outcome is decided about.
func decided(r *rapid.T, catalog *policy.Catalog, asked apikey.Spend, key *apikey.Record, standing org.Standing, request policy.Request) policy.Decision {
	if key.Networks.Admit(asked.Address) {
		asked.Rules = key.RulesID
	}
	switch key.Refuses(asked) {
	case apikey.RulesUnseen:
		return catalog.DenyAddress(asked, key, standing)
	case apikey.Allowed:
		spent := key.Clone()
		spent.Take(asked)
		decision, _ := catalog.Decide(asked, apikey.Outcome{Spent: true, Record: spent}, standing, request)
		return decision
	}
	decision, explained := catalog.Decide(asked, apikey.Outcome{Record: key}, standing, request)
	if !explained {
		r.Fatalf("the decision is not explained")
	}
	return decision
}

func drawKey(t *rapid.T) *apikey.Record {
	key := record()
	for name, edit := range map[string]func(*apikey.Record){
		"revoked": revoked, "expired": expired, "disabled": disabled, "full": full, "day full": dayFull, "foreign": foreign, "wrong": wrong,
		"staging": staging, "outside": outside, "inherits": inherits, "no quotas": noQuotas, "only cdn": onlyCDN, "customers": customers,
	} {
		if rapid.IntRange(0, 7).Draw(t, name) == 0 {
			edit(key)
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "allow") == 0 {
		key.Networks.Allow = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	}
	if !key.Networks.None() {
		key.RulesID = "rules"
	}
	key.Permissions = rapid.SampledFrom([][]string{nil, {"dns:read"}, {"*:*"}}).Draw(t, "permissions")
	key.Roles = rapid.SampledFrom([][]string{nil, {"ours"}, {"cache_purger"}}).Draw(t, "roles")
	key.Limits.PerMonth = rapid.SampledFrom([]int64{0, 1, 100}).Draw(t, "per month")
	key.Counts = append(key.Counts, ratelimit.Count{Window: current(ratelimit.Month), N: 6})
	return key
}

func drawStanding(t *rapid.T) org.Standing {
	owner := &org.Member{Status: rapid.SampledFrom([]org.MemberStatus{org.MemberActive, org.MemberDisabled}).Draw(t, "status"), Roles: []string{"dns_manager"}}
	standing := org.Standing{Owner: owner, Roles: org.Roles{List: []org.Role{{Name: "ours", Permissions: []string{"dns:read"}}}}}
	if rapid.IntRange(0, 3).Draw(t, "removed") == 0 {
		standing.Owner = nil
	}
	return standing
}

func drawRequest(t *rapid.T, catalog *policy.Catalog) policy.Request {
	id := rapid.SampledFrom([]string{"", "c1", "c2", "no id"})
	customer := values("customer", id.Draw(t, "query"))
	return policy.Request{
		Service: rapid.SampledFrom([]*policy.Service{nil, catalog.Service("dns"), catalog.Service("cdn")}).Draw(t, "service"), Method: "GET",
		Path:       rapid.SampledFrom([]string{"", "/inherited", "/neutral", "/of/c1/zones/a1", "/nowhere"}).Draw(t, "path"),
		Permission: rapid.SampledFrom([]policy.Permission{"", "dns:read", "dns:write"}).Draw(t, "permission"),
		Customer:   id.Draw(t, "customer"), Query: customer,
	}
}
