package acceptance

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// networks are enabled entries of an IP list.
func networks(cidrs ...string) []fields {
	entries := make([]fields, len(cidrs))
	for i, cidr := range cidrs {
		entries[i] = fields{"cidr": cidr}
	}
	return entries
}

// off are entries of an IP list that are not enabled.
func off(cidrs ...string) []fields {
	entries := networks(cidrs...)
	for _, entry := range entries {
		entry["enabled"] = false
	}
	return entries
}

// networkRules are IP lists, with addresses that they admit and refuse.
var networkRules = map[string]struct {
	allow, deny []fields
	admits      []string
	refuses     []string
}{
	"no rules":                  {nil, nil, []string{"203.0.113.9", "2001:db8::1"}, nil},
	"an allowed address":        {networks("192.168.1.100"), nil, []string{"192.168.1.100"}, []string{"192.168.1.101", "2001:db8::1"}},
	"an allowed network":        {networks("192.168.1.0/24"), nil, []string{"192.168.1.0", "192.168.1.255"}, []string{"192.168.2.0", "192.168.0.255"}},
	"several allowed":           {networks("10.0.0.0/8", "192.0.2.7"), nil, []string{"10.9.9.9", "192.0.2.7"}, []string{"192.0.2.8"}},
	"a denied address":          {nil, networks("203.0.113.9"), []string{"203.0.113.8", "2001:db8::1"}, []string{"203.0.113.9"}},
	"a denied network":          {nil, networks("203.0.113.0/24"), []string{"203.0.114.1"}, []string{"203.0.113.9"}},
	"in both lists":             {networks("203.0.113.9"), networks("203.0.113.0/24"), []string{"203.0.113.9"}, []string{"203.0.113.8", "192.0.2.1"}},
	"allowed around denied":     {networks("203.0.113.0/24"), networks("203.0.113.9"), []string{"203.0.113.9", "203.0.113.8"}, []string{"192.0.2.1"}},
	"disabled allow entry":      {off("192.0.2.0/24"), nil, []string{"203.0.113.9"}, nil},
	"disabled beside enabled":   {append(off("192.0.2.0/24"), networks("10.0.0.0/8")...), nil, []string{"10.1.1.1"}, []string{"192.0.2.1"}},
	"disabled deny entry":       {nil, off("203.0.113.0/24"), []string{"203.0.113.9"}, nil},
	"disabled allow, deny":      {off("203.0.113.9"), networks("203.0.113.0/24"), []string{"192.0.2.1"}, []string{"203.0.113.9"}},
	"IPv6":                      {networks("2001:db8::/32", "fd00::1"), nil, []string{"2001:db8:ffff::1", "fd00::1"}, []string{"2001:db9::1", "fd00::2", "192.0.2.1"}},
	"a denied IPv6 network":     {nil, networks("2001:db8::/32"), []string{"2001:db9::1", "192.0.2.1"}, []string{"2001:db8::1"}},
	"IPv4 mapped into IPv6":     {networks("192.0.2.0/24"), nil, []string{"::ffff:192.0.2.7", "192.0.2.7"}, []string{"::ffff:192.0.3.7"}},
	"a mapped entry is IPv4":    {networks("::ffff:192.0.2.7", "::ffff:10.0.0.0/104"), nil, []string{"192.0.2.7", "10.9.9.9", "::ffff:10.1.1.1"}, []string{"11.0.0.1", "::1"}},
	"everything denied, by two": {nil, networks("0.0.0.0/0", "::/0"), nil, []string{"192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"}},
}

func testNetworks(t *testing.T, target Target) {
	ann := newMember(t, target)
	for name, test := range networkRules {
		t.Run(name, func(t *testing.T) {
			ann := ann.in(t)
			key := ann.create(fields{"ip_allow": append([]fields{}, test.allow...), "ip_deny": append([]fields{}, test.deny...)})
			for _, address := range test.admits {
				ann.wantValid(key, fields{"ip": address})
			}
			for _, address := range test.refuses {
				ann.verify(key, fields{"ip": address}).wantVerdict("ip_denied", noAddressText(address))
			}
		})
	}
	t.Run("null is no list: it opens nothing", func(t *testing.T) {
		ann := ann.in(t)
		key := ann.create(fields{"ip_allow": networks("192.0.2.0/24")})
		for _, list := range []string{"ip_allow", "ip_deny"} {
			ann.do("PATCH", key.path(), fields{list: nil}).wantInvalid("invalid_field", list, list+" must be a list of entries. An empty one lists no address.")
		}
	})
	t.Run("no address is refused by a key with rules", func(t *testing.T) {
		ann := ann.in(t)
		const text = "The request names no address, and the key has IP rules. Check the key's IP allow and deny lists."
		for _, rules := range []fields{{"ip_allow": networks("192.0.2.0/24")}, {"ip_deny": networks("192.0.2.0/24")}} {
			ann.verify(ann.create(rules)).wantVerdict("ip_denied", text)
		}
		ann.wantValid(ann.create(fields{"ip_allow": off("192.0.2.0/24")}), fields{})
	})
	t.Run("entries come back as they were written, notes and all", func(t *testing.T) { testEntries(t, ann.in(t)) })
	t.Run("what is no network is refused", func(t *testing.T) { testBadNetworks(newMember(t, target)) })
	t.Run("a hundred entries", func(t *testing.T) { testHundredEntries(t, ann.in(t)) })
}

// noAddressText is what a key with IP rules tells of an address; IPv4 inside IPv6 is that IPv4.
func noAddressText(address string) string {
	const mapped = "::ffff:"
	if len(address) > len(mapped) && address[:len(mapped)] == mapped {
		address = address[len(mapped):]
	}
	return "The address " + address + " is not allowed. Check the key's IP allow and deny lists."
}

