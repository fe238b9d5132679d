package dynamo

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

var noon = time.Date(2026, 3, 10, 12, 0, 30, 0, time.UTC)

var same = cmp.Options{
	cmpopts.EquateEmpty(),
	cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}, apikey.Digest("")),
	cmpopts.SortSlices(func(a, b ratelimit.Count) bool { return a.Window.Name() < b.Window.Name() }),
	cmp.AllowUnexported(details{}, intent{}),
	cmp.Comparer(func(a, b apart) bool { return a.id == b.id }),
	cmp.Comparer(func(a, b item) bool { return reflect.DeepEqual(a, b) }),
}

func anyTime(t *rapid.T, label string) time.Time {
	if rapid.Bool().Draw(t, label+" is zero") {
		return time.Time{}
	}
	return noon.Add(time.Duration(rapid.Int64Range(1, 1e6).Draw(t, label)) * time.Second)
}

// anyNetwork is a network of either kind, short or long, and now and then one of IPv4 inside IPv6.
var anyNetwork = rapid.Custom(func(t *rapid.T) netip.Prefix {
	size := rapid.SampledFrom([]int{4, 16}).Draw(t, "size")
	bytes := rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "address")
	if size == 16 && rapid.Bool().Draw(t, "mapped") {
		copy(bytes, []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff})
	}
	address, _ := netip.AddrFromSlice(bytes)
	return netip.PrefixFrom(address, rapid.IntRange(0, 8*size).Draw(t, "bits")).Masked()
})

// anyRules are so many that now and then they are kept apart.
func anyRules(t *rapid.T) apikey.Rules {
	words := rapid.SliceOfN(rapid.StringMatching(`[a-z:]{1,30}`), 0, 8)
	networks := rapid.SliceOfN(anyNetwork, 0, 8)
	return apikey.Rules{
		ID:       rapid.SampledFrom([]string{"", "RULES7RULES7"}).Draw(t, "rules"),
		Networks: apikey.Networks{Allow: networks.Draw(t, "allowed"), Deny: networks.Draw(t, "denied")},
		Roles:    words.Draw(t, "roles"), Permissions: words.Draw(t, "permissions"),
		Scope: apikey.Scope{
			Services: words.Draw(t, "services"), Customers: words.Draw(t, "customers"), Accounts: words.Draw(t, "accounts"),
		},
	}
}

func anyRecord(t *rapid.T) *apikey.Record {
	word := rapid.StringMatching(`[a-z:]{0,8}`)
	record := &apikey.Record{
		ID: "0123abcd", Organization: org.ID(word.Draw(t, "organization")), Owner: word.Draw(t, "owner"),
		Environment: rapid.SampledFrom(apikey.Environments).Draw(t, "environment"), Disabled: rapid.Bool().Draw(t, "disabled"),
		RevokedAt: anyTime(t, "revoked"), ExpiresAt: anyTime(t, "expires"), GraceUntil: anyTime(t, "grace"),
		Digest: apikey.Digest(word.Draw(t, "digest")), Retiring: apikey.Digest(word.Draw(t, "retiring")),
		Inherits: word.Draw(t, "inherits"),
		Tier:     word.Draw(t, "tier"), TierInherited: rapid.Bool().Draw(t, "inherited"), OwnLimit: rapid.Bool().Draw(t, "own"),
		Limits: ratelimit.Limits{PerMinute: rapid.Int64().Draw(t, "minute"), PerDay: rapid.Int64().Draw(t, "day")},
		Counts: ratelimit.Counts{}.Add(noon), Total: rapid.Int64().Draw(t, "total"), LastUsedAt: anyTime(t, "used"),
		LastUsedIP: netip.MustParseAddr("2001:db8::1"), Version: rapid.Int64Min(1).Draw(t, "version"),
	}
	record.SetRules(anyRules(t))
	return record
}

// stored is a record as it comes back: with the rules that are kept apart, where they are.
func stored(r *apikey.Record) *apikey.Record {
	got := recordOf(hotItem(r))
	if kept := apartOf(r); got.Apart {
		got.SetRules(rulesOf(kept.lists, kept.id))
	}
	return got
}

// A record that carried rules which are kept apart would be as long as without.
func TestARecordHasNoRulesThatAreKeptApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		record := anyRecord(t)
		record.Restamp(nil)
		got := recordOf(hotItem(record))
		carried := got.Rules()
		if got.Apart != record.Bulky() || got.Apart && !carried.Equal(apikey.Rules{}) {
			t.Errorf("bulky %t, apart %t, and it carries %+v", record.Bulky(), got.Apart, carried)
		}
	})
}

func TestARecordComesBackAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyRecord(t)
		if diff := cmp.Diff(want, stored(want), same); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

