package apikey_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

func TestAStatusIsTheFirstOfRevokedExpiredInactiveActive(t *testing.T) {
	past, future := noon.Add(-time.Hour), noon.Add(time.Hour)
	tests := map[string]struct {
		record apikey.Record
		want   apikey.Status
		live   bool
	}{
		"nothing set":                      {apikey.Record{}, apikey.Active, true},
		"expires later":                    {apikey.Record{ExpiresAt: future}, apikey.Active, true},
		"disabled":                         {apikey.Record{Disabled: true}, apikey.Inactive, true},
		"disabled, expires later":          {apikey.Record{Disabled: true, ExpiresAt: future}, apikey.Inactive, true},
		"expired":                          {apikey.Record{ExpiresAt: past}, apikey.Expired, false},
		"expired and disabled":             {apikey.Record{ExpiresAt: past, Disabled: true}, apikey.Expired, false},
		"revoked":                          {apikey.Record{RevokedAt: past}, apikey.Revoked, false},
		"revoked by a clock ahead":         {apikey.Record{RevokedAt: future}, apikey.Revoked, false},
		"revoked and expired":              {apikey.Record{RevokedAt: past, ExpiresAt: past}, apikey.Revoked, false},
		"revoked, expired and disabled":    {apikey.Record{RevokedAt: past, ExpiresAt: past, Disabled: true}, apikey.Revoked, false},
		"a nanosecond before its expiry":   {apikey.Record{ExpiresAt: noon.Add(time.Nanosecond)}, apikey.Active, true},
		"at the instant of its expiry":     {apikey.Record{ExpiresAt: noon}, apikey.Expired, false},
		"a nanosecond behind its expiry":   {apikey.Record{ExpiresAt: noon.Add(-time.Nanosecond)}, apikey.Expired, false},
		"at that instant, in another zone": {apikey.Record{ExpiresAt: noon.In(time.FixedZone("", 7200))}, apikey.Expired, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.record.StatusAt(noon); got != test.want {
				t.Errorf("StatusAt = %s, want %s", got, test.want)
			}
			if got := test.record.LiveAt(noon); got != test.live {
				t.Errorf("LiveAt = %t, want %t", got, test.live)
			}
		})
	}
}

// situation is one way in which each thing that a spend depends on may stand.
type situation struct {
	sameID, admitted                      bool
	digest                                string // what the secret matches: current, retiring in grace, at its end, nothing
	sameEnvironment                       bool
	revoked, expired, disabled            bool
	minuteFull, dayFull, monthFull, quota bool
}

// oracle says why a spend is refused, from the contract's sentence of the order, written without a look at Refuses.
func oracle(s situation) apikey.Reason {
	secretMatches := s.digest == "current" || s.digest == "retiring"
	for _, row := range []struct {
		applies bool
		reason  apikey.Reason
	}{
		{!s.sameID, apikey.KeyUnknown},
		{!s.admitted, apikey.KeyUnknown},
		{!secretMatches, apikey.KeyUnknown},
		{!s.sameEnvironment, apikey.WrongEnvironment},
		{s.revoked, apikey.KeyRevoked},
		{s.expired, apikey.KeyExpired},
		{s.disabled, apikey.KeyInactive},
		{s.minuteFull, apikey.RateLimited},
		{s.quota && s.dayFull, apikey.QuotaExceeded},
		{s.quota && s.monthFull, apikey.QuotaExceeded},
	} {
		if row.applies {
			return row.reason
		}
	}
	return apikey.Allowed
}

// build makes the record and the spend of a situation.
func (s situation) build() (*apikey.Record, apikey.Spend) {
	spend := apikey.Spend{
		ID: "0A1b2C3d", Digests: []apikey.Digest{"k2.mine", "k1.mine"}, Environment: apikey.Production,
		Organizations: []org.ID{"org_other", "org_acme"}, At: noon,
	}
	record := &apikey.Record{
		ID: spend.ID, Organization: "org_acme", Environment: apikey.Production, Digest: "k1.theirs",
		Limits: ratelimit.Limits{PerMinute: 10}, Disabled: s.disabled,
		Counts: ratelimit.Counts{
			{Window: ratelimit.At(ratelimit.Minute, noon), N: 9}, {Window: ratelimit.At(ratelimit.Day, noon), N: 19},
			{Window: ratelimit.At(ratelimit.Month, noon), N: 29}, {Window: ratelimit.At(ratelimit.Minute, noon.Add(-time.Minute)), N: 10},
		},
	}
	if !s.sameID {
		record.ID = "0A1b2C3e"
	}
	if !s.admitted {
		record.Organization = "org_evil"
	}
	if !s.sameEnvironment {
		record.Environment = apikey.Test
	}
	if s.revoked {
		record.RevokedAt = noon.Add(-time.Hour)
	}
	if s.expired {
		record.ExpiresAt = noon
	}
	if s.quota {
		record.Limits.PerDay, record.Limits.PerMonth = 20, 30
	}
	for i, full := range []bool{s.minuteFull, s.dayFull, s.monthFull} {
		if full {
			record.Counts[i].N++
		}
	}
	switch s.digest {
	case "current":
		record.Digest = "k1.mine"
	case "retiring":
		record.Retiring, record.GraceUntil = "k2.mine", noon.Add(time.Nanosecond)
	case "retired":
		record.Retiring, record.GraceUntil = "k2.mine", noon
	}
	return record, spend
}

