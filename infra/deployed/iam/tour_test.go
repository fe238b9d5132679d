package iam

import (
	"strings"
	"sync"
	"testing"

	"github.com/keyward/keyward/shared/httpapi"
)

// belongings are what a tour needs of its own: keys, beside a role and an invitation.
type belongings struct {
	caller
	kept, changed, revoked fields
}

func (d *deployment) belongings(t testing.TB) belongings {
	t.Helper()
	c := d.newcomer(t)
	inviting(c).data(t)
	making(c).data(t)
	return belongings{c, c.create(nil), c.create(nil), c.create(nil)}
}

// tour is a request of each route, by the table's row.
var tour = map[string]func(b belongings) outcome{
	"POST /v1/keys": func(b belongings) outcome { return b.do("POST", "/v1/keys", fields{"name": newName("toured")}) },
	"POST /v1/keys/generate": func(b belongings) outcome {
		return b.do("POST", "/v1/keys/generate", fields{"name": newName("toured")})
	},
	"GET /v1/keys":          func(b belongings) outcome { return list(b.caller, nil) },
	"GET /v1/keys/{key_id}": func(b belongings) outcome { return get(b.caller, b.kept) },
	"PATCH /v1/keys/{key_id}": func(b belongings) outcome {
		return b.do("PATCH", pathOf(b.kept), fields{"name": newName("renamed")})
	},
	"DELETE /v1/keys/{key_id}":          func(b belongings) outcome { return revoke(b.caller, b.revoked) },
	"POST /v1/keys/{key_id}/disable":    func(b belongings) outcome { return b.do("POST", pathOf(b.changed)+"/disable", nil) },
	"POST /v1/keys/{key_id}/enable":     func(b belongings) outcome { return b.do("POST", pathOf(b.changed)+"/enable", nil) },
	"POST /v1/keys/{key_id}/regenerate": func(b belongings) outcome { return regenerate(b.caller, b.changed) },
	"POST /v1/keys/{key_id}/explain":    func(b belongings) outcome { return explain(b.caller, b.kept) },
	"POST /v1/keys/verify":              func(b belongings) outcome { return verify(b.caller, b.kept) },
	"GET /v1/account":                   func(b belongings) outcome { return b.do("GET", "/v1/account", nil) },
	"PATCH /v1/account":                 func(b belongings) outcome { return b.do("PATCH", "/v1/account", fields{"name": newName("Acme")}) },
	"GET /v1/members":                   func(b belongings) outcome { return b.do("GET", "/v1/members", nil) },
	"GET /v1/members/{id}":              func(b belongings) outcome { return b.do("GET", "/v1/members/"+b.name, nil) },
	"PUT /v1/members/{id}":              func(b belongings) outcome { return inviting(b.caller) },
	"DELETE /v1/members/{id}":           func(b belongings) outcome { return b.do("DELETE", "/v1/members/bob@keyward.localhost", nil) },
	"GET /v1/roles":                     func(b belongings) outcome { return b.do("GET", "/v1/roles", nil) },
	"PUT /v1/roles/{name}":              func(b belongings) outcome { return making(b.caller) },
	"GET /v1/roles/{name}":              func(b belongings) outcome { return b.do("GET", "/v1/roles/support", nil) },
	"DELETE /v1/roles/{name}":           func(b belongings) outcome { return b.do("DELETE", "/v1/roles/support", nil) },
	"GET /v1/catalog":                   func(b belongings) outcome { return b.do("GET", "/v1/catalog", nil) },
	"GET /.well-known/jwks.json":        func(b belongings) outcome { return b.do("GET", "/.well-known/jwks.json", nil) },
	"ANY /v1/authorize/{environment}/{service}": func(b belongings) outcome {
		return b.holder(b.kept).and("X-Forwarded-Method", "GET").and("X-Forwarded-Uri", "/zones").do("GET", "/v1/authorize/production/dns", nil)
	},
	"ANY /v1/authorize/{environment}/{service}/{path+}": func(b belongings) outcome { return forward(b.holder(b.kept), nil) },
	"GET /zones":  func(b belongings) outcome { return b.holder(b.kept).sample("GET") },
	"POST /zones": func(b belongings) outcome { return b.holder(b.kept).sample("POST") },
}

// shown is the route by which a function is shown to go on while another may do nothing.
var shown = map[string]string{
	"create": "POST /v1/keys", "list": "GET /v1/keys", "get": "GET /v1/keys/{key_id}", "update": "PATCH /v1/keys/{key_id}",
	"revoke": "DELETE /v1/keys/{key_id}", "regenerate": "POST /v1/keys/{key_id}/regenerate", "explain": "POST /v1/keys/{key_id}/explain",
	"verify": "ANY /v1/authorize/{environment}/{service}/{path+}", "account": "PATCH /v1/account", "members": "PUT /v1/members/{id}",
	"roles": "PUT /v1/roles/{name}", "catalog": "GET /v1/catalog", "jwks": "GET /.well-known/jwks.json", "sample": "GET /zones",
}

// invoked are the functions that no route has, and an event that asks them for something.
var invoked = map[string]string{"cleanup": "{}", "retier": "{}", "signingkeys": "{}", "replay": replaying(revoked("org_0000000000000000", "key_00000000"))}

// step is one request of a tour, and who has to be able to answer for it to work.
type step struct {
	about     string
	functions []string
	ask       func() outcome
}

// steps are a request of each route, and of each function that has none; in an order in which all of them work.
func (d *deployment) steps(t testing.TB, b belongings) []step {
	t.Helper()
	var steps []step
	for _, routes := range [][]httpapi.Route{httpapi.Routes, httpapi.SampleRoutes} {
		for _, route := range routes {
			about := route.Method + " " + route.Path
			functions := []string{route.Function}
			if route.Caller != httpapi.Anyone {
				functions = append(functions, "authorizer")
			}
			ask, there := tour[about]
			if !there {
				t.Fatalf("no request shows that %s works", about)
			}
			steps = append(steps, step{about, functions, func() outcome { return ask(b) }})
		}
	}
	for _, row := range httpapi.Functions {
		_, routed := shown[row.Name]
		if _, known := invoked[row.Name]; !known && !routed && row.Name != "authorizer" {
			t.Fatalf("no request shows that %s works", row.Name)
		}
	}
	for function, event := range invoked {
		ask := func() outcome { return d.invoke(t, stackName+"-"+function, event) }
		steps = append(steps, step{function, []string{function}, ask})
	}
	return steps
}

// all asks for several things at a time.
func all(steps []step) []outcome {
	outcomes, slots := make([]outcome, len(steps)), make(chan struct{}, 6)
	var asked sync.WaitGroup
	for n, step := range steps {
		slots <- struct{}{}
		asked.Go(func() {
			defer func() { <-slots }()
			outcomes[n] = step.ask()
		})
	}
	asked.Wait()
	return outcomes
}

// brief is the beginning of a text.
func brief(text string) string {
	return strings.TrimSpace(text[:min(len(text), 300)])
}
