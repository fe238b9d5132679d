package keys

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
)

// The bounds of a key's IP lists.
const (
	maxNetworks = 100 // entries in both lists together
	maxNote     = 100 // characters
)

// mappedBits is how long the prefix is under which IPv6 holds all of IPv4.
const mappedBits = 96

// editNetworks sets where requests may come from. An entry may stand in a list twice: that harms nobody.
func editNetworks(key *apikey.Key, patch Patch) (err error) {
	switch { // what says nothing must not open the key to every address
	case patch.IPAllow.Null:
		return errNoEntries("ip_allow")
	case patch.IPDeny.Null:
		return errNoEntries("ip_deny")
	}
	if patch.IPAllow.Set {
		if key.IPAllow, err = ipEntries("ip_allow", patch.IPAllow.Value); err != nil {
			return err
		}
	}
	if patch.IPDeny.Set {
		if key.IPDeny, err = ipEntries("ip_deny", patch.IPDeny.Value); err != nil {
			return err
		}
	}
	if count := len(key.IPAllow) + len(key.IPDeny); count > maxNetworks {
		field := "ip_allow"
		if !patch.IPAllow.Set {
			field = "ip_deny"
		}
		return fault.InvalidField(field, "ip_allow and ip_deny must have at most %d entries together, not %d.", maxNetworks, count)
	}
	key.Networks = apikey.NetworksOf(key.IPAllow, key.IPDeny)
	return nil
}

func errNoEntries(field string) error {
	return fault.InvalidField(field, "%s must be a list of entries. An empty one lists no address.", field)
}

func ipEntries(list string, rules []IPRule) ([]apikey.IPEntry, error) {
	var entries []apikey.IPEntry
	for i, rule := range rules {
		network, err := parseNetwork(list, i, rule.CIDR)
		if err != nil {
			return nil, err
		}
		if strings.ContainsFunc(rule.Note, unicode.IsControl) {
			return nil, fault.InvalidField(fmt.Sprintf("%s.%d.note", list, i), "%s: a note must have no control characters.", list)
		}
		if length := utf8.RuneCountInString(rule.Note); length > maxNote {
			return nil, fault.InvalidField(fmt.Sprintf("%s.%d.note", list, i), "%s: a note must have at most %d characters, not %d.", list, maxNote, length)
		}
		entries = append(entries, apikey.IPEntry{Network: network, Enabled: rule.Enabled == nil || *rule.Enabled, Note: rule.Note})
	}
	return entries, nil
}

// parseNetwork reads an address, or a CIDR without host bits. IPv4 inside IPv6 is IPv4.
func parseNetwork(list string, i int, text string) (netip.Prefix, error) {
	field := fmt.Sprintf("%s.%d.cidr", list, i)
	network, err := netip.ParsePrefix(text)
	if err != nil {
		address, err := netip.ParseAddr(text)
		if err != nil || address.Zone() != "" {
			return netip.Prefix{}, fault.InvalidField(field,
				"%s: %q is neither an address nor a CIDR. Write it as in 192.168.1.7, 192.168.1.0/24 or 2001:db8::/32.", list, text)
		}
		network = netip.PrefixFrom(address, address.BitLen())
	}
	if network.Addr().Is4In6() && network.Bits() >= mappedBits {
		network = netip.PrefixFrom(network.Addr().Unmap(), network.Bits()-mappedBits)
	}
	if masked := network.Masked(); masked != network {
		return netip.Prefix{}, fault.InvalidField(field, "%s: %s has host bits set. Did you mean %s?", list, text, masked)
	}
	return network, nil
}

// entriesOf are networks as entries of an IP list.
func entriesOf(networks []netip.Prefix) []apikey.IPEntry {
	var entries []apikey.IPEntry
	for _, network := range networks {
		entries = append(entries, apikey.IPEntry{Network: network, Enabled: true})
	}
	return entries
}
