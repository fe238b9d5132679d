package httpapi

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// An event has one value of each name in its first map, and all of them in its second: where it has the second, nothing of
// the first counts.
func TestTheParametersOfAnEventAreThoseOfItsSecondMap(t *testing.T) {
	one, all := map[string]string{"a": "1", "b": "2"}, map[string][]string{"a": {"0", "1"}}
	for name, test := range map[string]struct {
		single map[string]string
		multi  map[string][]string
		want   policy.Values
	}{
		"both":       {one, all, all},
		"the second": {nil, all, all},
		"the first":  {one, nil, policy.Values{"a": {"1"}, "b": {"2"}}},
		"neither":    {nil, nil, policy.Values{}},
		"empty":      {one, map[string][]string{}, policy.Values{}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, valuesOf(test.single, test.multi)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// becomes is the decision about a request to a shipped service, by a key limited to the customer c1.
func becomes(t *testing.T, service, path string, query, header policy.Values) apikey.Reason {
	t.Helper()
	catalog := shippedCatalog(t)
	record := &apikey.Record{Digest: "k1.mine", Environment: apikey.Production, Permissions: []string{"*:*"}, Scope: apikey.Scope{Customers: []string{"c1"}}}
	spend := apikey.Spend{Digests: []apikey.Digest{"k1.mine"}, Environment: apikey.Production, At: noon}
	return catalog.DecideUncounted(spend, record, org.Standing{}, policy.Request{
		Service: catalog.Service(service), Method: "GET", Path: path, Query: query, Header: header,
	}).Reason
}

// Each is read as another customer by some backend that the request goes on to, or may be.
func TestAQueryThatSaysTheCustomerInTwoWaysIsRefused(t *testing.T) {
	if got := becomes(t, "billing", "/invoices", queryValues("customer_id=c1&page=2"), nil); got != apikey.Allowed {
		t.Fatalf("the customer alone: %s", got)
	}
	for _, raw := range []string{
		"customer_id=c1&customer_id[]=c2", "customer_id=c1&customer_id%5B0%5D=c2", "Customer_Id=c2&customer_id=c1", "customer_id=c1&customer.id=c2",
		"customer_id=c1&%20customer_id=c2", "customer_id=c1&+customer_id=c2", "customer_id=c1&customer_id%00=c2", "customer_id=c1&customer%5Fid=c2",
		"customer_id=c1&customer%5Bid=c2", "customer_id=c1;customer_id=c2", "customer_id=c1&a=b%3Bcustomer_id=c2", "customer_id=c1&%zz=1",
		"customer_id[]=c1", "Customer_Id=c1",
	} {
		if got := becomes(t, "billing", "/invoices", queryValues(raw), nil); got != apikey.ScopeDenied {
			t.Errorf("%s: %s, want scope_denied", raw, got)
		}
	}
	single := map[string]string{"customer_id": "c1", "customer_id[]": "c2"}
	multi := map[string][]string{"customer_id": {"c1"}, "customer_id[]": {"c2"}}
	for _, values := range []policy.Values{valuesOf(single, nil), valuesOf(nil, multi), valuesOf(single, multi), valuesOf(map[string]string{"customer_id": "c1"}, multi)} {
		if got := becomes(t, "billing", "/invoices", values, nil); got != apikey.ScopeDenied {
			t.Errorf("%v: %s, want scope_denied", values, got)
		}
	}
}

// An HTTP API joins the values of a header field by commas, and CGI reads X_Customer as X-Customer.
func TestAHeaderThatSaysTheCustomerInTwoWaysIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		single map[string]string
		multi  map[string][]string
		want   apikey.Reason
	}{
		"once":                        {map[string]string{"x-customer": "c1", "accept": "*/*"}, nil, apikey.Allowed},
		"in another case":             {nil, map[string][]string{"X-CUSTOMER": {"c1"}}, apikey.Allowed},
		"joined":                      {map[string]string{"x-customer": "c1,c2"}, nil, apikey.ScopeDenied},
		"joined, the same":            {map[string]string{"x-customer": "c1, c1"}, nil, apikey.ScopeDenied},
		"twice":                       {nil, map[string][]string{"X-Customer": {"c1", "c2"}}, apikey.ScopeDenied},
		"twice, in two cases":         {nil, map[string][]string{"X-Customer": {"c1"}, "x-customer": {"c2"}}, apikey.ScopeDenied},
		"with a _":                    {map[string]string{"x-customer": "c1", "x_customer": "c2"}, nil, apikey.ScopeDenied},
		"with a _, in the second map": {nil, map[string][]string{"X-Customer": {"c1"}, "X_Customer": {"c2"}}, apikey.ScopeDenied},
	} {
		t.Run(name, func(t *testing.T) {
			headers := policy.Values(headersOf(test.single, test.multi))
			if got := becomes(t, "telemetry", "/events", nil, headers); got != test.want {
				t.Errorf("decision = %s, want %s", got, test.want)
			}
		})
	}
}
