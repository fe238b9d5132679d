package keys_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keys"
)

// from are entries of an IP list.
func from(cidrs ...string) keys.Optional[[]keys.IPRule] {
	rules := []keys.IPRule{}
	for _, cidr := range cidrs {
		rules = append(rules, keys.IPRule{CIDR: cidr})
	}
	return set(rules)
}

func TestAnEntryIsKeptAsItsNetwork(t *testing.T) {
	tests := map[string]string{
		"192.168.1.0/24":         "192.168.1.0/24",
		"192.168.1.5":            "192.168.1.5/32",
		"2001:db8::/32":          "2001:db8::/32",
		"2001:DB8::1":            "2001:db8::1/128",
		"::ffff:192.168.1.5":     "192.168.1.5/32",
		"::ffff:192.168.1.0/120": "192.168.1.0/24",
		"::ffff:0:0/96":          "0.0.0.0/0",
		"0.0.0.0/0":              "0.0.0.0/0",
		"::/0":                   "::/0",
	}
	f := newFixture(t)
	for written, want := range tests {
		key := f.create(keys.Draft{Name: written, IPAllow: from(written)}).Key
		if got := key.IPAllow[0].Network.String(); got != want || key.Networks.Allow[0].String() != want || key.RulesID == "" {
			t.Errorf("%s is kept as %s in %+v, rules %q; want %s", written, got, key.Networks, key.RulesID, want)
		}
	}
}

func TestABadEntryIsNamedAndMended(t *testing.T) {
	good := "10.0.0.0/8"
	many := make([]string, 60)
	for i := range many {
		many[i] = fmt.Sprintf("10.0.0.%d", i)
	}
	const form = " is neither an address nor a CIDR. Write it as in 192.168.1.7, 192.168.1.0/24 or 2001:db8::/32."
	tests := map[string]struct {
		allow, deny   keys.Optional[[]keys.IPRule]
		field, detail string
	}{
		"host bits":            {from(good, good, "192.168.1.5/24"), from(), "ip_allow.2.cidr", "ip_allow: 192.168.1.5/24 has host bits set. Did you mean 192.168.1.0/24?"},
		"host bits of IPv6":    {from(), from("2001:db8::1/32"), "ip_deny.0.cidr", "ip_deny: 2001:db8::1/32 has host bits set. Did you mean 2001:db8::/32?"},
		"mapped host bits":     {from("::ffff:192.168.1.5/120"), from(), "ip_allow.0.cidr", "ip_allow: ::ffff:192.168.1.5/120 has host bits set. Did you mean 192.168.1.0/24?"},
		"a name":               {from("localhost"), from(), "ip_allow.0.cidr", `ip_allow: "localhost"` + form},
		"nothing":              {from(""), from(), "ip_allow.0.cidr", `ip_allow: ""` + form},
		"a zone":               {from("fe80::1%eth0"), from(), "ip_allow.0.cidr", `ip_allow: "fe80::1%eth0"` + form},
		"leading zeros":        {from("010.0.0.1"), from(), "ip_allow.0.cidr", `ip_allow: "010.0.0.1"` + form},
		"a long prefix":        {from("10.0.0.0/33"), from(), "ip_allow.0.cidr", `ip_allow: "10.0.0.0/33"` + form},
		"a long note":          {set([]keys.IPRule{{CIDR: good, Note: strings.Repeat("é", 101)}}), from(), "ip_allow.0.note", "ip_allow: a note must have at most 100 characters, not 101."},
		"over a hundred":       {from(many...), from(many[:41]...), "ip_allow", "ip_allow and ip_deny must have at most 100 entries together, not 101."},
		"over a hundred alone": {keys.Optional[[]keys.IPRule]{}, from(append(many, many[:41]...)...), "ip_deny", "ip_allow and ip_deny must have at most 100 entries together, not 101."},
	}
	f := newFixture(t)
	before := f.create(named("Key")).Key
	for name, test := range tests {
		f.sub(name, func() {
			_, err := f.Create(t.Context(), f.alice, keys.Draft{Name: "k", IPAllow: test.allow, IPDeny: test.deny}, nil)
			f.wantFault(err, fault.InvalidFieldValue, test.field, test.detail)
			_, err = f.Update(t.Context(), f.alice, before.ID, keys.Patch{IPAllow: test.allow, IPDeny: test.deny}, nil)
			f.wantFault(err, fault.InvalidFieldValue, test.field, test.detail)
			f.wantKey(f.get(before.ID), before)
		})
	}
	f.create(keys.Draft{Name: "a hundred", IPAllow: from(many...), IPDeny: from(many[:40]...)})
}

// The disabled entries are kept with their notes, and restrict nobody.
func TestADisabledEntryIsKeptAndHoldsNobodyBack(t *testing.T) {
	f := newFixture(t)
	office, home := netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.7/32")
	key := f.create(keys.Draft{Name: "k", IPAllow: set([]keys.IPRule{
		{CIDR: "192.0.2.0/24", Note: "office"}, {CIDR: "198.51.100.7", Enabled: new(false), Note: "home"},
	})}).Key
	want := []apikey.IPEntry{{Network: office, Enabled: true, Note: "office"}, {Network: home, Note: "home"}}
	if diff := cmp.Diff(want, key.IPAllow, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if !key.Networks.Equal(apikey.Networks{Allow: []netip.Prefix{office}}) {
		t.Errorf("the networks are %+v", key.Networks)
	}
	off := f.update(key.ID, keys.Patch{IPAllow: set([]keys.IPRule{{CIDR: "192.0.2.0/24", Enabled: new(false)}})})
	if !off.Networks.None() || off.RulesID != "" || len(off.IPAllow) != 1 {
		t.Errorf("the networks are %+v, rules %q", off.Networks, off.RulesID)
	}
}

// A process may trust what it remembers under a rules ID: it is another one after every change of the rules, and the same
// after any other change.
func TestTheRulesIDChangesWithTheRulesAlone(t *testing.T) {
	f := newFixture(t)
	key := f.create(keys.Draft{Name: "k", IPAllow: from("192.0.2.0/24")}).Key
	seen := map[string]bool{key.RulesID: true}
	for name, patch := range map[string]keys.Patch{
		"another network": {IPAllow: from("198.51.100.0/24")}, "a denied one": {IPDeny: from("198.51.100.7")},
		"roles": {Roles: set([]string{"dns_manager"})}, "services": {Scope: keys.ScopePatch{Services: only("dns")}},
	} {
		if got := f.update(key.ID, patch); seen[got.RulesID] || len(got.RulesID) != 12 {
			t.Errorf("%s: the ID is %q", name, got.RulesID)
		} else {
			seen[got.RulesID] = true
		}
	}
	before := f.get(key.ID).RulesID
	note := set([]keys.IPRule{{CIDR: "198.51.100.0/24", Note: "new"}})
	for name, patch := range map[string]keys.Patch{
		"a note": {IPAllow: note}, "a name": {Name: set("x")}, "a limit": {RateLimit: set(int64(5))}, "inactive": {Active: set(false)},
	} {
		if got := f.update(key.ID, patch); got.RulesID != before {
			t.Errorf("%s: the ID is %q, after %q", name, got.RulesID, before)
		}
	}
}
