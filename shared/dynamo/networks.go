package dynamo

import (
	"net/netip"

	"github.com/keyward/keyward/shared/apikey"
)

// How a list of networks is kept: one after the other, each as a byte and the bytes of its address. The byte is the
// length of the prefix of an IPv4 network, 0 to 32, and four bytes follow; or it is that of an IPv6 network and
// networkIPv6 more, 64 to 192, and sixteen follow. More than three in a row of the same length, such as single addresses,
// share it: the byte networkRun, that length, how many they are, and the bytes of their addresses.
const (
	networkIPv6 = 64
	networkRun  = 255
)

func (i item) setNetworks(name string, networks []netip.Prefix) {
	if len(networks) > 0 {
		i[name] = binary(packed(networks))
	}
}

func packed(networks []netip.Prefix) []byte {
	b := make([]byte, 0, apikey.PackedSize(networks))
	for run := range apikey.NetworkRuns(networks) {
		shared := len(run) > apikey.ShortRun
		if shared {
			b = append(b, networkRun, lengthByte(run[0]), byte(len(run)))
		}
		for _, network := range run {
			if !shared {
				b = append(b, lengthByte(network))
			}
			b = append(b, network.Addr().AsSlice()...)
		}
	}
	return b
}

func lengthByte(network netip.Prefix) byte {
	if network.Addr().Is4() {
		return byte(network.Bits())
	}
	return byte(network.Bits()) + networkIPv6
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
		count, length := 1, b[0]
		if length == networkRun {
			if len(b) < 3 || b[2] == 0 {
				return nil, false
			}
			count, length, b = int(b[2]), b[1], b[3:]
		} else {
			b = b[1:]
		}
		for range count {
			network, size, valid := unpackedOne(length, b)
			if !valid {
				return nil, false
			}
			networks, b = append(networks, network), b[size:]
		}
	}
	return networks, true
}

// unpackedOne reads the address at the beginning of b, of a network whose length is written as that byte.
func unpackedOne(length byte, b []byte) (network netip.Prefix, size int, valid bool) {
	bits, size := int(length), 4
	if bits >= networkIPv6 {
		bits, size = bits-networkIPv6, 16
	}
	if len(b) < size {
		return netip.Prefix{}, 0, false
	}
	address, _ := netip.AddrFromSlice(b[:size])
	network = netip.PrefixFrom(address, bits)
	return network, size, network.IsValid()
}
