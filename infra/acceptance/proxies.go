package acceptance

import (
	"net/http"
	"testing"
)

// testProxies asks as nginx, Caddy and Envoy do, from an address that is a trusted proxy's.
func testProxies(t *testing.T, target Target) {
	if target.TrustingURL == "" {
		return // as Target says
	}
	target.URL = target.TrustingURL
	ann := newMember(t, target)
	key := ann.create(fields{"tier": "pro"})
	holder := ann.holder(key.secret)
	for name, test := range map[string]struct {
		method, tail string
		headers      map[string]string
		status       int
	}{
		"Caddy":                        {"GET", "production/dns", map[string]string{"X-Forwarded-Method": "POST", "X-Forwarded-Uri": "/zones?a=b"}, 204},
		"Caddy, no route":              {"GET", "production/dns", map[string]string{"X-Forwarded-Method": "DELETE", "X-Forwarded-Uri": "/zones"}, 403},
		"nginx":                        {"GET", "production/dns?deny=403", map[string]string{"X-Original-Method": "POST", "X-Original-Uri": "/zones?a=b"}, 204},
		"nginx, its letter case":       {"GET", "production/dns", map[string]string{"x-original-method": "GET", "X-Original-URI": "/zones"}, 204},
		"nginx, no route":              {"GET", "production/dns", map[string]string{"X-Original-Method": "GET", "X-Original-Uri": "/nothing"}, 403},
		"an encoded path":              {"GET", "production/dns", map[string]string{"X-Original-Method": "GET", "X-Original-Uri": "/%7aones"}, 204},
		"an encoded slash":             {"GET", "production/dns", map[string]string{"X-Original-Method": "GET", "X-Original-Uri": "/zones%2f"}, 403},
		"dots":                         {"GET", "production/dns", map[string]string{"X-Original-Method": "GET", "X-Original-Uri": "/x/../zones"}, 403},
		"Envoy":                        {"POST", "production/dns/zones", nil, 204},
		"Envoy, whatever they say":     {"GET", "production/dns/nothing", map[string]string{"X-Forwarded-Method": "GET", "X-Forwarded-Uri": "/zones"}, 403},
		"both families, from a client": {"GET", "production/dns", map[string]string{"X-Original-Method": "DELETE", "X-Original-Uri": "/zones", "X-Forwarded-Method": "GET", "X-Forwarded-Uri": "/zones"}, 400},
		"nothing forwarded":            {"GET", "production/dns", nil, 400},
		"a method alone":               {"GET", "production/dns", map[string]string{"X-Forwarded-Method": "GET"}, 400},
		"a path alone":                 {"GET", "production/dns", map[string]string{"X-Forwarded-Uri": "/zones"}, 400},
		"half of each":                 {"GET", "production/dns", map[string]string{"X-Forwarded-Uri": "/zones", "X-Original-Method": "GET"}, 400},
		"a path that is none":          {"GET", "production/dns", map[string]string{"X-Forwarded-Uri": "zones", "X-Forwarded-Method": "GET"}, 400},
		"unknown service all right":    {"GET", "production/nothing", map[string]string{"X-Forwarded-Uri": "/zones", "X-Forwarded-Method": "GET"}, 404},
	} {
		t.Run(name, func(t *testing.T) {
			as := holder.in(t)
			for name, value := range test.headers {
				as = as.and(name, value)
			}
			as.forward(test.method, test.tail).wantStatus(test.status)
		})
	}
	t.Run("what is missing is named", func(t *testing.T) {
		holder.in(t).forward("GET", "production/dns").wantRefusal(http.StatusBadRequest, "invalid_parameter", "Invalid request parameter",
			"The original request is not described. Send X-Forwarded-Method and X-Forwarded-Uri, or X-Original-Method and X-Original-URI, and clear the other two, so that callers can't send them.", "X-Forwarded-Uri")
	})
	for name, test := range map[string]struct{ forwarded, want string }{
		"the client":                    {"203.0.113.9", "203.0.113.9"},
		"the rightmost stranger":        {"198.51.100.1, 203.0.113.9", "203.0.113.9"},
		"what stands left of it lies":   {"1.1.1.1, 203.0.113.9, 127.0.0.1", "203.0.113.9"},
		"IPv6":                          {"2001:db8::7", "2001:db8::7"},
		"IPv4 in IPv6 is IPv4":          {"::ffff:203.0.113.9", "203.0.113.9"},
		"what is no address ends it":    {"203.0.113.9, unknown, 203.0.113.8", "203.0.113.8"},
		"spaces don't matter":           {" 203.0.113.9 ,127.0.0.1 ", "203.0.113.9"},
		"all are proxies: the leftmost": {"127.0.0.2, 127.0.0.1", "127.0.0.2"},
	} {
		t.Run("last used from: "+name, func(t *testing.T) {
			ann := ann.in(t)
			fresh := ann.create()
			ann.holder(fresh.secret).and("X-Forwarded-For", test.forwarded).forward("GET", "production/dns/zones").wantStatus(http.StatusNoContent)
			if got := ann.do("GET", fresh.path(), nil).data()["last_used_ip"]; got != test.want {
				t.Errorf("last_used_ip = %v, want %s", got, test.want)
			}
		})
	}
}
