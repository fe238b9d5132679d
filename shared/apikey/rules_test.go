package apikey_test

import (
	"net/netip"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
)

// A zero Prefix stands for an entry that was damaged. It must let nobody in, in whichever list it stands.
func TestADamagedNetworkAdmitsNobody(t *testing.T) {
	none, office, elsewhere := netip.Prefix{}, netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24")
	for name, networks := range map[string]apikey.Networks{
		"allowed":                        {Allow: []netip.Prefix{none}},
		"denied":                         {Deny: []netip.Prefix{none}},
		"denied, behind another network": {Deny: []netip.Prefix{elsewhere, none}},
		"both":                           {Allow: []netip.Prefix{none}, Deny: []netip.Prefix{none}},
	} {
		for _, address := range []netip.Addr{netip.MustParseAddr("192.0.2.7"), netip.MustParseAddr("2001:db8::1"), {}} {
			if networks.Admit(address) {
				t.Errorf("%s: %v is admitted", name, address)
			}
		}
	}
	beside := apikey.Networks{Allow: []netip.Prefix{none, office}}
	if !beside.Admit(netip.MustParseAddr("192.0.2.7")) || beside.Admit(netip.MustParseAddr("198.51.100.7")) {
		t.Error("a damaged network that is allowed changes what the others allow")
	}
}

// A list of all and a list of nothing are as different as can be, and both have no entries.
func TestAScopeOfNothingIsNotAScopeOfAll(t *testing.T) {
	for _, nothing := range []apikey.Scope{{Services: []string{}}, {Customers: []string{}}, {Accounts: []string{}}} {
		all := apikey.Scope{}
		if nothing.Equal(all) || all.Equal(nothing) || !nothing.Equal(nothing.Clone()) {
			t.Errorf("%#v is taken for all", nothing)
		}
	}
}
