package storetest

import (
	"crypto/rand"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

// noon is when every test begins: within a minute, a day and a month that have room on both sides.
var noon = time.Date(2026, 3, 10, 12, 0, 30, 0, time.UTC)

// tier is the tier of every organization.
const tier = "free"

// roomy is a key limit that no test reaches by accident.
const roomy = 1_000_000

// fixture is a database with one organization, and one open instance.
type fixture struct {
	*testing.T
	Store
	database Database
	org      org.ID
	now      time.Time // of the instances' clocks
}

func newFixture(t *testing.T, database Database) *fixture {
	f := &fixture{T: t, database: database, now: noon}
	f.Store = f.open()
	f.org = f.found(roomy)
	return f
}

// open opens another instance over the same data.
func (f *fixture) open() Store {
	return f.database.Open(f.T, func() time.Time { return f.now })
}

// found makes an organization that may hold limit live keys.
func (f *fixture) found(limit int64) org.ID {
	f.Helper()
	o, first := organization(limit)
	f.must(f.Found(f.Context(), o, first, entry(noon, audit.OrganizationCreated, string(o.ID))))
	return o.ID
}

// organization is a new one, with its first member.
func organization(limit int64) (org.Organization, org.Member) {
	person := org.Identity{Issuer: "https://id.example", Subject: rand.Text()}
	o := org.Organization{
		ID: person.PersonalOrganization(), Name: "Acme", Tier: tier, MaxTier: "pro", KeyLimit: limit,
		CreatedAt: noon, CursorKey: []byte("32 bytes that seal some cursors."),
	}
	first := org.Member{
		Identity: person, Organization: o.ID, Email: "a@example.com", Roles: []string{"admin"},
		Status: org.MemberActive, JoinedAt: noon,
	}
	return o, first
}

func entry(at time.Time, action audit.Action, target string) audit.Entry {
	return audit.NewEntry(at, audit.MemberActor("ann"), action, target, netip.MustParseAddr("192.0.2.1"))
}

// counters are how many keys of the organization hold a place, and how many are not revoked.
func (f *fixture) counters() [2]int64 {
	f.Helper()
	o, err := f.Organization(f.Context(), f.org)
	f.must(err)
	return [2]int64{o.LiveKeys, o.Keys}
}

func (f *fixture) wantCounters(live, keys int64) {
	f.Helper()
	if got, want := f.counters(), [2]int64{live, keys}; got != want {
		f.Errorf("live keys and keys = %v, want %v", got, want)
	}
}

// wantActivity checks how many entries of that action there are about a key.
func (f *fixture) wantActivity(action audit.Action, id apikey.ID, want int) {
	f.Helper()
	got := 0
	for _, entry := range f.database.Activity(f.T, f.org) {
		if entry.Action == action && entry.Target == id.String() {
			got++
		}
	}
	if got != want {
		f.Errorf("%d entries of %s about %s, want %d", got, action, id, want)
	}
}

func (f *fixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f *fixture) wantError(err, want error) {
	f.Helper()
	if !is(err, want) {
		f.Errorf("error = %v, want %v", err, want)
	}
}

func (f *fixture) wantSame(got, want any) {
	f.Helper()
	if diff := cmp.Diff(want, got, same); diff != "" {
		f.Errorf("(-want +got)\n%s", diff)
	}
}

// same compares what is stored: an empty list is no list, and counters have no order.
var same = cmp.Options{
	cmpopts.EquateEmpty(),
	cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}, apikey.Digest("")),
	cmpopts.SortSlices(func(a, b ratelimit.Count) bool { return a.Window.Name() < b.Window.Name() }),
}

// race runs n goroutines that start together, and waits for them.
func race(n int, run func(i int)) {
	var ready, done sync.WaitGroup
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			run(i)
		})
	}
	done.Wait()
}

// crowd is how many goroutines read or spend while something changes.
const crowd = 32

// during runs change while n goroutines repeat run. Each has run before change begins, and runs once more after it has
// returned: that time it is told so.
func during(n int, change func(), run func(i int, changed bool)) {
	var ready, done sync.WaitGroup
	var changed atomic.Bool
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			run(i, false)
			ready.Done()
			for last := false; !last; {
				last = changed.Load()
				run(i, last)
			}
		})
	}
	defer done.Wait()
	defer changed.Store(true)
	ready.Wait()
	change()
}

// tally counts outcomes of racing calls.
type tally struct {
	succeeded atomic.Int64
	failed    atomic.Int64
}

// note counts an error that is want as a failure, and reports any other.
func (c *tally) note(f *fixture, err, want error) {
	switch {
	case err == nil:
		c.succeeded.Add(1)
	case is(err, want):
		c.failed.Add(1)
	default:
		f.Errorf("unexpected error: %v", err)
	}
}

func (c *tally) want(f *fixture, succeeded, failed int64) {
	f.Helper()
	if got, want := fmt.Sprint(c.succeeded.Load(), c.failed.Load()), fmt.Sprint(succeeded, failed); got != want {
		f.Errorf("succeeded and failed: %s, want %s", got, want)
	}
}
