package acceptance

import (
	"net/http"
	"testing"
)

// scoped is a request to a service, and what a key limited to customers, or to accounts, is told of it.
type scoped struct {
	method, tail string
	customer     string // in X-Customer; empty: not sent
	want         string // the text of the refusal; empty: it is allowed
}

const (
	noneNamed  = "The key is limited to some customers, and this request names none where the catalog looks for one on this route. See the key's customers, and the route in GET /v1/catalog."
	noAccount  = "The key is limited to some accounts, and this request names none where the catalog looks for one on this route. See the key's accounts, and the route in GET /v1/catalog."
	notGlobex  = "The key may not act for the customer globex. See its customers."
	notStorage = "The key may not act for the account storage. See its accounts."
)

// customerRequests are asked by a key that is limited to the customers acme and initech.
var customerRequests = map[string]scoped{
	"in the path":                    {method: "GET", tail: "customers/customers/acme"},
	"the other of the list":          {method: "PATCH", tail: "customers/customers/initech"},
	"another one in the path":        {"GET", "customers/customers/globex", "", notGlobex},
	"in the query":                   {method: "GET", tail: "billing/invoices?customer_id=acme"},
	"in the query of a path":         {method: "GET", tail: "billing/invoices/i1?customer_id=acme&page=2"},
	"another one in the query":       {"GET", "billing/invoices?customer_id=globex", "", notGlobex},
	"missing in the query":           {"GET", "billing/invoices", "", noneNamed},
	"two in the query":               {"GET", "billing/invoices?customer_id=acme&customer_id=globex", "", noneNamed},
	"the same twice":                 {method: "GET", tail: "billing/invoices?customer_id=acme&customer_id=acme"},
	"no id in the query":             {"GET", "billing/invoices?customer_id=a%20b", "", noneNamed},
	"in the header":                  {method: "POST", tail: "telemetry/events", customer: "acme"},
	"another one in the header":      {"POST", "telemetry/events", "globex", notGlobex},
	"missing in the header":          {"POST", "telemetry/events", "", noneNamed},
	"of a neutral route":             {method: "GET", tail: "billing/plans"},
	"of a neutral service":           {method: "GET", tail: "ai/v1/models"},
	"where the catalog says nothing": {"GET", "dns/zones", "", noneNamed},
	"a route about no single one":    {"GET", "customers/customers", "", noneNamed},
	"two in one header":              {"POST", "telemetry/events", "acme, initech", noneNamed},
	"in a header nobody asked for":   {"GET", "billing/invoices", "acme", noneNamed},
	"in another letter case":         {"GET", "customers/customers/Acme", "", "The key may not act for the customer Acme. See its customers."},
	"encoded in the path":            {method: "GET", tail: "customers/customers/%61cme"},
}

func testCustomers(t *testing.T, target Target) {
	ann := newMember(t, target)
	key := ann.create(fields{"customers": []string{"acme", "initech"}, "tier": "pro"})
	for name, test := range customerRequests {
		t.Run(name, func(t *testing.T) { ann.in(t).wantScoped(key, test) })
	}
	t.Run("a key for all customers needs to name none", func(t *testing.T) {
		ann := ann.in(t)
		ann.holder(ann.create().secret).forward("GET", "production/billing/invoices").wantStatus(http.StatusNoContent)
	})
	t.Run("verify takes it from the asker or from the path", func(t *testing.T) { testVerifyScopes(ann.in(t), key) })
	t.Run("a change holds on the next request", func(t *testing.T) { testCustomersChange(ann.in(t)) })
	t.Run("two headers that differ name none", func(t *testing.T) {
		ann := ann.in(t)
		holder := ann.holder(key.secret).and("X-Customer", "acme")
		holder.and("x-customer", "globex").forward("POST", "production/telemetry/events").wantForbidden("scope_denied", noneNamed)
		both := holder.and("x-customer", "acme").forward("POST", "production/telemetry/events")
		one := ann.holder(key.secret).and("X-Customer", "acme, acme").forward("POST", "production/telemetry/events")
		if both.status == http.StatusNoContent || !both.joined(one) {
			both.wantStatus(http.StatusNoContent)
		}
	})
	t.Run("behind nginx the original URI names it, not the URL that nginx asks", func(t *testing.T) { testForwardedCustomers(t, target) })
	t.Run("the sample API names no customer", func(t *testing.T) {
		ann.in(t).holder(key.secret).sample("production").wantForbidden("permission_denied", exit403)
	})
}

func testCustomersChange(ann *caller) {
	key := ann.create(fields{"customers": []string{"acme"}})
	for range 2 {
		ann.wantScoped(key, scoped{"GET", "customers/customers/globex", "", notGlobex})
		ann.do("PATCH", key.path(), fields{"customers": []string{"globex"}}).wantStatus(http.StatusOK)
		ann.wantScoped(key, scoped{method: "GET", tail: "customers/customers/globex"})
		ann.do("PATCH", key.path(), fields{"customers": []string{"acme"}}).wantStatus(http.StatusOK)
	}
}

