package replaytest

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/policy"
)

// What requests are made of. Each stands for all that the draws below can tell apart.
var (
	somePermissions = []policy.Permission{"dns:read", "dns:write", "billing:read", "billing:write", "keys:write"}
	someIDs         = []string{"a", "b", "c"}
	someAddresses   = []netip.Addr{{}, netip.MustParseAddr("192.0.2.7"), netip.MustParseAddr("192.0.2.200"), netip.MustParseAddr("198.51.100.1")}
	someInstants    = []time.Time{noon, noon.Add(time.Hour), noon.AddDate(0, 1, 0)}

	// secrets are more than a history makes.
	secrets = 25
)

// admits are all requests that a key admits, each with the bounds of how often, as far as nothing has been counted.
func (w *world) admits(catalog *policy.Catalog, key int) map[string][3]int64 {
	w.Helper()
	record := &w.key(key).Record
	standing, err := w.store.Standing(w.ctx, w.org, record.Inherits)
	w.must(err)
	holding := catalog.HoldingOf(record, standing)
	admitted := map[string][3]int64{}
	for _, at := range someInstants {
		for secret := range secrets {
			if record.StatusAt(at) != apikey.Active || !accepts(record, digest(record.ID, secret), at) {
				continue
			}
			for what := range places(holding, record) {
				admitted[fmt.Sprint(at.Unix(), secret, what)] = [3]int64{record.Limits.PerMinute, record.Limits.PerDay, record.Limits.PerMonth}
			}
		}
	}
	return admitted
}

func accepts(record *apikey.Record, digest apikey.Digest, at time.Time) bool {
	return record.Digest.Equal(digest) || record.Retiring.Equal(digest) && at.Before(record.GraceUntil)
}

// places are what a key may do, where and from where.
func places(holding policy.Holding, record *apikey.Record) map[string]bool {
	found := map[string]bool{}
	for _, permission := range somePermissions {
		if !holding.Grants(permission) {
			continue
		}
		for _, address := range someAddresses {
			if !record.Networks.Admit(address) {
				continue
			}
			for kind, list := range map[string][]string{"service": record.Scope.Services, "customer": record.Scope.Customers, "account": record.Scope.Accounts} {
				for _, id := range someIDs {
					if list == nil || slices.Contains(list, id) {
						found[fmt.Sprint(permission, address, kind, id)] = true
					}
				}
			}
		}
	}
	return found
}

// beyond is a request that got but not had admits, or admits more often; empty: there is none.
func beyond(got, had map[string][3]int64) string {
	for request, limits := range got {
		before, admitted := had[request]
		if !admitted || limits[0] > before[0] || above(limits[1], before[1]) || above(limits[2], before[2]) {
			return fmt.Sprintf("%s: %v, and before %v (%t)", request, limits, before, admitted)
		}
	}
	return ""
}

// above compares quotas, of which 0 is none.
func above(quota, other int64) bool { return other != 0 && (quota == 0 || quota > other) }
