package replay

import (
	"net/netip"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/changelog"
)

// What stands where nothing stays of a list: an id that names nothing, and an address that nobody sends from. A store reads
// an empty list as it reads none.
const noID = "-"

var noNetwork = netip.MustParsePrefix("0.0.0.0/32")

// scope takes away the services, customers and accounts that the bounds do not have.
func scope(key *apikey.Key, bounds changelog.Key) order {
	met := within
	most := bounds.Scope()
	for _, list := range []struct {
		has  *[]string
		most []string
	}{{&key.Scope.Services, most.Services}, {&key.Scope.Customers, most.Customers}, {&key.Scope.Accounts, most.Accounts}} {
		met = max(met, meet(list.has, list.most))
	}
	return met
}

// meet takes out of a list what most does not have, where nil is everything.
func meet(has *[]string, most []string) order {
	switch {
	case most == nil || slices.Equal(*has, []string{noID}):
		return within
	case *has == nil:
		*has = slices.Clone(most)
		return beyond
	}
	both := slices.DeleteFunc(slices.Clone(*has), func(id string) bool { return !slices.Contains(most, id) })
	switch len(both) {
	case len(*has):
		return within
	case 0:
		*has = []string{noID}
		return neither
	default:
		*has = both
		return beyond
	}
}

// networks takes away the addresses that the bounds do not admit.
func networks(key *apikey.Key, bounds changelog.Key) order {
	most := bounds.Networks()
	if key.Networks.Within(most) || slices.Equal(key.Networks.Allow, []netip.Prefix{noNetwork}) {
		return within
	}
	both, met := most, beyond
	if !most.Within(key.Networks) {
		both, met = common(key.Networks, most)
	}
	key.IPAllow, key.IPDeny = entries(both.Allow, key.IPAllow), entries(both.Deny, key.IPDeny)
	key.Networks = apikey.NetworksOf(key.IPAllow, key.IPDeny)
	return met
}

// common admits only what both do: neither, where it may admit less than that, or admits nobody.
func common(one, other apikey.Networks) (apikey.Networks, order) {
	if len(one.Allow) == 0 && len(other.Allow) == 0 {
		return apikey.Networks{Deny: append(slices.Clone(one.Deny), other.Deny...)}, beyond
	}
	both, met := apikey.Networks{}, beyond
	for _, network := range append(slices.Clone(one.Allow), other.Allow...) {
		single := apikey.Networks{Allow: []netip.Prefix{network}}
		switch {
		case slices.Contains(both.Allow, network):
		case single.Within(one) && single.Within(other):
			both.Allow = append(both.Allow, network)
		case len(one.Allow) == 0 || len(other.Allow) == 0: // a part of it may be denied
			met = neither
		}
	}
	if len(both.Allow) == 0 {
		return apikey.Networks{Allow: []netip.Prefix{noNetwork}}, neither
	}
	return both, met
}

// entries are enabled entries for those networks, with the notes that were there.
func entries(networks []netip.Prefix, before []apikey.IPEntry) []apikey.IPEntry {
	made := make([]apikey.IPEntry, len(networks))
	for i, network := range networks {
		made[i] = apikey.IPEntry{Network: network, Enabled: true}
		if at := slices.IndexFunc(before, func(entry apikey.IPEntry) bool { return entry.Network == network }); at >= 0 {
			made[i].Note = before[at].Note
		}
	}
	return made
}