func testEntries(t *testing.T, ann *caller) {
	key := ann.create(fields{
		"ip_allow": []fields{{"cidr": "192.168.1.0/24", "enabled": true, "note": "office — Zürich"}, {"cidr": "10.0.0.7", "enabled": false, "note": "old VPN"}},
		"ip_deny":  []fields{{"cidr": "2001:DB8::1"}, {"cidr": "::ffff:198.51.100.0/120"}},
	})
	want := fields{
		"ip_allow": []any{fields{"cidr": "192.168.1.0/24", "enabled": true, "note": "office — Zürich"}, fields{"cidr": "10.0.0.7/32", "enabled": false, "note": "old VPN"}},
		"ip_deny":  []any{fields{"cidr": "2001:db8::1/128", "enabled": true, "note": ""}, fields{"cidr": "198.51.100.0/24", "enabled": true, "note": ""}},
	}
	for _, data := range []fields{key.data, ann.do("GET", key.path(), nil).data(), ann.entry(key)} {
		if diff := cmp.Diff(want, fields{"ip_allow": data["ip_allow"], "ip_deny": data["ip_deny"]}); diff != "" {
			t.Errorf("entries (-want +got)\n%s", diff)
		}
	}
	data := ann.do("PATCH", key.path(), fields{"ip_allow": []fields{}}).data()
	if diff := cmp.Diff([]any{[]any{}, want["ip_deny"]}, []any{data["ip_allow"], data["ip_deny"]}); diff != "" {
		t.Errorf("after one list was emptied (-want +got)\n%s", diff)
	}
}

func testBadNetworks(ann *caller) {
	const example = " is neither an address nor a CIDR. Write it as in 192.168.1.7, 192.168.1.0/24 or 2001:db8::/32."
	for cidr, text := range map[string]string{
		"192.168.1.5/24":    "192.168.1.5/24 has host bits set. Did you mean 192.168.1.0/24?",
		"2001:db8::1/32":    "2001:db8::1/32 has host bits set. Did you mean 2001:db8::/32?",
		"::ffff:10.1.0.0/8": "::ffff:10.1.0.0/8 has host bits set. Did you mean ::/8?",
		"192.168.1.0/33":    `"192.168.1.0/33"` + example,
		"192.168.1":         `"192.168.1"` + example,
		"office":            `"office"` + example,
		"fe80::1%eth0":      `"fe80::1%eth0"` + example,
		"":                  `""` + example,
	} {
		for _, list := range []string{"ip_allow", "ip_deny"} {
			bad := append(networks("192.0.2.1"), networks(cidr)...)
			ann.do("POST", "/v1/keys", fields{"name": "bad", list: bad}).wantInvalid("invalid_field", list+".1.cidr", list+": "+text)
		}
	}
	long := []fields{{"cidr": "192.0.2.1", "note": fmt.Sprintf("%0101d", 0)}}
	ann.wantBadRule(fields{"ip_deny": long}, "ip_deny.0.note", "ip_deny: a note must have at most 100 characters, not 101.")
	ann.wantBadRule(fields{"ip_allow": []string{"192.0.2.1"}}, "ip_allow.0", "ip_allow.0 must be an object.")
	ann.wantBadRule(fields{"ip_allow": "192.0.2.1"}, "ip_allow", "ip_allow must be a list.")
	ann.do("POST", "/v1/keys", fields{"name": "bad", "ip_allow": []fields{{"address": "192.0.2.1"}}}).
		wantInvalid("unknown_field", "ip_allow.0.address", noField("ip_allow.0.address", "cidr, enabled, note"))
	wantNames(ann)
}

// testHundredEntries fills both lists, with IPv4 and with IPv6.
func testHundredEntries(t *testing.T, ann *caller) {
	for name, pattern := range map[string]string{"IPv4": "10.%d.0.0/16", "IPv6": "2001:db8:%x::/48"} {
		t.Run(name, func(t *testing.T) {
			ann := ann.in(t)
			var allow, deny []fields
			for n := range 100 {
				entry := fields{"cidr": fmt.Sprintf(pattern, n), "note": fmt.Sprintf("network number %d", n)}
				if n < 60 {
					allow = append(allow, entry)
				} else {
					deny = append(deny, entry)
				}
			}
			key := ann.create(fields{"ip_allow": allow, "ip_deny": deny})
			inside, outside := lastAddress[name][0], lastAddress[name][1]
			for range 3 {
				ann.wantValid(key, fields{"ip": inside})
				ann.verify(key, fields{"ip": outside}).wantVerdict("ip_denied", noAddressText(outside))
			}
			more := append(deny, fields{"cidr": "192.0.2.1"})
			ann.do("PATCH", key.path(), fields{"ip_deny": more}).wantInvalid("invalid_field", "ip_deny", "ip_allow and ip_deny must have at most 100 entries together, not 101.")
			ann.do("POST", "/v1/keys", fields{"name": newName("bad"), "ip_allow": allow, "ip_deny": more}).wantStatus(http.StatusBadRequest)
		})
	}
}

// lastAddress is one in the last allowed network of a hundred, and one in the first denied.
var lastAddress = map[string][2]string{"IPv4": {"10.59.255.255", "10.60.0.1"}, "IPv6": {"2001:db8:3b::1", "2001:db8:3c::1"}}

// wantNames checks that none but keys of the tests' own names were made.
func wantNames(ann *caller) {
	ann.t.Helper()
	for _, name := range ann.do("GET", "/v1/keys", nil).names() {
		if name == "bad" {
			ann.t.Error("a refused create made a key")
		}
	}
}
