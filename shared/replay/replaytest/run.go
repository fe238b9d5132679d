package replaytest

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/replay"
)

// Run runs the suite. fresh makes an empty store.
func Run(t *testing.T, fresh func(t testing.TB) apikey.Store) {
	catalog, err := policy.LoadShipped()
	if err != nil {
		t.Fatal(err)
	}
	s := suite{catalog, fresh}
	t.Run("what restricts is applied again, and what widens is not", s.story)
	t.Run("whatever happened, no key admits more than just before the disaster", s.property)
}

type suite struct {
	catalog *policy.Catalog
	fresh   func(t testing.TB) apikey.Store
}

// property does the same to two worlds, then something to one of them; the other is restored. Its lines are replayed in any
// order, some of them twice. Tiers are followed before what is admitted is compared, as cleanup would.
func (s suite) property(t *testing.T) {
	one, other, number := s.fresh(t), s.fresh(t), 0
	rapid.Check(t, func(r *rapid.T) {
		number++
		went, restored := newWorld(t.Context(), r, one, number), newWorld(t.Context(), r, other, number)
		for _, change := range drawChanges(r, s.catalog, "before") {
			change(went)
			change(restored)
		}
		then := went.log.Len()
		for _, change := range drawChanges(r, s.catalog, "since") {
			change(went)
		}
		if rapid.Bool().Draw(r, "followed") {
			s.follow(went)
		}
		lines := went.lines(then)
		restored.replay(s.catalog, shuffled(r, lines))
		second := restored.replay(s.catalog, lines)
		for did := range second.Did {
			if did != replay.Nothing && did != replay.Missing && did != replay.Withdrawn {
				r.Fatalf("the second time it did %+v\nof %s", second.Lines, lines)
			}
		}
		s.follow(restored)
		s.follow(went)
		for _, id := range []int{firstKey, secondKey} {
			if more := beyond(restored.admits(s.catalog, id), went.admits(s.catalog, id)); more != "" {
				r.Fatalf("key %d admits %s\nit was  %+v\nand is %+v", id, more, went.key(id), restored.key(id))
			}
		}
	})
}

// shuffled are the lines in any order, one of them twice.
func shuffled(r *rapid.T, lines []json.RawMessage) []json.RawMessage {
	order := make([]int, len(lines))
	for i := range order {
		order[i] = i
	}
	if len(order) > 0 {
		order = append(order, rapid.IntRange(0, len(lines)-1).Draw(r, "twice"))
	}
	shuffled := make([]json.RawMessage, len(order))
	for i, line := range rapid.Permutation(order).Draw(r, "order") {
		shuffled[i] = lines[line]
	}
	return shuffled
}

func (s suite) follow(w *world) {
	follower := keys.Follower{Store: w.store, Organizations: w.store, Catalog: s.catalog, Now: func() time.Time { return noon }}
	if _, err := follower.Follow(w.ctx, w.org, 100); err != nil {
		w.Fatalf("%v", err)
	}
}

// story is a day between a restore's time and the disaster.
func (s suite) story(t *testing.T) {
	went, restored := newWorld(t.Context(), t, s.fresh(t), 0), newWorld(t.Context(), t, s.fresh(t), 0)
	then := went.log.Len()
	went.edit(firstKey, audit.KeyUpdated, func(k *apikey.Key) {
		k.Roles, k.Permissions, k.Limits.PerMinute, k.OwnLimit = nil, []string{"dns:read"}, 7, true
		k.ExpiresAt, k.IPAllow = noon.Add(time.Hour), entriesOf([]string{"192.0.2.0/24"})
		k.Scope.Customers = []string{"a"}
	})
	went.edit(firstKey, audit.KeyUpdated, func(k *apikey.Key) { k.Limits.PerMinute, k.Scope.Customers = 500, nil })
	went.edit(secondKey, audit.KeyRegenerated, func(k *apikey.Key) { renew(k) })
	went.create("30000000")
	went.setMember(func(m *org.Member) { m.Roles, m.Status = []string{"dns_manager"}, org.MemberDisabled })
	went.setRole(&org.Role{Name: ownRole, Permissions: []string{"dns:*"}})
	went.setAccount(func(o *org.Organization) { o.Tier, o.LockedKeys = "free", true })

	got := restored.replay(s.catalog, went.lines(then))
	var did []replay.Did
	for _, line := range got.Lines {
		did = append(did, line.Did)
	}
	want := []replay.Did{
		replay.Narrowed, replay.SecretLost, replay.Missing, replay.Disabled, replay.Narrowed, replay.Narrowed,
	}
	if diff := cmp.Diff(want, did); diff != "" || got.Did[replay.Nothing] != 1 {
		t.Errorf("did %v (-want +got)\n%s", got.Did, diff)
	}
	s.told(t, restored)
}

// told checks what the story has left.
func (s suite) told(t *testing.T, w *world) {
	first, second := w.key(firstKey), w.key(secondKey)
	if first.StatusAt(noon) != apikey.Active || first.Limits.PerMinute != 7 || !slices.Equal(first.Permissions, []string{"dns:read"}) ||
		len(first.Roles) > 0 || !first.ExpiresAt.Equal(noon.Add(time.Hour)) || !slices.Equal(first.Scope.Customers, []string{"a"}) || len(first.Networks.Allow) != 1 {
		t.Errorf("the narrowed key is %+v", first.Record)
	}
	if second.StatusAt(noon) != apikey.Inactive || second.Digest.Equal(digest(second.ID, 0)) || second.Digest.Pepper() != "k1" {
		t.Errorf("the regenerated key is %+v", second.Record)
	}
	bob, _ := w.roster().Member("bob")
	if bob.Status != org.MemberDisabled {
		t.Errorf("the disabled member is %+v", bob)
	}
	roles, err := w.store.Roles(w.ctx, w.org)
	w.must(err)
	if role, _ := roles.Role(ownRole); !slices.Equal(role.Permissions, []string{"dns:read"}) {
		t.Errorf("of the role's permissions, what it had then and has since is %v", role.Permissions)
	}
	if account := w.account(); account.Tier != "free" || !account.Following || !account.LockedKeys {
		t.Errorf("the account is %+v", account)
	}
}
