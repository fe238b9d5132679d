package storetest

import (
	"net/netip"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

// The generators below draw from few values, so that records and spends often meet.

var (
	someTimes   = rapid.SampledFrom([]time.Time{{}, noon.Add(-time.Hour), noon, noon.Add(time.Second), noon.Add(90 * time.Second), noon.AddDate(0, 1, 0)})
	someDigests = rapid.SampledFrom([]apikey.Digest{"k1.a", "k1.b", "k2.a", "k2.b", "k2.new"})
	noDigests   = rapid.OneOf(rapid.Just(apikey.Digest("")), someDigests)
	someNames   = rapid.StringOfN(rapid.RuneFrom([]rune("az09:*._-")), 1, 64, 64)
	someText    = rapid.StringOfN(rapid.RuneFrom([]rune("\n\t\"'"), unicode.L, unicode.N, unicode.P, unicode.So), 0, 80, -1)
	someLists   = rapid.OneOf(rapid.SliceOfN(someNames, 0, 3), rapid.SliceOfN(someNames, 0, 20))
	someLimits  = rapid.Int64Range(1, 4)
	someQuotas  = rapid.Int64Range(0, 4)
	addresses   = rapid.SampledFrom([]netip.Addr{{}, netip.MustParseAddr("192.0.2.7"), netip.MustParseAddr("2001:db8::7"), netip.MustParseAddr("::ffff:192.0.2.7")})
)

// drawKey draws a key that a create may make: any but a revoked one.
func (f *fixture) drawKey(t *rapid.T) *apikey.Key {
	return f.newKey(func(k *apikey.Key) {
		drawTerms(t, &k.Record)
		drawRules(t, k)
		drawUse(t, &k.Record)
		k.Name = k.Name + someText.Draw(t, "name")
		k.Description = someText.Draw(t, "description")
		k.Metadata = rapid.MapOfN(someNames, someText, 0, 3).Draw(t, "metadata")
		k.Format = rapid.SampledFrom(append(apikey.Formats, "")).Draw(t, "format")
		k.SecretUntil = someTimes.Draw(t, "secret until")
		k.Locked = rapid.Bool().Draw(t, "locked")
		k.Successor = rapid.SampledFrom([]apikey.ID{"", "0A1b2C3d"}).Draw(t, "successor")
	})
}

// drawRules gives a key any rules, few or many, or none.
func drawRules(t *rapid.T, k *apikey.Key) {
	k.Roles, k.Permissions = someLists.Draw(t, "roles"), someLists.Draw(t, "permissions")
	k.Scope = apikey.Scope{
		Services: someLists.Draw(t, "services"), Customers: someLists.Draw(t, "customers"), Accounts: someLists.Draw(t, "accounts"),
	}
	entries := rapid.OneOf(rapid.Just([]apikey.IPEntry(nil)), rapid.SliceOfN(rapid.Custom(drawEntry), 0, 50))
	listed(entries.Draw(t, "allowed"), entries.Draw(t, "denied"))(k)
}

func drawEntry(t *rapid.T) apikey.IPEntry {
	var address netip.Addr
	if bytes := [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "address")); rapid.Bool().Draw(t, "of IPv4") {
		address = netip.AddrFrom4([4]byte(bytes[:4]))
	} else {
		bytes[0] |= 1 // no IPv4 inside IPv6: that is kept as IPv4
		address = netip.AddrFrom16(bytes)
	}
	network := netip.PrefixFrom(address, rapid.IntRange(0, address.BitLen()).Draw(t, "bits")).Masked()
	return apikey.IPEntry{Network: network, Enabled: rapid.Bool().Draw(t, "enabled"), Note: someText.Draw(t, "note")}
}

func drawTerms(t *rapid.T, r *apikey.Record) {
	r.Owner = rapid.OneOf(someNames, someText).Draw(t, "owner") + "."
	r.Environment = rapid.SampledFrom(apikey.Environments).Draw(t, "environment")
	r.Disabled = rapid.SampledFrom([]bool{false, false, false, false, true}).Draw(t, "disabled")
	r.ExpiresAt = rapid.OneOf(rapid.Just(time.Time{}), someTimes).Draw(t, "expires")
	r.Digest, r.Retiring = someDigests.Draw(t, "digest"), noDigests.Draw(t, "retiring")
	r.GraceUntil = someTimes.Draw(t, "grace")
	r.Inherits = rapid.SampledFrom([]string{"", "iGDYsciok5F1j_m0eaWWJA"}).Draw(t, "inherits")
	r.Tier = someNames.Draw(t, "tier")
	if r.TierInherited = rapid.Bool().Draw(t, "tier inherited"); r.TierInherited {
		r.Tier = tier
	}
	r.OwnLimit = rapid.Bool().Draw(t, "own limit")
	r.Limits = ratelimit.Limits{
		PerMinute: someLimits.Draw(t, "minute"), PerDay: someQuotas.Draw(t, "day"), PerMonth: someQuotas.Draw(t, "month"),
	}
}

func drawUse(t *rapid.T, r *apikey.Record) {
	for range rapid.IntRange(0, 4).Draw(t, "uses") {
		at := noon.Add(time.Duration(rapid.IntRange(-3, 1).Draw(t, "minutes")) * time.Minute)
		r.Counts = r.Counts.Add(at)
		r.Total++
		r.LastUsedAt, r.LastUsedIP = at, addresses.Draw(t, "address")
	}
}

// drawSpend draws a spend on key, which had other rules before, more often than not with the right secret, environment
// and rules.
func drawSpend(key *apikey.Key, before string) func(t *rapid.T) apikey.Spend {
	return func(t *rapid.T) apikey.Spend {
		organizations := [][]org.ID{nil, nil, nil, {key.Organization}, {"org_other", key.Organization}, {"org_other"}, {}}
		right := rapid.Just([]apikey.Digest{key.Digest})
		digests := rapid.OneOf(right, right, right, rapid.SliceOfN(someDigests, 0, 3))
		environments := []apikey.Environment{key.Environment, key.Environment, key.Environment, apikey.Test}
		return apikey.Spend{
			ID:            key.ID,
			Digests:       digests.Draw(t, "digests"),
			Environment:   rapid.SampledFrom(environments).Draw(t, "environment"),
			Organizations: rapid.SampledFrom(organizations).Draw(t, "organizations"),
			At:            noon.Add(time.Duration(rapid.IntRange(-1500, 91_500).Draw(t, "milliseconds")) * time.Millisecond),
			Address:       addresses.Draw(t, "from"),
			Rules:         rapid.SampledFrom([]string{key.RulesID, key.RulesID, key.RulesID, before, "", "another ID"}).Draw(t, "rules"),
		}
	}
}
