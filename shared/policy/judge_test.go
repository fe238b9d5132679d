package policy_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// values are those of one name.
func values(name string, of ...string) policy.Values { return policy.Values{name: of} }

// placed is the shipped catalog, where dns is about customers and accounts in places of every kind.
func placed(t *testing.T) *policy.Catalog {
	t.Helper()
	catalog, err := policy.Load(edited(t, func(c object) {
		in := func(in, name string) object { return object{"in": in, "name": name} }
		dns := item(c, "services", 0)
		dns["customer"] = in("query", "customer")
		dns["routes"] = []any{
			object{"method": "GET", "path": "/inherited", "permission": "dns:read"},
			object{"method": "GET", "path": "/neutral", "permission": "dns:read", "neutral": true},
			object{"method": "GET", "path": "/header", "permission": "dns:read", "customer": in("header", "X-Customer")},
			object{"method": "GET", "path": "/of/{customer}/zones/{account}", "permission": "dns:read", "customer": in("path", "customer"), "account": in("path", "account")},
			object{"method": "GET", "path": "/account", "permission": "dns:read", "account": in("query", "account"), "neutral": true},
		}
		cdn := item(c, "services", 1)
		cdn["neutral"] = true
		cdn["routes"] = []any{object{"method": "GET", "path": "/account", "permission": "dns:read", "account": in("query", "account")}}
	}))
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

// A key limited to customers or accounts reaches those, and nothing of which it does not show about whom it is.
func TestAKeyStaysWithinItsScope(t *testing.T) {
	catalog := placed(t)
	at := func(service, path string, query, header policy.Values) policy.Request {
		return policy.Request{Service: catalog.Service(service), Method: "GET", Path: path, Query: query, Header: header}
	}
	onCustomers := apikey.Scope{Customers: []string{"c1", "c2"}}
	onAccounts := apikey.Scope{Accounts: []string{"a1"}}
	onBoth := apikey.Scope{Customers: []string{"c1"}, Accounts: []string{"a1"}}
	const none, strange, service = "customer ", "customer c3", "service dns"
	tests := map[string]struct {
		scope   apikey.Scope
		request policy.Request
		want    string // kind and id of what is lacked; empty: allowed
	}{
		"everywhere, nothing named":             {apikey.Scope{}, at("dns", "/inherited", nil, nil), ""},
		"a service in the list":                 {apikey.Scope{Services: []string{"cdn", "dns"}}, at("dns", "/inherited", nil, nil), ""},
		"a service that is not":                 {apikey.Scope{Services: []string{"cdn"}}, at("dns", "/inherited", nil, nil), service},
		"a service that is not, with no route":  {apikey.Scope{Services: []string{"cdn"}}, at("dns", "/nowhere", nil, nil), service},
		"keyward, where a list leaves it out":   {apikey.Scope{Services: []string{"dns"}}, at("keyward", "", nil, nil), "service keyward"},
		"no service asked":                      {apikey.Scope{Services: []string{"cdn"}}, policy.Request{Permission: "dns:read"}, ""},
		"the service's place":                   {onCustomers, at("dns", "/inherited", values("customer", "c2"), nil), ""},
		"the service's place, another one":      {onCustomers, at("dns", "/inherited", values("customer", "c3"), nil), strange},
		"the service's place, empty":            {onCustomers, at("dns", "/inherited", values("customer", ""), nil), none},
		"the service's place, not there":        {onCustomers, at("dns", "/inherited", values("other", "c1"), nil), none},
		"the service's place, nothing known":    {onCustomers, at("dns", "/inherited", nil, values("customer", "c1")), none},
		"twice the same":                        {onCustomers, at("dns", "/inherited", values("customer", "c1", "c1"), nil), ""},
		"twice, both its own":                   {onCustomers, at("dns", "/inherited", values("customer", "c1", "c2"), nil), none},
		"twice, one its own":                    {onCustomers, at("dns", "/inherited", values("customer", "c1", "c3"), nil), none},
		"no id":                                 {onCustomers, at("dns", "/inherited", values("customer", "c1 <script>"), nil), none},
		"a list of ids":                         {onCustomers, at("dns", "/inherited", values("customer", "c1,c2"), nil), none},
		"too long an id":                        {onCustomers, at("dns", "/inherited", values("customer", strings.Repeat("c", 65)), nil), none},
		"other letters":                         {onCustomers, at("dns", "/inherited", values("customer", "C1"), nil), "customer C1"},
		"a neutral route":                       {onBoth, at("dns", "/neutral", nil, nil), ""},
		"a header":                              {onCustomers, at("dns", "/header", values("X-Customer", "c3"), values("X-Customer", "c1")), ""},
		"a header, another one":                 {onCustomers, at("dns", "/header", nil, values("X-Customer", "c3")), strange},
		"a route's place before its service's":  {onCustomers, at("dns", "/header", values("customer", "c1"), nil), none},
		"the path":                              {onBoth, at("dns", "/of/c1/zones/a1", nil, nil), ""},
		"the path, another customer":            {onBoth, at("dns", "/of/c3/zones/a1", nil, nil), strange},
		"the path, another account":             {onBoth, at("dns", "/of/c1/zones/a2", nil, nil), "account a2"},
		"the path, encoded":                     {onBoth, at("dns", "/of/c%31/zones/%61%31", nil, nil), ""},
		"the path, encoded, another one":        {onBoth, at("dns", "/of/%633/zones/a1", nil, nil), strange},
		"the path, no id":                       {onBoth, at("dns", "/of/c1%20/zones/a1", nil, nil), none},
		"no place for the account":              {onAccounts, at("dns", "/inherited", values("customer", "c1"), nil), "account "},
		"neutral to customers, not to accounts": {onBoth, at("dns", "/account", values("account", "a1"), nil), ""},
		"and another account":                   {onBoth, at("dns", "/account", values("account", "a2"), nil), "account a2"},
		"a neutral service, a route's place":    {onBoth, at("cdn", "/account", values("account", "a2"), nil), "account a2"},
		"a neutral service":                     {onBoth, at("keyward", "", nil, nil), ""},
		"a neutral service, no path":            {onBoth, at("cdn", "", nil, nil), ""},
		"a service's place, no path":            {onCustomers, at("dns", "", values("customer", "c1"), nil), ""},
		"a service's place, no path, no value":  {onCustomers, at("dns", "", nil, nil), none},
		"given by the asker":                    {onCustomers, policy.Request{Customer: "c1"}, ""},
		"given, another one":                    {onCustomers, policy.Request{Customer: "c3"}, strange},
		"given, no id":                          {onCustomers, policy.Request{Customer: "c1\n"}, none},
		"given, an account":                     {onAccounts, policy.Request{Account: "a1"}, ""},
		"given, another account":                {onAccounts, policy.Request{Account: "a2"}, "account a2"},
		"given, where it is not limited":        {onAccounts, policy.Request{Account: "a1", Customer: "c9"}, ""},
		"given, and neutral":                    {onCustomers, policy.Request{Service: catalog.Service("keyward"), Customer: "c3"}, strange},
		"nothing asked at all":                  {onCustomers, policy.Request{}, none},
		"a permission alone":                    {onAccounts, policy.Request{Permission: "dns:read"}, "account "},
		"both, customers first":                 {onBoth, policy.Request{Customer: "c3", Account: "a2"}, strange},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := record(func(r *apikey.Record) { r.Scope = test.scope })
			got := catalog.DecideUncounted(asking, r, org.Standing{}, test.request)
			kind, id, _ := strings.Cut(test.want, " ")
			want := policy.Lack{Kind: policy.Kind(kind), ID: id}
			reason := map[policy.Kind]apikey.Reason{
				"": apikey.Allowed, policy.LacksService: apikey.ServiceDenied, policy.LacksCustomer: apikey.ScopeDenied, policy.LacksAccount: apikey.ScopeDenied,
			}[want.Kind]
			if got.Reason != reason || got.Lack != want {
				t.Errorf("decision = %s, lacking %+v; want %s, lacking %+v", got.Reason, got.Lack, reason, want)
			}
		})
	}
}

