package audit_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/oklog/ulid/v2"

	"github.com/keyward/keyward/shared/audit"
)

var noon = time.Date(2026, 3, 10, 12, 0, 30, 0, time.UTC)

func TestAnEntryHoldsWhatItIsTold(t *testing.T) {
	address := netip.MustParseAddr("203.0.113.9")
	at := noon.Add(999 * time.Millisecond).In(time.FixedZone("", 3600))
	got := audit.NewEntry(at, audit.MemberActor("alice"), audit.KeyCreated, "key_0A1b2C3d", address)
	want := audit.Entry{ID: got.ID, At: noon, Actor: "member:alice", Action: "key.create", Target: "key_0A1b2C3d", Address: address}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	id, err := ulid.ParseStrict(got.ID)
	if err != nil || id.Time() != ulid.Timestamp(at) {
		t.Errorf("id %q is not a ULID of %s: %v", got.ID, at, err)
	}
}

func TestEntriesSortByTimeAndNeverShareAnID(t *testing.T) {
	entry := func(at time.Time) string {
		return audit.NewEntry(at, audit.System, audit.KeyExpired, "key_0A1b2C3d", netip.Addr{}).ID
	}
	seen, last := map[string]bool{}, ""
	for i := range 1000 {
		id := entry(noon.Add(time.Duration(i) * time.Millisecond))
		if id <= last {
			t.Fatalf("%s comes behind %s", id, last)
		}
		last = id
		seen[entry(noon)] = true
	}
	if len(seen) != 1000 {
		t.Errorf("1,000 entries of one instant have %d ids", len(seen))
	}
}
