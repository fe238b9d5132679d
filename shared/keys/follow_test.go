package keys_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
)

func (f *fixture) follower() keys.Follower {
	return keys.Follower{Store: f.store, Walker: f.store, Organizations: f.store, Catalog: f.Catalog, Now: f.store.Now}
}

// moveTier changes the account's tier, as PATCH /v1/account does.
func (f *fixture) moveTier(tier string) {
	f.Helper()
	f.settings(func(o *org.Organization) { o.Tier, o.Following, o.FollowedTo = tier, true, "" })
}

func (f *fixture) wantFollow(follower keys.Follower, limit int, want bool) {
	f.Helper()
	done, err := follower.Follow(f.Context(), f.alice.Organization, limit)
	if err != nil || done != want {
		f.Errorf("Follow = %t, %v; want %t", done, err, want)
	}
	organization, err := f.store.Organization(f.Context(), f.alice.Organization)
	f.must(err)
	if organization.Following == want {
		f.Errorf("the organization is %+v", organization)
	}
}

// tiers counts keys by tier and limit.
func (f *fixture) tiers() string {
	f.Helper()
	counts := map[string]int{}
	for _, key := range f.list(keys.Query{Statuses: apikey.Statuses}).Keys {
		counts[fmt.Sprintf("%s %d", key.Tier, key.Limits.PerMinute)]++
	}
	return fmt.Sprint(counts)
}

// What follows the account's tier gets its number, and what has a number or a tier of its own keeps it.
func TestKeysFollowTheirAccountsTier(t *testing.T) {
	f := newFixture(t)
	follows := f.create(named("follows")).Key
	own := f.create(keys.Draft{Name: "own limit", RateLimit: new(int64(7))}).Key
	apart := f.create(keys.Draft{Name: "own tier", Tier: "free"}).Key
	disabled, revoked := f.create(named("disabled")).Key, f.create(named("revoked")).Key
	expired := f.create(keys.Draft{Name: "expired", Expiry: keys.Expiry{Days: set(int64(1))}}).Key
	locked := f.create(keys.Draft{Name: "locked", Locked: true}).Key
	f.setActive(disabled.ID, false)
	f.revoke(revoked.ID)
	f.now = noon.Add(24 * time.Hour)
	f.wantFollow(f.follower(), 1000, true)
	f.moveTier("pro")
	store := &told{recording: recording{Keys: f.store}}
	follower := f.follower()
	follower.Store = store
	f.wantFollow(follower, 1000, true)
	for id, want := range map[apikey.ID]string{
		follows.ID: "pro 1000", own.ID: "pro 7", apart.ID: "free 10", disabled.ID: "pro 1000", revoked.ID: "basic 100", expired.ID: "basic 100", locked.ID: "pro 1000",
	} {
		if key := f.get(id); fmt.Sprint(key.Tier, " ", key.Limits.PerMinute) != want {
			t.Errorf("%s has %s %d, want %s", key.Name, key.Tier, key.Limits.PerMinute, want)
		}
	}
	for _, entry := range store.entries {
		if entry.Actor != audit.System || entry.Action != audit.KeyUpdated || entry.Before["tier"] != "basic" || entry.After["tier"] != "pro" {
			t.Errorf("the entry is %+v", entry)
		}
	}
	if len(store.entries) != 4 {
		t.Errorf("%d entries, want one for each key that changed", len(store.entries))
	}
}

// told is a recording that many write to at once.
type told struct {
	recording
	mu sync.Mutex
}

func (r *told) Change(ctx context.Context, change apikey.Change) (*apikey.Key, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.recording.Change(ctx, change)
}

// Following is done in parts, each of which goes on where the one before stopped.
func TestFollowingGoesOnWhereItStopped(t *testing.T) {
	f := newFixture(t)
	f.createMany(25, nil)
	f.moveTier("pro")
	f.wantFollow(f.follower(), 10, false)
	if got := f.tiers(); got != "map[basic 100:15 pro 1000:10]" {
		t.Errorf("the tiers are %s", got)
	}
	f.create(named("made meanwhile"))
	f.wantFollow(f.follower(), 10, false)
	f.wantFollow(f.follower(), 10, true)
	if got := f.tiers(); got != "map[pro 1000:26]" {
		t.Errorf("the tiers are %s", got)
	}
}

