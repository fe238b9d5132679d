package dynamo

import (
	"net/netip"

	"github.com/keyward/keyward/shared/apikey"
)

// How a list of networks is kept: one after the other, each as a byte and the bytes of its address. The byte is the
// length of the prefix of an IPv4 network, 0 to 32, and four bytes follow; or it is that of an IPv6 network and
// networkIPv6 more, 64 to 192, and sixteen follow.
const networkIPv6 = 64

func (i item) setNetworks(name string, networks []netip.Prefix) {
	if len(networks) > 0 {
		i[name] = binary(packed(networks))
	}
}

func packed(networks []netip.Prefix) []byte {
	b := make([]byte, 0, 5*len(networks))
	for _, network := range networks {
		length := byte(network.Bits())
		if !network.Addr().Is4() {
			length += networkIPv6
		}
		b = append(append(b, length), network.Addr().AsSlice()...)
	}
	return b
}

// networks reads both lists. What is there and can't be read admits nobody: a rule that is lost must not let anybody in.
func (i item) networks(allow, deny string) apikey.Networks {
	allowed, understood := i.prefixes(allow)
	denied, too := i.prefixes(deny)
	if !understood || !too {
		return apikey.Networks{Allow: []netip.Prefix{{}}}
	}
	return apikey.Networks{Allow: allowed, Deny: denied}
}

// prefixes reads one list. A list that is there has something in it.
func (i item) prefixes(name string) (networks []netip.Prefix, understood bool) {
	if !i.has(name) {
		return nil, true
	}
	networks, understood = unpacked(i.binary(name))
	return networks, understood && len(networks) > 0
}

func unpacked(b []byte) (networks []netip.Prefix, understood bool) {
	for len(b) > 0 {
		length, size := int(b[0]), 4
		if length >= networkIPv6 {
			length, size = length-networkIPv6, 16
		}
		if len(b) <= size {
			return nil, false
		}
		address, _ := netip.AddrFromSlice(b[1 : 1+size])
		network := netip.PrefixFrom(address, length)
		if !network.IsValid() {
			return nil, false
		}
		networks, b = append(networks, network), b[1+size:]
	}
	return networks, true
}
