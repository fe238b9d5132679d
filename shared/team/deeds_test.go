package team_test

import (
	"fmt"
	"maps"
	"slices"

	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/team"
)

func sortedNames[T any](all map[string]T) []string { return slices.Sorted(maps.Keys(all)) }

// somebody is a member or a key that can act at all.
func (w *world) somebody() actor {
	var actors []actor
	all := w.granted
	for _, member := range w.stored.roster.Members {
		if member.Status == org.MemberActive {
			actors = append(actors, actor{Caller: callerOf(member), has: all[member.Hash()]})
		}
	}
	for _, id := range w.keyIDs() {
		if key := w.stored.keys[id]; key.StatusAt(w.now) == apikey.Active {
			actors = append(actors, actor{Caller: asKey(key), record: &key.Record, has: w.keyReach(w.stored, key, w.activeOwner)})
		}
	}
	return actors[rapid.IntRange(0, len(actors)-1).Draw(w.t, "actor")]
}

// activeOwner is the owner where they are active: one who is pending lends a key nothing yet.
func (w *world) activeOwner(c census, hash string) *org.Member {
	if owner := w.ownerNow(c, hash); owner != nil {
		at := slices.IndexFunc(c.roster.Members, func(m org.Member) bool { return m.Hash() == hash })
		if c.roster.Members[at].Status == org.MemberActive {
			return owner
		}
	}
	return nil
}

func (w *world) keyIDs() []apikey.ID {
	return slices.SortedFunc(maps.Keys(w.stored.keys), func(a, b apikey.ID) int { return slices.Compare([]byte(a), []byte(b)) })
}

// aKey is some key, or one that never was.
func (w *world) aKey() apikey.ID {
	return rapid.SampledFrom(append(w.keyIDs(), "00000000")).Draw(w.t, "key")
}

func (w *world) maybe(what string) bool { return rapid.Bool().Draw(w.t, what) }

func (w *world) some(what string, from ...string) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(from), 0, 2, rapid.ID[string]).Draw(w.t, what)
}

func (w *world) someList(what string, from ...string) keys.Optional[[]string] {
	if !w.maybe("says " + what) {
		return keys.Optional[[]string]{}
	}
	return set(w.some(what, from...))
}

func (w *world) somePermissions() keys.Optional[[]string] {
	return w.someList("permissions", "dns:read", "dns:write", "dns:*", "billing:read", "members:write", "keys:*", "*:read", "*:*")
}

func (w *world) someRoles() keys.Optional[[]string] {
	return w.someList("roles", "dns_manager", "read_only_admin", "admin", "own1", "own2", "own3")
}

func (w *world) aSelection(what string, from ...string) keys.Optional[keys.Selection] {
	ids := w.someList(what, from...)
	return keys.Optional[keys.Selection]{Set: ids.Set, Value: keys.Selection{All: len(ids.Value) == 0, IDs: ids.Value}}
}

func (w *world) aScope() keys.ScopePatch {
	return keys.ScopePatch{
		Services:  w.aSelection("services", "dns", "billing"),
		Customers: w.aSelection("customers", "c1", "c2"),
		Accounts:  w.aSelection("accounts", "a1"),
	}
}

func (w *world) someNetworks(what string) keys.Optional[[]keys.IPRule] {
	asked := w.someList(what, "10.0.0.0/24", "10.0.0.0/16", "11.0.0.0/8")
	rules := keys.Optional[[]keys.IPRule]{Set: asked.Set}
	for _, network := range asked.Value {
		rules.Value = append(rules.Value, keys.IPRule{CIDR: network})
	}
	return rules
}

func (w *world) anExpiry() keys.Expiry {
	return rapid.SampledFrom([]keys.Expiry{{}, {}, {Days: set(int64(1))}, {Days: set(int64(30))}, {At: null[string]()}}).Draw(w.t, "expiry")
}

func (w *world) aNumber(what string) *int64 {
	return rapid.SampledFrom([]*int64{nil, nil, new(int64(5)), new(int64(50)), new(int64(500))}).Draw(w.t, what)
}

func optional(number *int64) keys.Optional[int64] {
	if number == nil {
		return keys.Optional[int64]{}
	}
	return set(*number)
}

