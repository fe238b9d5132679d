package policy_test

import (
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// spelled is the shipped catalog, where dns says whose a request is in a parameter, and cdn in a header field.
func spelled(t *testing.T) *policy.Catalog {
	t.Helper()
	catalog, err := policy.Load(edited(t, func(c object) {
		item(c, "services", 0)["customer"] = object{"in": "query", "name": "customer_id"}
		item(c, "services", 1)["customer"] = object{"in": "header", "name": "x-customer"}
	}))
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

// wantAbout checks what becomes of a request of a key limited to c1 that has the right customer, and extra beside it.
func wantAbout(t *testing.T, catalog *policy.Catalog, extra policy.Values, header bool, want apikey.Reason) {
	t.Helper()
	request := policy.Request{Service: catalog.Service("dns"), Query: policy.Values{"customer_id": {"c1"}}}
	maps.Copy(request.Query, extra)
	if header {
		request = policy.Request{Service: catalog.Service("cdn"), Header: policy.Values{"X-Customer": {"c1"}}}
		maps.Copy(request.Header, extra)
	}
	r := record(func(r *apikey.Record) { r.Scope.Customers = []string{"c1"} })
	got := catalog.DecideUncounted(asking, r, org.Standing{}, request)
	lack := policy.Lack{}
	if want == apikey.ScopeDenied {
		lack.Kind = policy.LacksCustomer
	}
	if got.Reason != want || got.Lack != lack {
		t.Errorf("%q beside the customer: %s, lacking %+v; want %s", extra, got.Reason, got.Lack, want)
	}
}

// A parameter that PHP, Rails, ASP.NET or CGI reads in place of the one that was looked at is another customer: a request
// which has both is refused, whatever either says.
func TestACustomerSpelledInAnotherWayTooIsRefused(t *testing.T) {
	catalog := spelled(t)
	for _, name := range []string{
		"customer_id[]", "customer_id[0]", "customer_id[", "customer_id[a][b]", "Customer_Id", "CUSTOMER_ID", "customer.id", "customer id",
		"customer-id", "customer[id", "customer[id]", " customer_id", "customer_id ", "\tcustomer_id", "customer_id\n", "\u00a0customer_id",
		"customer_id\x00", "customer_id\x00x", "customer_id\x00[0]", "customer_id [0]", " Customer.ID[x]", "[customer_id]", "]customer_id",
		"customer_id]", "cu\u017ftomer_id", "a;customer_id", "a=b; Customer_Id", "x;y;customer_id[]",
	} {
		for _, values := range [][]string{{"c2"}, {"c1"}, {""}, nil} {
			wantAbout(t, catalog, policy.Values{name: values}, false, apikey.ScopeDenied)
		}
	}
	for _, value := range []string{"x;customer_id=c2", ";customer.id=c2", "x; customer_id[]=c2;y", "x;customer_id"} {
		wantAbout(t, catalog, policy.Values{"a": {"b", value}}, false, apikey.ScopeDenied)
	}
	for _, name := range []string{"X_customer", "x-customer", "X-CUSTOMER", "X.customer", "X-Customer ", " X-Customer"} {
		wantAbout(t, catalog, policy.Values{name: {"c2"}}, true, apikey.ScopeDenied)
	}
}

// Names that no reader takes for the customer's do not get in its way.
func TestAnotherParameterIsNoCustomer(t *testing.T) {
	catalog := spelled(t)
	for _, name := range []string{
		"", "customer", "customer_ids", "customer__id", "customerid", "my_customer_id", "customer_id_name", "customer_id.name", "customer_id name",
		"customer_i", "id", "filter[customer_id]", "\u212austomer_id", "customer_id\u00e9", "\xffcustomer_id", "a;b", "customer_id=",
	} {
		wantAbout(t, catalog, policy.Values{name: {"c2", "a;b=customer_id", "customer_id=c2"}}, false, apikey.Allowed)
	}
	for _, name := range []string{"X-Customers", "X-Customer-Name", "Customer", "Accept;x-customer"} {
		wantAbout(t, catalog, policy.Values{name: {"text/html;x-customer=c2"}}, true, apikey.Allowed)
	}
}

// However a name is dressed up, it is seen.
func TestEveryDressOfANameIsSeen(t *testing.T) {
	catalog := spelled(t)
	rapid.Check(t, func(rt *rapid.T) {
		var name strings.Builder
		name.WriteString(rapid.StringMatching(`[ \t\n]{0,2}`).Draw(rt, "before"))
		for _, c := range "customer_id" {
			switch {
			case c == '_':
				name.WriteString(rapid.SampledFrom([]string{"_", ".", " ", "-", "["}).Draw(rt, "separator"))
			case rapid.Bool().Draw(rt, "upper"):
				name.WriteString(strings.ToUpper(string(c)))
			default:
				name.WriteRune(c)
			}
		}
		name.WriteString(rapid.StringMatching(`[ \t\n]{0,2}((\[|\x00)[a-z0-9\[\]]{0,3})?`).Draw(rt, "behind"))
		if name.String() != "customer_id" {
			wantAbout(t, catalog, policy.Values{name.String(): {"c2"}}, false, apikey.ScopeDenied)
		}
	})
}