// Each of the three comes after the one before it, whatever else is wrong.
func TestServicePermissionAndScopeAreJudgedInThisOrder(t *testing.T) {
	catalog := placed(t)
	request := policy.Request{Service: catalog.Service("dns"), Method: "GET", Path: "/inherited"}
	r := record(func(r *apikey.Record) {
		r.Permissions, r.Scope = nil, apikey.Scope{Services: []string{"cdn"}, Customers: []string{"c1"}}
	})
	var got []apikey.Reason
	for _, mend := range []func(){func() {}, func() { r.Scope.Services = nil }, func() { r.Permissions = []string{"dns:read"} }, func() { r.Scope.Customers = nil }} {
		mend()
		got = append(got, catalog.DecideUncounted(asking, r, org.Standing{}, request).Reason)
	}
	if diff := cmp.Diff([]apikey.Reason{apikey.ServiceDenied, apikey.PermissionDenied, apikey.ScopeDenied, apikey.Allowed}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A key that inherits has what its owner has, in its own scope, and nothing without them.
func TestAKeyThatInheritsHasWhatItsOwnerHas(t *testing.T) {
	catalog := shipped(t)
	owner := func(status org.MemberStatus, roles ...string) *org.Member {
		return &org.Member{Status: status, Roles: roles}
	}
	own := org.Roles{List: []org.Role{{Name: "ours", Permissions: []string{"dns:read"}}}}
	tests := map[string]struct {
		owner *org.Member
		want  apikey.Reason
	}{
		"an owner who may":           {owner(org.MemberActive, "dns_manager"), apikey.Allowed},
		"by an own role":             {owner(org.MemberActive, "ours"), apikey.Allowed},
		"an owner who may not":       {owner(org.MemberActive, "cache_purger"), apikey.PermissionDenied},
		"an owner with a role gone":  {owner(org.MemberActive, "theirs"), apikey.PermissionDenied},
		"an owner who was disabled":  {owner(org.MemberDisabled, "dns_manager"), apikey.OwnerInactive},
		"an owner who never came":    {owner(org.MemberPending, "dns_manager"), apikey.OwnerInactive},
		"an owner who was removed":   {nil, apikey.OwnerInactive},
		"an owner without any roles": {owner(org.MemberActive), apikey.PermissionDenied},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := record(func(r *apikey.Record) { r.Inherits = "owner" }) // with permissions of its own, which count for nothing
			request := policy.Request{Service: catalog.Service("dns"), Method: "GET", Path: "/zones"}
			got, _ := catalog.Decide(asking, apikey.Outcome{Spent: true, Record: r}, org.Standing{Owner: test.owner, Roles: own}, request)
			if got.Reason != test.want || !catalog.Depends(r) {
				t.Errorf("decision = %s, want %s", got.Reason, test.want)
			}
		})
	}
	for _, role := range []string{"ours", "gone"} {
		if !catalog.Depends(record(func(r *apikey.Record) { r.Roles = []string{"dns_manager", role} })) {
			t.Errorf("a key with the role %s is decided about without the organization's roles", role)
		}
	}
	if catalog.Depends(record(func(r *apikey.Record) { r.Roles = []string{"dns_manager"} })) {
		t.Error("a key with roles of the catalog alone needs a standing")
	}
}

