package replaytest

import (
	"net/netip"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// change is something that may be done to a world. Drawn once, it can be done to several.
type change func(*world)

var (
	drawRoles       = rapid.SampledFrom([][]string{{"admin"}, {"dns_manager"}, {"dns_manager", ownRole}, {ownRole}, {"billing_manager"}, nil})
	drawPermissions = rapid.SampledFrom([][]string{nil, {"dns:read"}, {"dns:*"}, {"dns:read", "billing:read"}, {"*:read"}, {"keys:write"}})
	drawList        = rapid.SampledFrom([][]string{nil, {"a"}, {"a", "b"}, {"b", "c"}, {"c"}})
	drawNetworks    = rapid.SampledFrom([][]string{nil, {"192.0.2.0/24"}, {"192.0.2.0/25"}, {"192.0.2.7/32", "198.51.100.0/24"}})
	drawExpiry      = rapid.SampledFrom([]time.Time{{}, noon.Add(time.Minute), noon.AddDate(0, 0, 7), noon.AddDate(1, 0, 0)})
	drawTier        = rapid.SampledFrom([]string{"free", "basic", "pro"})
	drawQuota       = rapid.SampledFrom([]int64{0, 10, 1000})
	drawRate        = rapid.SampledFrom([]int64{1, 10, 50, 500})
	drawStatus      = rapid.SampledFrom([]org.MemberStatus{org.MemberActive, org.MemberDisabled})
)

// drawChanges draws a history.
func drawChanges(t *rapid.T, catalog *policy.Catalog, label string) []change {
	kinds := []func(*rapid.T) change{
		drawKeyEdit(catalog), drawKeyEdit(catalog), drawKeyEdit(catalog), drawMemberEdit, drawRoleEdit, drawAccountEdit,
	}
	changes := make([]change, rapid.IntRange(0, 5).Draw(t, label))
	for i := range changes {
		changes[i] = rapid.SampledFrom(kinds).Draw(t, "kind")(t)
	}
	return changes
}

// drawKeyEdit draws one or two edits of a key, in one change.
func drawKeyEdit(catalog *policy.Catalog) func(*rapid.T) change {
	return func(t *rapid.T) change {
		key := rapid.SampledFrom([]int{firstKey, secondKey}).Draw(t, "key")
		var edits []func(*apikey.Key)
		for range rapid.IntRange(1, 2).Draw(t, "edits") {
			edits = append(edits, drawEdit(t, catalog))
		}
		return func(w *world) {
			w.edit(key, audit.KeyUpdated, func(key *apikey.Key) {
				for _, edit := range edits {
					edit(key)
				}
			})
		}
	}
}

func drawEdit(t *rapid.T, catalog *policy.Catalog) func(*apikey.Key) {
	roles, permissions := drawRoles.Draw(t, "roles"), drawPermissions.Draw(t, "permissions")
	list, networks, rate, quota := drawList.Draw(t, "list"), drawNetworks.Draw(t, "networks"), drawRate.Draw(t, "rate"), drawQuota.Draw(t, "quota")
	expiry := drawExpiry.Draw(t, "expiry")
	tier, _ := catalog.Tier(drawTier.Draw(t, "tier"))
	return rapid.SampledFrom([]func(*apikey.Key){
		func(k *apikey.Key) { k.Disabled = !k.Disabled },
		func(k *apikey.Key) { k.RevokedAt = noon },
		func(k *apikey.Key) {
			k.Inherits, k.Roles, k.Permissions = "", slices.Clone(roles), slices.Clone(permissions)
		},
		func(k *apikey.Key) { k.Inherits, k.Roles, k.Permissions = bob.Hash(), nil, slices.Clone(permissions) },
		func(k *apikey.Key) { k.Scope.Services = slices.Clone(list) },
		func(k *apikey.Key) { k.Scope.Customers = slices.Clone(list) },
		func(k *apikey.Key) { k.Scope.Accounts = slices.Clone(list) },
		func(k *apikey.Key) { k.IPAllow = entriesOf(networks) },
		func(k *apikey.Key) { k.IPDeny = entriesOf(networks) },
		func(k *apikey.Key) { k.OwnLimit, k.Limits.PerMinute = true, rate },
		func(k *apikey.Key) {
			k.OwnLimit, k.TierInherited, k.Tier, k.Limits.PerMinute = false, false, tier.ID, tier.RequestsPerMinute
		},
		func(k *apikey.Key) { k.Limits.PerDay = quota },
		func(k *apikey.Key) { k.Limits.PerMonth = quota },
		func(k *apikey.Key) { k.ExpiresAt = expiry },
		func(k *apikey.Key) {
			k.Retiring, k.GraceUntil = k.Digest, noon.Add(90*time.Minute)
			renew(k)
		},
		func(k *apikey.Key) { k.Retiring, k.GraceUntil = "", time.Time{}; renew(k) },
	}).Draw(t, "edit")
}

func entriesOf(networks []string) []apikey.IPEntry {
	var entries []apikey.IPEntry
	for _, network := range networks {
		entries = append(entries, apikey.IPEntry{Network: netip.MustParsePrefix(network), Enabled: true})
	}
	return entries
}

func drawMemberEdit(t *rapid.T) change {
	roles, status := drawRoles.Draw(t, "roles"), drawStatus.Draw(t, "status")
	if rapid.IntRange(0, 4).Draw(t, "removes") == 0 {
		return func(w *world) { w.setMember(nil) }
	}
	return func(w *world) {
		w.setMember(func(member *org.Member) { member.Roles, member.Status = slices.Clone(roles), status })
	}
}

func drawRoleEdit(t *rapid.T) change {
	permissions := drawPermissions.Draw(t, "permissions")
	if len(permissions) == 0 {
		return func(w *world) { w.setRole(nil) }
	}
	return func(w *world) { w.setRole(&org.Role{Name: ownRole, Permissions: slices.Clone(permissions)}) }
}

func drawAccountEdit(t *rapid.T) change {
	tier, limit := drawTier.Draw(t, "tier"), rapid.Int64Range(10, 12).Draw(t, "key limit")
	return func(w *world) {
		w.setAccount(func(o *org.Organization) {
			o.Following, o.FollowedTo = o.Following || o.Tier != tier, ""
			o.Tier, o.KeyLimit = tier, limit
		})
	}
}