// wantScoped asks forward-auth, as Envoy does, for a key that is limited.
func (c *caller) wantScoped(key key, test scoped) {
	c.t.Helper()
	holder := c.holder(key.secret)
	if test.customer != "" {
		holder = holder.and("X-Customer", test.customer)
	}
	answer := holder.forward(test.method, "production/"+test.tail)
	if test.want == "" {
		answer.wantStatus(http.StatusNoContent)
		return
	}
	answer.wantForbidden("scope_denied", test.want)
}

func testForwardedCustomers(t *testing.T, target Target) {
	if target.TrustingURL == "" {
		return // as Target says
	}
	target.URL = target.TrustingURL
	ann := newMember(t, target)
	holder := ann.holder(ann.create(fields{"customers": []string{"acme"}}).secret).and("X-Original-Method", "GET")
	holder.and("X-Original-URI", "/invoices?customer_id=acme").forward("GET", "production/billing").wantStatus(http.StatusNoContent)
	holder.and("X-Original-URI", "/invoices?customer_id=globex").forward("GET", "production/billing?customer_id=acme").wantForbidden("scope_denied", notGlobex)
	for _, uri := range []string{"/invoices", "/invoices?customer_id=acme;customer_id=globex", "/invoices?customer_id=%zz"} {
		holder.and("X-Original-URI", uri).forward("GET", "production/billing?customer_id=acme").wantForbidden("scope_denied", noneNamed)
	}
}

func testVerifyScopes(ann *caller, key key) {
	ann.verify(key).wantVerdict("scope_denied", noneNamed)
	ann.wantValid(key, fields{"customer": "acme"})
	ann.wantValid(key, fields{"customer": "acme", "service": "dns", "method": "GET", "path": "/zones"})
	ann.wantValid(key, fields{"service": "customers", "method": "GET", "path": "/customers/acme"})
	ann.verify(key, fields{"customer": "globex"}).wantVerdict("scope_denied", notGlobex)
	ann.verify(key, fields{"service": "customers", "method": "GET", "path": "/customers/globex"}).wantVerdict("scope_denied", notGlobex)
	ann.verify(key, fields{"service": "billing", "method": "GET", "path": "/invoices"}).wantVerdict("scope_denied", noneNamed)
}

func testAccounts(t *testing.T, target Target) {
	ann := newMember(t, target)
	key := ann.create(fields{"accounts": []string{"compute"}, "tier": "pro"})
	for name, test := range map[string]scoped{
		"in the path":              {method: "GET", tail: "security/accounts/compute/policies"},
		"another one in the path":  {"GET", "security/accounts/storage/policies", "", notStorage},
		"in the query":             {method: "GET", tail: "insights/metrics?account_id=compute"},
		"another one in the query": {"GET", "insights/metrics?account_id=storage", "", notStorage},
		"missing in the query":     {"GET", "insights/metrics", "", noAccount},
		"where nothing names one":  {"GET", "dns/zones", "", noAccount},
	} {
		t.Run(name, func(t *testing.T) { ann.in(t).wantScoped(key, test) })
	}
	t.Run("Cloud Account Viewer needs accounts", func(t *testing.T) {
		const text = `Cloud Account Viewer needs at least one account, or "all".`
		ann := ann.in(t)
		ann.wantBadRule(fields{"roles": []string{"cloud_account_viewer"}}, "accounts", text)
		ann.wantBadRule(fields{"roles": []string{"dns_manager", "cloud_account_viewer"}}, "accounts", text)
	})
	t.Run("Cloud Account Viewer views some accounts", func(t *testing.T) {
		ann := ann.in(t)
		viewer := ann.create(fields{"roles": []string{"cloud_account_viewer"}, "accounts": []string{"compute"}})
		ann.wantScoped(viewer, scoped{method: "GET", tail: "security/accounts/compute/policies"})
		ann.wantScoped(viewer, scoped{"GET", "security/accounts/storage/policies", "", notStorage})
		ann.holder(viewer.secret).forward("POST", "production/security/accounts/compute/policies").wantForbidden("permission_denied", needsText("security:write"))
	})
	t.Run("Cloud Account Viewer views all accounts", func(t *testing.T) {
		ann := ann.in(t)
		viewer := ann.create(fields{"roles": []string{"cloud_account_viewer"}, "accounts": "all"})
		ann.wantScoped(viewer, scoped{method: "GET", tail: "security/accounts/storage/policies"})
		ann.wantScoped(viewer, scoped{method: "GET", tail: "dns/zones"})
	})
	t.Run("accounts limit the whole key, whatever its other roles", func(t *testing.T) {
		ann := ann.in(t)
		both := ann.create(fields{"roles": []string{"cloud_account_viewer", "admin"}, "accounts": []string{"compute"}})
		ann.wantScoped(both, scoped{method: "POST", tail: "security/accounts/compute/policies"})
		ann.wantScoped(both, scoped{"POST", "security/accounts/storage/policies", "", notStorage})
		ann.wantScoped(both, scoped{"GET", "dns/zones", "", noAccount})
	})
}