// A tier that changes again while keys are being rewritten begins anew: in the end all have the last one.
func TestFollowingBeginsAnewWhereTheTierChangesAgain(t *testing.T) {
	f := newFixture(t)
	f.createMany(25, nil)
	f.moveTier("pro")
	f.wantFollow(f.follower(), 20, false)
	follower := f.follower()
	var once sync.Once
	follower.Store = &disturbed{f.store, func() { once.Do(func() { f.moveTier("free") }) }}
	f.wantFollow(follower, 1000, true)
	if got := f.tiers(); got != "map[free 10:25]" {
		t.Errorf("the tiers are %s", got)
	}
}

// disturbed is a store in which something happens before a change.
type disturbed struct {
	apikey.Keys
	happens func()
}

func (d *disturbed) Change(ctx context.Context, change apikey.Change) (*apikey.Key, error) {
	d.happens()
	return d.Keys.Change(ctx, change)
}

// A key that somebody changes meanwhile gets both changes.
func TestFollowingLosesNoOtherChange(t *testing.T) {
	f := newFixture(t)
	id := f.create(named("k")).Key.ID
	f.moveTier("pro")
	follower := f.follower()
	var once sync.Once
	follower.Store = &disturbed{f.store, func() { once.Do(func() { f.update(id, keys.Patch{QuotaPerDay: set(int64(9))}) }) }}
	f.wantFollow(follower, 1000, true)
	if key := f.get(id); key.Limits.PerDay != 9 || key.Limits.PerMinute != 1000 {
		t.Errorf("the limits are %+v", key.Limits)
	}
}

// refusing is a store that can't change some keys.
type refusing struct {
	apikey.Keys
	broken apikey.ID
	err    error
}

func (r refusing) Change(ctx context.Context, change apikey.Change) (*apikey.Key, error) {
	if change.Before.ID == r.broken {
		return nil, r.err
	}
	return r.Keys.Change(ctx, change)
}

// A key that can't be rewritten is told, stops no other of its step, and is tried again.
func TestFollowingIsNotDoneWhileAKeyFails(t *testing.T) {
	f := newFixture(t)
	all := f.createMany(20, nil)
	f.moveTier("pro")
	broken := errors.New("throttled")
	follower := f.follower()
	follower.Store = refusing{f.store, all[3].ID, broken}
	if done, err := follower.Follow(t.Context(), f.alice.Organization, 1000); done || !errors.Is(err, broken) {
		t.Errorf("Follow = %t, %v", done, err)
	}
	if got := f.tiers(); got != "map[basic 100:1 pro 1000:19]" {
		t.Errorf("the tiers are %s", got)
	}
	f.wantFollow(f.follower(), 1000, true)
}

func TestFollowingWithoutTimeDoesNothing(t *testing.T) {
	f := newFixture(t)
	f.create(named("k"))
	f.moveTier("pro")
	short, stop := context.WithTimeout(t.Context(), time.Second)
	defer stop()
	if done, err := f.follower().Follow(short, f.alice.Organization, 1000); done || err != nil {
		t.Errorf("Follow = %t, %v", done, err)
	}
	if got := f.tiers(); got != "map[basic 100:1]" {
		t.Errorf("the tiers are %s", got)
	}
}

// The schedule finishes what a PATCH could not, of every organization.
func TestCleanupGoesOnWithFollowing(t *testing.T) {
	f := newFixture(t)
	acme := f.alice
	for _, id := range []org.ID{"org_acme", "org_other", "org_third"} {
		if id == "org_third" {
			f.found(id, 10)
		}
		f.alice.Organization = id
		f.create(named("k"))
		if id != "org_other" {
			f.moveTier("pro")
		}
	}
	f.alice = acme
	c, _ := f.cleanup()
	follower := f.follower()
	c.Follower = &follower
	f.wantCleaned(c, keys.Cleaned{Followed: 2, Finished: true})
	f.wantCleaned(c, keys.Cleaned{Finished: true})
	if got := f.tiers(); got != "map[pro 1000:1]" {
		t.Errorf("the tiers are %s", got)
	}
}

