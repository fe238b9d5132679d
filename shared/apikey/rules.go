package apikey

import (
	"crypto/rand"
	"iter"
	"net/netip"
	"slices"
)

// Scope is where a key's permissions hold. A nil list is everything, also what is added later. Nobody makes an empty one: it
// is what a store reads where a list is damaged, and nothing is in it.
type Scope struct {
	Services  []string // ids of the catalog's services
	Customers []string
	Accounts  []string
}

// Equal reports whether s and other are the same, order included. All and nothing differ.
func (s Scope) Equal(other Scope) bool {
	return sameLimit(s.Services, other.Services) && sameLimit(s.Customers, other.Customers) && sameLimit(s.Accounts, other.Accounts)
}

func sameLimit(a, b []string) bool { return (a == nil) == (b == nil) && slices.Equal(a, b) }

// Clone is a copy that shares no memory with s.
func (s Scope) Clone() Scope {
	return Scope{slices.Clone(s.Services), slices.Clone(s.Customers), slices.Clone(s.Accounts)}
}

// IPEntry is an entry of a key's IP lists as people write it.
type IPEntry struct {
	Network netip.Prefix // masked: no host bits
	Enabled bool
	Note    string
}

// Networks are the enabled entries of a key's IP lists. Addresses and prefixes of IPv4 inside IPv6 are kept as IPv4.
type Networks struct {
	Allow []netip.Prefix
	Deny  []netip.Prefix
}

// NetworksOf are the enabled entries of both lists.
func NetworksOf(allow, deny []IPEntry) Networks { return Networks{enabled(allow), enabled(deny)} }

func enabled(entries []IPEntry) []netip.Prefix {
	var networks []netip.Prefix
	for _, entry := range entries {
		if entry.Enabled {
			networks = append(networks, entry.Network)
		}
	}
	return networks
}

// None reports whether there are no rules: every address is admitted, also one that is not known.
func (n Networks) None() bool { return len(n.Allow)+len(n.Deny) == 0 }

// Admit reports whether a request from address may use the key. Where anything is listed as allowed, that alone is:
// the allow list wins. An address that is not known is admitted only where there are no rules. A zero Prefix stands for an
// entry that was damaged: allowed, nobody is in it; denied, everybody.
func (n Networks) Admit(address netip.Addr) bool {
	switch {
	case n.None():
		return true
	case !address.IsValid():
		return false
	case len(n.Allow) > 0:
		return contain(n.Allow, address)
	default:
		return each(n.Deny, netip.Prefix.IsValid) && !contain(n.Deny, address)
	}
}

func contain(networks []netip.Prefix, address netip.Addr) bool {
	address = address.Unmap()
	return slices.ContainsFunc(networks, func(network netip.Prefix) bool { return network.Contains(address) })
}

// Equal reports whether n and other are the same, order included.
func (n Networks) Equal(other Networks) bool {
	return slices.Equal(n.Allow, other.Allow) && slices.Equal(n.Deny, other.Deny)
}

// Clone is a copy that shares no memory with n.
func (n Networks) Clone() Networks { return Networks{slices.Clone(n.Allow), slices.Clone(n.Deny)} }

// Within reports whether outer admits every address that n admits, as far as that shows entry by entry.
func (n Networks) Within(outer Networks) bool {
	switch {
	case outer.None():
		return true
	case len(outer.Allow) > 0:
		return len(n.Allow) > 0 && each(n.Allow, func(p netip.Prefix) bool { return covered(p, outer.Allow) })
	case len(n.Allow) > 0:
		return each(n.Allow, func(p netip.Prefix) bool { return !slices.ContainsFunc(outer.Deny, p.Overlaps) })
	default:
		return each(outer.Deny, func(p netip.Prefix) bool { return covered(p, n.Deny) })
	}
}

func each(networks []netip.Prefix, holds func(netip.Prefix) bool) bool {
	return !slices.ContainsFunc(networks, func(network netip.Prefix) bool { return !holds(network) })
}

func covered(inner netip.Prefix, networks []netip.Prefix) bool {
	return slices.ContainsFunc(networks, func(network netip.Prefix) bool {
		return network.Bits() <= inner.Bits() && network.Contains(inner.Addr())
	})
}

// Rules are the parts of a record that may be too long for every request to carry. A process reads them once and
// remembers them under their ID: a spend names the ID, and its write checks that it still stands.
type Rules struct {
	ID          string
	Networks    Networks
	Roles       []string
	Permissions []string
	Scope       Scope
}

// Equal reports whether r and other say the same, whatever their IDs.
func (r Rules) Equal(other Rules) bool {
	return r.Networks.Equal(other.Networks) && r.Scope.Equal(other.Scope) &&
		slices.Equal(r.Roles, other.Roles) && slices.Equal(r.Permissions, other.Permissions)
}

// Rules are r's rules.
func (r *Record) Rules() Rules {
	return Rules{r.RulesID, r.Networks, r.Roles, r.Permissions, r.Scope}
}

// SetRules gives r those rules, and their ID.
func (r *Record) SetRules(rules Rules) {
	r.RulesID, r.Networks, r.Roles, r.Permissions, r.Scope = rules.ID, rules.Networks, rules.Roles, rules.Permissions, rules.Scope
	r.Apart = false
}

// maxInline is how many bytes of rules a record carries itself, its owner's subject included: so many that the hot item
// of a key, with all its counters, quotas and a grace, stays below 1 KB (it was measured: 1,015 bytes at most). A hundred
// IPv4 addresses take 403 of them, a hundred IPv4 networks of mixed lengths 500.
const maxInline = 580

// Bulky reports whether r's rules are too long for the record to carry: a store may keep them apart.
func (r *Record) Bulky() bool {
	size := len(r.Owner) + len(r.Inherits)
	for _, list := range [][]string{r.Roles, r.Permissions, r.Scope.Services, r.Scope.Customers, r.Scope.Accounts} {
		for _, entry := range list {
			size += len(entry) + 1
		}
	}
	return size+PackedSize(r.Networks.Allow)+PackedSize(r.Networks.Deny) > maxInline
}

// ShortRun is how many networks of the same length in a row are worth no header of their own.
const ShortRun = 3

// PackedSize is how many bytes a list of networks takes in a record: those of each address, and one for its length; three
// for all of a run of more than ShortRun.
func PackedSize(networks []netip.Prefix) int {
	size := 0
	for run := range NetworkRuns(networks) {
		size += len(run)*run[0].Addr().BitLen()/8 + min(len(run), ShortRun)
	}
	return size
}

// NetworkRuns are the longest runs of networks whose prefixes are of the same kind and length, 255 at most.
func NetworkRuns(networks []netip.Prefix) iter.Seq[[]netip.Prefix] {
	return func(yield func([]netip.Prefix) bool) {
		for start, i := 0, 0; i < len(networks); start = i {
			for i < len(networks) && i-start < 255 && networks[i].Bits() == networks[start].Bits() &&
				networks[i].Addr().Is4() == networks[start].Addr().Is4() {
				i++
			}
			if !yield(networks[start:i]) {
				return
			}
		}
	}
}

// Restamp gives r's rules an ID of their own where they differ from those before, and none where a spend needs no look
// at them: there are no networks, and the record carries the rest. Whoever changes a record calls it last.
func (r *Record) Restamp(before *Record) {
	switch {
	case r.Networks.None() && !r.Bulky():
		r.RulesID = ""
	case before == nil || before.RulesID == "" || !r.Rules().Equal(before.Rules()):
		r.RulesID = newRulesID()
	}
}

func newRulesID() string { return rand.Text()[:12] }
