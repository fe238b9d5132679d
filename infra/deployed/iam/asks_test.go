package iam

import (
	"fmt"
	"strings"
)

// The keys that the errands are about.
var (
	admin      = fields{"roles": []string{"admin"}}
	inheriting = fields{"inherit": true}
	jwt        = fields{"format": "jwt"}
)

func sample(c caller, _ fields) outcome { return c.sample("GET") }
func list(c caller, _ fields) outcome   { return c.do("GET", "/v1/keys", nil) }
func get(c caller, key fields) outcome  { return c.do("GET", pathOf(key), nil) }
func forward(c caller, _ fields) outcome {
	return c.do("GET", "/v1/authorize/production/dns/zones", nil)
}
func revoke(c caller, key fields) outcome {
	return c.do("DELETE", pathOf(key), nil)
}
func rename(c caller, key fields) outcome {
	return c.do("PATCH", pathOf(key), fields{"name": key["name"].(string) + " again", "expires_in": "one_year"})
}
func regenerate(c caller, key fields) outcome {
	return c.do("POST", pathOf(key)+"/regenerate", fields{})
}
func explain(c caller, key fields) outcome {
	return c.do("POST", pathOf(key)+"/explain", fields{})
}
func verify(c caller, key fields) outcome {
	return c.do("POST", "/v1/keys/verify", fields{"api_key": key["api_key"], "service": "dns"})
}
func verifyExplained(c caller, key fields) outcome {
	return c.do("POST", "/v1/keys/verify", fields{"api_key": key["api_key"], "service": "dns", "explain": true})
}
func changeTier(c caller, _ fields) outcome {
	return c.do("PATCH", "/v1/account", fields{"tier": "pro"})
}
func invite(c caller, _ fields) outcome   { return inviting(c) }
func makeRole(c caller, _ fields) outcome { return making(c) }
func inviting(c caller) outcome {
	return c.do("PUT", "/v1/members/bob@keyward.localhost", fields{"roles": []string{"dns_manager"}})
}
func making(c caller) outcome {
	return c.do("PUT", "/v1/roles/support", fields{"permissions": []string{"dns:read"}})
}

// bulky is a key with more rules than its record carries.
var bulky = func() fields {
	entries := []fields{{"cidr": "127.0.0.0/8"}}
	for n := range 49 {
		entries = append(entries, fields{"cidr": fmt.Sprintf("203.0.113.%d", n)}, fields{"cidr": fmt.Sprintf("2001:db8::%x", n)})
	}
	return fields{"roles": []string{"admin"}, "customers": []string{strings.Repeat("c", 64), "another"}, "ip_allow": entries}
}()