// The catalog's role wins where an organization has one of the same name.
func TestACatalogRoleWinsOverAnOwnOne(t *testing.T) {
	own := org.Roles{List: []org.Role{{Name: "cache_purger", Permissions: []string{"*:*"}}}}
	if shipped(t).MemberHolding([]string{"cache_purger"}, own).Grants("dns:write") {
		t.Error("an own role stands in for the catalog's")
	}
}

// The shipped services find customers and accounts in each of the three places.
func TestShippedServicesSayWhomARequestIsAbout(t *testing.T) {
	catalog := shipped(t)
	tests := map[string]struct {
		service, path string
		query, header policy.Values
		want          apikey.Reason
	}{
		"customers, its own":       {"customers", "/customers/c1", nil, nil, apikey.Allowed},
		"customers, another one":   {"customers", "/customers/c2", nil, nil, apikey.ScopeDenied},
		"customers, all of them":   {"customers", "/customers", nil, nil, apikey.ScopeDenied},
		"billing, its own":         {"billing", "/invoices", values("customer_id", "c1"), nil, apikey.Allowed},
		"billing, everybody's":     {"billing", "/invoices", nil, nil, apikey.ScopeDenied},
		"billing, the plans":       {"billing", "/plans", nil, nil, apikey.Allowed},
		"telemetry, its own":       {"telemetry", "/events", nil, values("X-Customer", "c1"), apikey.Allowed},
		"telemetry, another one's": {"telemetry", "/events", nil, values("X-Customer", "c2"), apikey.ScopeDenied},
		"ai is about nobody":       {"ai", "/v1/models", nil, nil, apikey.Allowed},
		"dns names no customers":   {"dns", "/zones", nil, nil, apikey.ScopeDenied},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := record(func(r *apikey.Record) { r.Permissions, r.Scope.Customers = []string{"*:*"}, []string{"c1"} })
			request := policy.Request{Service: catalog.Service(test.service), Method: "GET", Path: test.path, Query: test.query, Header: test.header}
			if got := catalog.DecideUncounted(asking, r, org.Standing{}, request); got.Reason != test.want {
				t.Errorf("decision = %s, want %s", got.Reason, test.want)
			}
		})
	}
	viewer := record(func(r *apikey.Record) { r.Permissions, r.Scope.Accounts = []string{"*:read"}, []string{"a1"} })
	for path, want := range map[string]apikey.Reason{"/accounts/a1/policies": apikey.Allowed, "/accounts/a2/policies": apikey.ScopeDenied} {
		request := policy.Request{Service: catalog.Service("security"), Method: "GET", Path: path}
		if got := catalog.DecideUncounted(asking, viewer, org.Standing{}, request); got.Reason != want {
			t.Errorf("%s: decision = %s, want %s", path, got.Reason, want)
		}
	}
}

// Deciding is on the way of every request, and leaves nothing to collect.
func TestAnAllowAllocatesNothing(t *testing.T) {
	catalog, outcome, standing, request := everythingOn(t)
	if decision, _ := catalog.Decide(asking, outcome, standing, request); !decision.Allowed() {
		t.Fatalf("decision = %s, lacking %+v", decision.Reason, decision.Lack)
	}
	allocated := testing.AllocsPerRun(100, func() { catalog.Decide(asking, outcome, standing, request) })
	if allocated > 0 {
		t.Errorf("an allow allocates %v times", allocated)
	}
}

func allowsCustomer(catalog *policy.Catalog, customer string, request policy.Request) bool {
	r := record(func(r *apikey.Record) { r.Scope.Customers = []string{customer} })
	return catalog.DecideUncounted(asking, r, org.Standing{}, request).Allowed()
}
