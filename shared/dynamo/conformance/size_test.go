package conformance

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/dynamotest"
)

// Processes that spend once and end never learn which windows are stale. The record stays below 1 KB all the same, so
// that a spend stays one write unit.
func TestTheHotRecordStaysBelowAKilobyte(t *testing.T) {
	f := newFixture(t)
	key := f.createFollowing(fullest)
	f.client.Reset(nil)
	largest, writes := 0, 0
	const processes, step = 10_000, time.Hour
	for n := range processes {
		f.spendOnce(key, noon.Add(time.Duration(n)*step), &largest)
	}
	for _, call := range f.client.Calls() {
		if call.Write {
			writes++
		}
	}
	t.Logf("largest %d bytes, %d writes for %d requests", largest, writes, processes)
	if largest >= 1024 {
		f.Errorf("the record grew to %d bytes", largest)
	}
	if extra := writes - processes; extra > processes/8 {
		f.Errorf("%d writes to clean up after %d requests", extra, processes)
	}
}

// However far apart the spends of processes that end are, the fullest record that carries its rules itself stays below
// 1 KB, and a spend of it costs one write unit. So does the record of a key with more rules.
func TestTheFullestRecordStaysBelowAKilobyte(t *testing.T) {
	f := newFixture(t)
	for name, edit := range map[string]func(*apikey.Key){
		"as full as it carries itself":       fullest,
		"everything switched on, kept apart": full,
		"a bulky one with a very long owner": func(k *apikey.Key) { full(k); bulky(k); k.Owner = strings.Repeat("o", 250) },
	} {
		key := f.createFollowing(edit)
		f.client.Reset(nil)
		largest, at := 0, noon
		for _, step := range []time.Duration{time.Minute, time.Hour, 24 * time.Hour, 31 * 24 * time.Hour} {
			for range 40 {
				at = at.Add(step)
				f.spendOnce(key, at, &largest)
			}
		}
		t.Logf("%s: bulky %t, largest %d bytes", name, key.Bulky(), largest)
		if writes := len(f.client.Calls()); largest >= 1024 || f.client.Units() != float64(writes) {
			f.Errorf("%s: the record grew to %d bytes, %v units for %d writes", name, largest, f.client.Units(), writes)
		}
	}
}

// createFollowing creates a key whose record says that it follows its organization's tier, whatever that is.
func (f *fixture) createFollowing(edit func(*apikey.Key)) *apikey.Key {
	f.Helper()
	key, err := f.store.Change(f.Context(), f.change(f.create(edit), func(k *apikey.Key) { k.TierInherited = true }, false))
	f.must(err)
	return key
}

// spendOnce spends as a process does that ends afterwards, and notes the largest size of the record.
func (f *fixture) spendOnce(key *apikey.Key, at time.Time, largest *int) {
	f.Helper()
	spend := spendOf(key, at)
	spend.Rules = key.RulesID
	spend.Address = netip.MustParseAddr("2001:db8:85a3:a5c1:b7d2:8a2e:a370:7334")
	outcome, err := dynamo.New(sized{f.client, largest}, f.table).Spend(f.Context(), spend)
	if err != nil || !outcome.Spent {
		f.Fatal(at, outcome.Spent, err)
	}
}

// full switches on everything that a key can have, and makes all of it as long as it gets.
func full(k *apikey.Key) {
	listing(100)(k)
	k.Roles = []string{
		"read_only_admin", "billing_manager", "cache_purger", "dns_manager", "security_manager", "traffic_manager",
		"insights_analyst", "cloud_account_viewer",
	}
	k.Permissions = []string{"keys:verify"}
	k.Scope = apikey.Scope{Services: []string{"dns", "cdn"}, Customers: []string{"cus_8f2k", "cus_91xa"}, Accounts: []string{"acc_1"}}
	k.Tier, k.OwnLimit = "enterprise", true
	k.Limits.PerMinute, k.Limits.PerDay, k.Limits.PerMonth = 30_000, 10_000_000, 100_000_000
	k.ExpiresAt, k.GraceUntil = noon.AddDate(10, 0, 0), noon.AddDate(10, 0, 0)
	k.Digest, k.Retiring = "sixteencharacter"+anyDigest()[2:], "sixteencharacter"+anyDigest()[2:]
	k.Total, k.Record.Version = 1_000_000_000_000, 10_000
}

// fullest is full, but for the addresses that the record can't carry: of the rest it carries all, with not a byte to spare.
func fullest(k *apikey.Key) {
	full(k)
	for k.Bulky() {
		k.IPAllow = k.IPAllow[1:]
		k.Networks = apikey.NetworksOf(k.IPAllow, k.IPDeny)
	}
	for !k.Bulky() {
		k.Owner += "o"
	}
	k.Owner = k.Owner[1:]
}

// sized notes the largest item that a spend leaves.
type sized struct {
	*dynamotest.Client
	largest *int
}

func (s sized) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	out, err := s.Client.UpdateItem(ctx, in, o...)
	if err == nil {
		*s.largest = max(*s.largest, dynamotest.Size(out.Attributes))
	}
	return out, err
}