// One organization whose keys can't be rewritten stops neither another's nor the rest of the cleanup.
func TestOneFailingFollowStopsNothingElse(t *testing.T) {
	f := newFixture(t)
	stuck := f.create(named("stuck")).Key
	f.moveTier("pro")
	f.alice = f.stranger
	f.expiring(1)
	f.moveTier("pro")
	f.now = noon.Add(24 * time.Hour)
	c, _ := f.cleanup()
	follower := f.follower()
	broken := errors.New("throttled")
	follower.Store = refusing{f.store, stuck.ID, broken}
	c.Follower = &follower
	cleaned, err := c.Run(t.Context())
	if want := (keys.Cleaned{Followed: 1, Settled: 1, Expired: 1}); cleaned != want || !errors.Is(err, broken) {
		t.Errorf("Run = %+v, %v; want %+v", cleaned, err, want)
	}
}

// A catalog with other numbers is applied to every key that has a tier and no limit of its own, of whatever organization, in
// steps that may stop and start anywhere.
func TestANewCatalogIsAppliedToExistingKeys(t *testing.T) {
	f := newFixture(t)
	f.createMany(5, nil)
	f.create(keys.Draft{Name: "own limit", RateLimit: new(int64(7))})
	f.create(keys.Draft{Name: "own tier", Tier: "free"})
	f.revoke(f.create(named("revoked")).Key.ID)
	theirs, err := f.Create(t.Context(), f.stranger, named("theirs"), nil)
	f.must(err)
	catalog := *f.Catalog
	catalog.Tiers = slices.Clone(catalog.Tiers)
	catalog.Tiers[1].RequestsPerMinute = 150
	catalog.Tiers = slices.Delete(catalog.Tiers, 0, 1) // there is no free tier any more
	follower := f.follower()
	follower.Catalog = &catalog
	var total keys.Retiered
	for range 100 {
		step, err := follower.Retier(t.Context(), total.Next, 2)
		f.must(err)
		if step.Examined > 2 {
			t.Errorf("a step examined %d", step.Examined)
		}
		total = keys.Retiered{Examined: total.Examined + step.Examined, Changed: total.Changed + step.Changed, Next: step.Next}
		if total.Next == "" {
			break
		}
	}
	if want := (keys.Retiered{Examined: 9, Changed: 6}); total != want {
		t.Errorf("Retier = %+v, want %+v", total, want)
	}
	if got := f.tiers(); got != "map[basic 100:1 basic 150:5 basic 7:1 free 10:1]" {
		t.Errorf("the tiers are %s", got)
	}
	if key, err := f.store.Key(t.Context(), "org_other", theirs.Key.ID); err != nil || key.Limits.PerMinute != 150 {
		t.Errorf("another organization's key: %+v, %v", key, err)
	}
	if again, err := follower.Retier(t.Context(), "", 1000); err != nil || again != (keys.Retiered{Examined: 9}) {
		t.Errorf("again: %+v, %v", again, err)
	}
}

// listed is a store whose walk lists a key that is gone.
type listed struct{ apikey.Walker }

func (listed) Walk(context.Context, string, int) ([]apikey.DueKey, string, error) {
	return []apikey.DueKey{{Organization: "org_acme", ID: apikey.NewID(noon)}}, "", nil
}

func TestAKeyThatIsDeletedMeanwhileHoldsNothingUp(t *testing.T) {
	f := newFixture(t)
	follower := f.follower()
	follower.Walker = listed{}
	if got, err := follower.Retier(t.Context(), "", 10); err != nil || got != (keys.Retiered{Examined: 1}) {
		t.Errorf("Retier = %+v, %v", got, err)
	}
	key := f.create(named("k")).Key
	f.moveTier("pro")
	var once sync.Once
	follower.Store = &disturbed{f.store, func() {
		once.Do(func() {
			f.revoke(key.ID)
			_, err := f.store.Delete(t.Context(), apikey.DueKey{Organization: key.Organization, ID: key.ID}, noon.Add(time.Hour))
			f.must(err)
		})
	}}
	f.wantFollow(follower, 10, true)
}