// Every combination of what a spend depends on is refused for the reason that comes first in the contract, and only
// the one where nothing is against it is allowed.
func TestASpendIsRefusedForTheFirstReasonThatApplies(t *testing.T) {
	both, tried := []bool{true, false}, 0
	for _, digest := range []string{"current", "retiring", "retired", "none"} {
		for bits := range 1 << 10 {
			bit := func(n int) bool { return both[bits>>n&1] }
			s := situation{bit(0), bit(1), digest, bit(2), bit(3), bit(4), bit(5), bit(6), bit(7), bit(8), bit(9)}
			record, spend := s.build()
			if got, want := record.Refuses(spend), oracle(s); got != want {
				t.Errorf("%+v: refused as %s, want %s", s, got, want)
			}
			tried++
		}
	}
	if tried != 4096 {
		t.Errorf("%d situations, want 4,096", tried)
	}
}

// An empty digest, which a record without a retiring secret has, matches nothing; nor does a spend without digests.
func TestNoDigestMatchesNothing(t *testing.T) {
	record := &apikey.Record{ID: "0A1b2C3d", Environment: apikey.Test, GraceUntil: noon.Add(time.Hour), Limits: ratelimit.Limits{PerMinute: 1}}
	for name, digests := range map[string][]apikey.Digest{"none": nil, "an empty one": {""}, "another": {"k1.x"}} {
		spend := apikey.Spend{ID: record.ID, Environment: apikey.Test, At: noon, Digests: digests}
		if got := record.Refuses(spend); got != apikey.KeyUnknown {
			t.Errorf("%s: %s, want key_unknown", name, got)
		}
	}
}

func TestAnAPIAdmitsTheOrganizationsThatItNames(t *testing.T) {
	tests := map[string]struct {
		admitted []org.ID
		want     bool
	}{
		"all": {nil, true}, "this one": {[]org.ID{"org_b", "org_a"}, true}, "another": {[]org.ID{"org_b"}, false}, "none": {[]org.ID{}, false},
	}
	for name, test := range tests {
		if got := (apikey.Spend{Organizations: test.admitted}).Admits("org_a"); got != test.want {
			t.Errorf("%s: admits = %t, want %t", name, got, test.want)
		}
	}
}

func TestASpendCountsInEveryWindowAndForgetsStaleOnes(t *testing.T) {
	window := func(unit ratelimit.Unit, at time.Time) ratelimit.Window { return ratelimit.At(unit, at) }
	address := netip.MustParseAddr("203.0.113.9")
	record := apikey.Record{Total: 41, Version: 7, Counts: ratelimit.Counts{
		{Window: window(ratelimit.Minute, noon), N: 3}, {Window: window(ratelimit.Minute, noon.Add(-time.Minute)), N: 5},
		{Window: window(ratelimit.Minute, noon.Add(-2*time.Minute)), N: 6}, {Window: window(ratelimit.Month, noon), N: 40},
	}}
	record.Take(apikey.Spend{At: noon.Add(999 * time.Millisecond).In(time.FixedZone("", 3600)), Address: address})
	want := apikey.Record{Total: 42, Version: 7, LastUsedAt: noon, LastUsedIP: address, Counts: ratelimit.Counts{
		{Window: window(ratelimit.Minute, noon), N: 4}, {Window: window(ratelimit.Minute, noon.Add(-time.Minute)), N: 5},
		{Window: window(ratelimit.Month, noon), N: 41}, {Window: window(ratelimit.Day, noon), N: 1},
	}}
	if diff := cmp.Diff(want, record, cmpopts.EquateComparable(netip.Addr{}, apikey.Digest(""))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// However requests fall, no window of any unit admits more than its limit.
func TestNoSequenceOfSpendsExceedsALimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		record := &apikey.Record{ID: "0A1b2C3d", Environment: apikey.Test, Digest: "k1.x", Limits: ratelimit.Limits{
			PerMinute: rapid.Int64Range(1, 4).Draw(t, "a minute"), PerDay: rapid.Int64Range(0, 8).Draw(t, "a day"),
			PerMonth: rapid.Int64Range(0, 16).Draw(t, "a month"),
		}}
		admitted, now := map[ratelimit.Window]int64{}, noon
		for range 60 {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 20, 61, 7200, 86400}).Draw(t, "seconds")) * time.Second)
			spend := apikey.Spend{ID: record.ID, Environment: apikey.Test, Digests: []apikey.Digest{"k1.x"}, At: now}
			if record.Refuses(spend) != apikey.Allowed {
				continue
			}
			record.Take(spend)
			for _, unit := range ratelimit.Units {
				window := ratelimit.At(unit, now)
				admitted[window]++
				if limit := record.Limits.Of(unit); limit > 0 && admitted[window] > limit {
					t.Fatalf("%s admitted %d, above %d", window.Name(), admitted[window], limit)
				}
			}
		}
	})
}
