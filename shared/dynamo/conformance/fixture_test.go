package conformance

import (
	"crypto/rand"
	"net/netip"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/dynamotest"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

// noon is when every test begins.
var noon = time.Date(2026, 3, 10, 12, 0, 30, 0, time.UTC)

const account = org.ID("org_0123456789abcdef")

// fixture is a table with one organization, a sound store, and a store on a client that faults can be set on. Its test
// runs beside the others: most of the time it waits for DynamoDB Local.
type fixture struct {
	*testing.T
	table  string
	store  *dynamo.Store
	client *dynamotest.Client
	faulty *dynamo.Store
}

func newFixture(t *testing.T) *fixture {
	t.Parallel()
	table := dynamotest.NewTable(t)
	f := &fixture{T: t, table: table, client: dynamotest.Wrap(t, dynamotest.NewClient(), nil)}
	f.faulty = dynamo.New(f.client, table)
	f.store = f.another()
	f.must(f.store.Found(t.Context(), tenant(account), first(account), f.entry(audit.OrganizationCreated)))
	return f
}

// another is a store as a new process has it.
func (f *fixture) another() *dynamo.Store {
	return dynamo.New(dynamotest.Wrap(f, dynamotest.NewClient(), nil), f.table)
}

func tenant(id org.ID) org.Organization {
	return org.Organization{ID: id, Name: "Acme", Tier: "basic", MaxTier: "pro", KeyLimit: 1000, CreatedAt: noon}
}

func first(id org.ID) org.Member {
	return org.Member{
		Identity: org.Identity{Issuer: "https://id.example", Subject: string(id)}, Organization: id,
		Roles: []string{"admin"}, Status: org.MemberActive, JoinedAt: noon,
	}
}

// drawn makes the ids of this test binary distinct: one millisecond has only 99.
var drawn atomic.Int64

func newID() apikey.ID { return apikey.NewID(noon.Add(time.Duration(drawn.Add(1)) * time.Millisecond)) }

// newKey is a key of ordinary size that expires in a day.
func newKey() *apikey.Key {
	return &apikey.Key{
		Record: apikey.Record{
			ID: newID(), Organization: account, Owner: "auth0|5f7c8ec7c33c6c004bbafe82", Environment: apikey.Production,
			ExpiresAt: noon.Add(24 * time.Hour), Digest: anyDigest(),
			Roles: []string{"dns_manager", "cache_purger"}, Permissions: []string{"dns:read", "dns:write", "billing:read"},
			Tier: "basic", Limits: ratelimit.Limits{PerMinute: 1000, PerDay: 100_000, PerMonth: 1_000_000}, Version: 1,
		},
		Details: apikey.Details{
			Name: "key " + rand.Text(), Mask: "vg_live_abcd...wxyz", CreatedAt: noon, CreatedBy: "member:ann", UpdatedAt: noon,
			Revision: 1, Metadata: map[string]string{"team": "edge"},
		},
	}
}

func (f *fixture) entry(action audit.Action) audit.Entry {
	e := audit.NewEntry(noon, audit.MemberActor("auth0|5f7c8ec7c33c6c004bbafe82"), action, "", netip.MustParseAddr("203.0.113.200"))
	e.Before, e.After = map[string]any{"tier": "basic"}, map[string]any{"tier": "free"}
	return e
}

func (f *fixture) creation(key *apikey.Key) apikey.Creation {
	e := f.entry(audit.KeyCreated)
	e.Target = key.ID.String()
	return apikey.Creation{Key: key, Activity: e}
}

func (f *fixture) create(edits ...func(*apikey.Key)) *apikey.Key {
	f.Helper()
	key := newKey()
	for _, edit := range edits {
		edit(key)
	}
	key.Restamp(nil)
	f.must(f.store.Create(f.Context(), f.creation(key)))
	return key
}

// change is the change of before that edit makes.
func (f *fixture) change(before *apikey.Key, edit func(*apikey.Key), exclusive bool) apikey.Change {
	after := before.Clone()
	edit(after)
	after.UpdatedAt = noon.Add(time.Second)
	after.Restamp(&before.Record)
	e := f.entry(audit.KeyUpdated)
	e.Target = before.ID.String()
	return apikey.Change{Before: before, After: after, Activity: e, Exclusive: exclusive}
}

func (f *fixture) key(id apikey.ID) *apikey.Key {
	f.Helper()
	key, err := f.store.Key(f.Context(), account, id)
	f.must(err)
	return key
}

func (f *fixture) entriesOf(activity string) int {
	f.Helper()
	entries, err := f.store.Activity(f.Context(), account, "", 1000)
	f.must(err)
	n := 0
	for _, e := range entries {
		if e.ID == activity {
			n++
		}
	}
	return n
}

func (f *fixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func spendOf(key *apikey.Key, at time.Time) apikey.Spend {
	return apikey.Spend{
		ID: key.ID, Digests: []apikey.Digest{key.Digest}, Environment: key.Environment,
		Organizations: []org.ID{account}, At: at, Address: netip.MustParseAddr("2001:db8:85a3::8a2e:370:7334"),
	}
}

// edits are the kinds of change, each of which goes its own way through the items.
var edits = map[string]struct {
	from      func(*apikey.Key) // what the key is before; nil: an ordinary one
	edit      func(*apikey.Key)
	exclusive bool
}{
	"revoke":             {edit: func(k *apikey.Key) { k.RevokedAt = noon }},
	"disable":            {edit: func(k *apikey.Key) { k.Disabled = true }},
	"tier":               {edit: func(k *apikey.Key) { k.Tier, k.Limits.PerMinute = "free", 10 }},
	"roles":              {edit: func(k *apikey.Key) { k.Roles, k.Permissions = []string{"admin"}, nil }},
	"addresses":          {edit: listing(3)},
	"regenerate":         {edit: regenerate},
	"another secret":     {edit: func(k *apikey.Key) { k.Digest = anyDigest() }},
	"earlier expiry":     {edit: func(k *apikey.Key) { k.ExpiresAt = noon.Add(time.Hour) }},
	"later expiry":       {edit: func(k *apikey.Key) { k.ExpiresAt = noon.Add(48 * time.Hour) }},
	"no expiry":          {edit: func(k *apikey.Key) { k.ExpiresAt = time.Time{} }},
	"rename":             {edit: func(k *apikey.Key) { k.Name = "renamed " + rand.Text() }},
	"rename and tier":    {edit: func(k *apikey.Key) { k.Name, k.Tier = "renamed "+rand.Text(), "free" }},
	"exclusive rename":   {edit: func(k *apikey.Key) { k.Name = "renamed " + rand.Text() }, exclusive: true},
	"exclusive disable":  {edit: func(k *apikey.Key) { k.Disabled = true }, exclusive: true},
	"exclusive revoke":   {edit: func(k *apikey.Key) { k.RevokedAt = noon }, exclusive: true},
	"earlier and rename": {edit: func(k *apikey.Key) { k.Name, k.ExpiresAt = "renamed "+rand.Text(), noon.Add(time.Hour) }},

	"bulky: grow":        {edit: bulky},
	"bulky: replace":     {from: bulky, edit: bulky},
	"bulky: shrink":      {from: bulky, edit: func(k *apikey.Key) { k.Permissions = k.Permissions[:3] }},
	"bulky: addresses":   {from: bulky, edit: listing(100)},
	"bulky: no rules":    {from: listing(200), edit: listing(0)},
	"bulky: rename":      {from: bulky, edit: func(k *apikey.Key) { k.Name = "renamed " + rand.Text() }},
	"bulky: disable":     {from: bulky, edit: func(k *apikey.Key) { k.Disabled = true }},
	"bulky: revoke":      {from: bulky, edit: func(k *apikey.Key) { k.RevokedAt = noon }},
	"bulky: all at once": {from: bulky, edit: func(k *apikey.Key) { bulky(k); listing(9)(k); regenerate(k) }, exclusive: true},
}

// bulky gives a key more permissions than its record carries. All of them begin alike, and no others do.
func bulky(k *apikey.Key) {
	service := rand.Text()[:10]
	k.Permissions = nil
	for n := range 50 {
		k.Permissions = append(k.Permissions, service+":use"+strconv.Itoa(n))
	}
}

// listing gives a key so many addresses that are allowed, and one of each kind that is denied.
func listing(allowed int) func(*apikey.Key) {
	return func(k *apikey.Key) {
		k.IPAllow, k.IPDeny = nil, nil
		for n := range allowed {
			address := netip.AddrFrom4([4]byte{203, 0, 113, byte(n)})
			k.IPAllow = append(k.IPAllow, apikey.IPEntry{Network: netip.PrefixFrom(address, 32), Enabled: true})
		}
		if allowed > 0 {
			k.IPDeny = []apikey.IPEntry{
				{Network: netip.MustParsePrefix("192.0.2.0/24"), Note: "not yet"},
				{Network: netip.MustParsePrefix("2001:db8::/32"), Enabled: true},
			}
		}
		k.Networks = apikey.NetworksOf(k.IPAllow, k.IPDeny)
	}
}

// regenerate gives a key another secret, as its owner asks for it.
func regenerate(k *apikey.Key) {
	k.Digest, k.Retiring, k.GraceUntil = anyDigest(), k.Digest, noon.Add(time.Hour)
	k.Mask = "vg_live_" + rand.Text()[:4] + "...wxyz"
}

func anyDigest() apikey.Digest { return apikey.Digest("k1." + rand.Text() + rand.Text()[:17]) }
