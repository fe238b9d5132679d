package dynamo

import (
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/apikey"
)

func TestNetworksTakeFiveBytesOrSeventeen(t *testing.T) {
	for text, want := range map[string][]byte{
		"192.0.2.0/24":   {24, 192, 0, 2, 0},
		"0.0.0.0/0":      {0, 0, 0, 0, 0},
		"192.0.2.7/32":   {32, 192, 0, 2, 7},
		"2001:db8::/32":  {96, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		"::/0":           {64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		"::ffff:0:0/100": {164, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0},
	} {
		network := netip.MustParsePrefix(text)
		if got := packed([]netip.Prefix{network}); !slices.Equal(got, want) {
			t.Errorf("%s is written as %v, want %v", text, got, want)
		}
	}
}

func TestNetworksComeBackInTheirOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOf(anyNetwork).Draw(t, "networks")
		if rapid.Bool().Draw(t, "in runs") {
			for i, network := range want {
				want[i] = netip.PrefixFrom(network.Addr(), network.Addr().BitLen())
			}
		}
		bytes := packed(want)
		got, understood := unpacked(bytes)
		if !understood || !slices.Equal(got, want) {
			t.Errorf("%v came back as %v", want, got)
		}
		if len(bytes) != apikey.PackedSize(want) {
			t.Errorf("%v take %d bytes, and are said to take %d", want, len(bytes), apikey.PackedSize(want))
		}
	})
}

// Networks of one length share it: a hundred addresses take four bytes each, and a few for all of them together.
func TestNetworksOfOneLengthShareIt(t *testing.T) {
	addresses := func(n int) []netip.Prefix {
		return slices.Repeat([]netip.Prefix{netip.MustParsePrefix("192.0.2.7/32")}, n)
	}
	for n, want := range map[int]int{1: 5, 3: 15, 4: 19, 100: 403, 255: 1023, 256: 1023 + 5} {
		got, understood := unpacked(packed(addresses(n)))
		if size := len(packed(addresses(n))); size != want || !understood || !slices.Equal(got, addresses(n)) {
			t.Errorf("%d addresses take %d bytes, want %d, and come back as %v", n, size, want, got)
		}
	}
}

// A list that can't be read, of a later version perhaps, must not let anybody in: not even as if nothing were denied.
func TestNetworksThatCantBeReadAdmitNobody(t *testing.T) {
	sound := packed([]netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")})
	for name, broken := range map[string][]byte{
		"cut off in IPv4":        {24, 192, 0, 2},
		"cut off in IPv6":        {96, 0x20, 0x01},
		"no address":             {24},
		"cut off in the second":  append(slices.Clone(sound), 24, 192),
		"a run of nothing":       {networkRun, 32, 0},
		"a run cut off":          {networkRun, 32, 2, 192, 0, 2, 7, 192, 0},
		"a run without a length": {networkRun},
		"a run of runs":          {networkRun, networkRun, 1, 192, 0, 2, 7},
		"a longer IPv4 prefix":   {33, 192, 0, 2, 0},
		"a longer IPv6 prefix":   append([]byte{193}, make([]byte, 16)...),
	} {
		for _, i := range []item{
			{hotAllowed: binary(broken)}, {hotDenied: binary(broken)}, {hotAllowed: binary(sound), hotDenied: binary(broken)},
		} {
			if recordOf(i).Networks.Admit(netip.MustParseAddr("192.0.2.7")) {
				t.Errorf("%s: %v admits", name, i)
			}
		}
	}
}

func FuzzNetworks(f *testing.F) {
	f.Add([]byte{24, 192, 0, 2, 0})
	f.Add([]byte{96, 0x20, 0x01})
	f.Fuzz(func(t *testing.T, b []byte) {
		networks, understood := unpacked(b)
		if understood && !slices.Equal(packed(networks), b) {
			t.Errorf("%v is read as %v", b, apikey.Networks{Allow: networks})
		}
	})
}