func (w *world) creates(as actor) (*apikey.Key, error) {
	w.made++
	draft := keys.Draft{
		Name:        fmt.Sprintf("key %d", w.made),
		Environment: rapid.SampledFrom([]apikey.Environment{"", apikey.Production, apikey.Staging}).Draw(w.t, "environment"),
		Owner:       rapid.SampledFrom([]string{"", "", "alice", "bob", "carol", "dave"}).Draw(w.t, "owner"),
		RateLimit:   w.aNumber("rate limit"),
		QuotaPerDay: w.aNumber("quota"),
		Expiry:      w.anExpiry(),
		Inherit:     rapid.IntRange(0, 3).Draw(w.t, "inherit") == 0,
		Scope:       w.aScope(),
		IPAllow:     w.someNetworks("allow"),
		IPDeny:      w.someNetworks("deny"),
	}
	if !draft.Inherit {
		draft.Roles, draft.Permissions = w.someRoles(), w.somePermissions()
	}
	created, err := w.keys.Create(w.Context(), as.Caller, draft, w.anOnce())
	return created.Key, err
}

// anOnce is the one Idempotency-Key of this world, now and then: what somebody has made under it is shown to them again.
func (w *world) anOnce() *keys.Once {
	if rapid.IntRange(0, 2).Draw(w.t, "once") > 0 {
		return nil
	}
	return w.theOnce()
}

func (w *world) theOnce() *keys.Once {
	return &keys.Once{Key: fmt.Sprintf("the same once %s", w.id), Body: []byte("the same body")}
}

func (w *world) updates(as actor) (*apikey.Key, error) {
	patch := keys.Patch{
		Roles: w.someRoles(), Permissions: w.somePermissions(), Scope: w.aScope(), Expiry: w.anExpiry(),
		IPAllow: w.someNetworks("allow"), IPDeny: w.someNetworks("deny"),
		RateLimit: optional(w.aNumber("rate limit")), QuotaPerDay: optional(w.aNumber("quota")),
	}
	switch rapid.IntRange(0, 5).Draw(w.t, "inherit") {
	case 0:
		patch = keys.Patch{Inherit: set(true)}
	case 1:
		patch.Inherit = set(false)
	}
	if w.maybe("says active") {
		patch.Active = set(w.maybe("active"))
	}
	_, err := w.keys.Update(w.Context(), as.Caller, w.aKey(), patch, nil)
	return nil, err
}

func (w *world) enables(as actor) (*apikey.Key, error) {
	_, err := w.keys.SetActive(w.Context(), as.Caller, w.aKey(), true)
	return nil, err
}

func (w *world) disables(as actor) (*apikey.Key, error) {
	_, err := w.keys.SetActive(w.Context(), as.Caller, w.aKey(), false)
	return nil, err
}

func (w *world) regenerates(as actor) (*apikey.Key, error) {
	made, err := w.keys.Regenerate(w.Context(), as.Caller, w.aKey(), keys.Regeneration{}, nil)
	return made.Key, err
}

func (w *world) revokes(as actor) (*apikey.Key, error) {
	_, err := w.keys.Revoke(w.Context(), as.Caller, w.aKey(), nil)
	return nil, err
}

func (w *world) aMember() string {
	return rapid.SampledFrom([]string{"alice", "bob", "carol", "dave", "erin", "mail@example.com"}).Draw(w.t, "member")
}

func (w *world) putsMember(as actor) (*apikey.Key, error) {
	patch := team.MemberPatch{Roles: w.someRoles()}
	if w.maybe("says status") {
		patch.Status = set(rapid.SampledFrom([]string{"active", "disabled", "pending"}).Draw(w.t, "status"))
	}
	_, _, err := w.PutMember(w.Context(), as.Caller, w.aMember(), patch)
	return nil, err
}

func (w *world) removesMember(as actor) (*apikey.Key, error) {
	_, err := w.RemoveMember(w.Context(), as.Caller, w.aMember())
	return nil, err
}

func (w *world) aRole() string {
	return rapid.SampledFrom([]string{"own1", "own2", "own3"}).Draw(w.t, "role")
}

func (w *world) putsRole(as actor) (*apikey.Key, error) {
	patch := permissions("dns:read")
	if asked := w.somePermissions(); len(asked.Value) > 0 {
		patch = permissions(asked.Value...)
	}
	_, _, err := w.PutRole(w.Context(), as.Caller, w.aRole(), patch)
	return nil, err
}

func (w *world) removesRole(as actor) (*apikey.Key, error) {
	_, err := w.RemoveRole(w.Context(), as.Caller, w.aRole())
	return nil, err
}

func (w *world) changesAccount(as actor) (*apikey.Key, error) {
	patch := team.AccountPatch{Tier: set(rapid.SampledFrom([]string{"free", "basic", "pro"}).Draw(w.t, "tier"))}
	_, _, err := w.PatchAccount(w.Context(), as.Caller, patch)
	return nil, err
}