func TestDetailsComeBackAsTheyWereWritten(t *testing.T) {
	want := &details{
		Details: apikey.Details{
			Name: "Straße", Description: "d", Metadata: map[string]string{"a": ""}, Mask: "vg_…", CreatedAt: noon, CreatedBy: "member:a",
			UpdatedAt: noon.Add(time.Hour), Revision: 3, Idempotency: "i",
			Format: apikey.JWT, SecretUntil: noon.Add(time.Hour), Locked: true, Successor: "4567efgh",
			IPAllow: []apikey.IPEntry{{Network: netip.MustParsePrefix("192.0.2.0/24"), Enabled: true, Note: "office"}},
			IPDeny:  []apikey.IPEntry{{Network: netip.MustParsePrefix("2001:db8::/32")}, {Network: netip.MustParsePrefix("192.0.2.7/32")}},
		},
		id: "0123abcd", organization: "org_1", rules: apart{id: "A"}, expiry: noon, applied: 4, step: 9,
		intent: &intent{
			id: "01J", activity: item{actAt: number(noon.Unix()), actActor: text("member:a")}, base: 4, set: item{hotTier: text("free")},
			removed: []string{hotExpires}, revoking: true, prose: item{detName: text("new")}, revises: true, updated: noon, before: noon,
			rules: apart{id: "B"},
		},
	}
	stored := want.item()
	for name, value := range want.key().item() {
		stored[name] = value
	}
	if diff := cmp.Diff(want, detailsOf(stored), same); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A change writes no attribute that it does not change: another may have been written since its caller read the key. But
// rules are written as a whole, however they were kept.
func TestAChangeOfTheRecordWritesWhatDiffers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := anyRecord(t), anyRecord(t)
		if rapid.Bool().Draw(t, "the rules stay") {
			after.SetRules(before.Rules())
			after.Owner, after.Inherits = before.Owner, before.Inherits
		}
		set, removed := differs(before, after)
		hot, want := hotItem(before), hotItem(after)
		for name, value := range set {
			hot[name] = value
		}
		for _, name := range removed {
			if set[name] != nil {
				t.Errorf("%q is both set and removed", name)
			}
			delete(hot, name)
		}
		for _, name := range []string{hotTotal, hotUsedAt, hotUsedFrom, hotVersion} {
			delete(hot, name)
			delete(want, name)
		}
		if !reflect.DeepEqual(hot, want) {
			t.Errorf("(-want +got)\n%s", cmp.Diff(recordOf(want), recordOf(hot), same))
		}
	})
}

// A window's counter stands beside the record's own attributes, and must never be taken for one of them.
func TestNoAttributeOfTheRecordLooksLikeAWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		record := anyRecord(t)
		record.Counts = nil
		for name := range hotItem(record) {
			if _, window := ratelimit.ParseWindow(name); window {
				t.Errorf("%q is a window", name)
			}
		}
	})
	for _, name := range []string{attrPK, attrSK, attrDuePK, attrDueSK, hotPending, hotVersion, hotTotal, hotUsedAt, hotUsedFrom} {
		if _, window := ratelimit.ParseWindow(name); window {
			t.Errorf("%q is a window", name)
		}
	}
}

func TestASpendIsOneConditionalUpdate(t *testing.T) {
	s := New(nil, "table")
	in := s.spendInput(apikey.Spend{
		ID: "0123abcd", Digests: []apikey.Digest{"k2.a", "k1.b"}, Environment: apikey.Staging,
		Organizations: []org.ID{"org_1"}, At: noon,
	}, []ratelimit.Window{{Unit: ratelimit.Minute, N: 7}})
	condition := "(h IN (:h0, :h1) OR (k > :now AND g IN (:h0, :h1))) AND o IN (:o0)" + spendCondition
	if *in.ConditionExpression != condition {
		t.Errorf("condition = %s", *in.ConditionExpression)
	}
	if want := "SET u = :now ADD n :one, #m :one, #d :one, #M :one REMOVE a, #s0"; *in.UpdateExpression != want {
		t.Errorf("update = %s", *in.UpdateExpression)
	}
	if in.ExpressionAttributeNames["#s0"] != "m7" {
		t.Errorf("names = %v", in.ExpressionAttributeNames)
	}
}

// The names in the condition are written into it as they are; this holds them to the layout.
func TestTheSpendNamesTheAttributesOfTheLayout(t *testing.T) {
	for name, role := range map[string]string{
		"z": hotRulesID, "u": hotUsedAt, "n": hotTotal, "r": hotRevoked, "i": hotDisabled, "x": hotExpires, "l": hotMinute, "q": hotDay,
		"y": hotMonth, "e": hotEnvironment, "h": hotDigest, "g": hotRetiring, "k": hotGrace, "o": hotOrganization, "a": hotUsedFrom,
	} {
		if name != role {
			t.Errorf("the spend says %q, the layout %q", name, role)
		}
	}
}

func TestATokenFitsInDynamoDB(t *testing.T) {
	longest := token("01ARZ3NDEKTSV4RRFFQ69G5FAVx", &details{step: 36 * 36 * 36 * 36 * 36 * 36})
	if len(longest) > 36 || strings.Contains(longest, " ") {
		t.Errorf("%q has %d characters", longest, len(longest))
	}
}
