package policy_test

import (
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/policy"
)

// BenchmarkDecide measures a decision by what it comes to: an allow costs most, since it looks up a route and permissions.
func BenchmarkDecide(b *testing.B) {
	catalog, err := policy.Load(policy.Shipped)
	if err != nil {
		b.Fatal(err)
	}
	request := policy.Request{Service: catalog.Service("dns"), Method: "GET", Path: "/zones"}
	for name, outcome := range map[string]apikey.Outcome{
		"allowed":      {Spent: true, Record: record()},
		"rate limited": {Record: record(full)},
		"unknown":      {},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, explained := catalog.Decide(asking, outcome, request); !explained {
					b.Fatal("the outcome was not explained")
				}
			}
		})
	}
}
