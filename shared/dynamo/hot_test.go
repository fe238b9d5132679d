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
	cmpopts.EquateComparable(netip.Addr{}, apikey.Digest("")),
	cmpopts.SortSlices(func(a, b ratelimit.Count) bool { return a.Window.Name() < b.Window.Name() }),
	cmp.AllowUnexported(details{}, intent{}),
	cmp.Comparer(func(a, b item) bool { return reflect.DeepEqual(a, b) }),
}

func anyTime(t *rapid.T, label string) time.Time {
	if rapid.Bool().Draw(t, label+" is zero") {
		return time.Time{}
	}
	return noon.Add(time.Duration(rapid.Int64Range(1, 1e6).Draw(t, label)) * time.Second)
}

func anyRecord(t *rapid.T) *apikey.Record {
	word := rapid.StringMatching(`[a-z:]{0,8}`)
	return &apikey.Record{
		ID: "0123abcd", Organization: org.ID(word.Draw(t, "organization")), Owner: word.Draw(t, "owner"),
		Environment: rapid.SampledFrom(apikey.Environments).Draw(t, "environment"), Disabled: rapid.Bool().Draw(t, "disabled"),
		RevokedAt: anyTime(t, "revoked"), ExpiresAt: anyTime(t, "expires"), GraceUntil: anyTime(t, "grace"),
		Digest: apikey.Digest(word.Draw(t, "digest")), Retiring: apikey.Digest(word.Draw(t, "retiring")),
		Roles: rapid.SliceOf(word).Draw(t, "roles"), Permissions: rapid.SliceOf(word).Draw(t, "permissions"),
		Tier: word.Draw(t, "tier"), TierInherited: rapid.Bool().Draw(t, "inherited"), OwnLimit: rapid.Bool().Draw(t, "own"),
		Limits: ratelimit.Limits{PerMinute: rapid.Int64().Draw(t, "minute"), PerDay: rapid.Int64().Draw(t, "day")},
		Counts: ratelimit.Counts{}.Add(noon), Total: rapid.Int64().Draw(t, "total"), LastUsedAt: anyTime(t, "used"),
		LastUsedIP: netip.MustParseAddr("2001:db8::1"), Version: rapid.Int64Min(1).Draw(t, "version"),
	}
}

func TestARecordComesBackAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyRecord(t)
		if diff := cmp.Diff(want, recordOf(hotItem(want)), same); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

func TestDetailsComeBackAsTheyWereWritten(t *testing.T) {
	want := &details{
		Details: apikey.Details{
			Name: "Straße", Description: "d", Metadata: map[string]string{"a": ""}, Mask: "vg_…", CreatedAt: noon, CreatedBy: "member:a",
			UpdatedAt: noon.Add(time.Hour), Revision: 3, Idempotency: "i",
		},
		id: "0123abcd", organization: "org_1", expiry: noon, applied: 4, step: 9,
		intent: &intent{
			id: "01J", activity: item{actAt: number(noon.Unix()), actActor: text("member:a")}, base: 4, set: item{hotTier: text("free")},
			removed: []string{hotExpires}, revoking: true, prose: item{detName: text("new")}, revises: true, updated: noon, before: noon,
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

// A window's counter stands beside the record's own attributes, and must never be taken for one of them.
func TestNoAttributeOfTheRecordLooksLikeAWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for name := range settings(anyRecord(t)) {
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
		"u": hotUsedAt, "n": hotTotal, "r": hotRevoked, "i": hotDisabled, "x": hotExpires, "l": hotMinute, "q": hotDay,
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
