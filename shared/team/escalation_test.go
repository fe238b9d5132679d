package team_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
)

// Whatever members and keys do, in whatever order: nobody ever gains anything, a permission with its environment,
// service, customer and account, that whoever gave it did not have; and nobody is shown a secret that opens more than
// they have.
func TestNobodyEverGainsWhatNobodyAboveThemGave(t *testing.T) {
	f := newFixture(t)
	worlds := 0
	rapid.Check(t, func(t *rapid.T) {
		worlds++
		f.now = noon.Add(time.Duration(worlds) * (time.Minute + time.Millisecond)) // no two worlds make keys at one time
		w := newWorld(t, f, org.ID(fmt.Sprintf("org_world%d", worlds)))
		for range rapid.IntRange(10, 25).Draw(t, "steps") {
			w.step()
		}
	})
}

// world is an organization in which members and keys do what they like.
type world struct {
	*fixture
	t       *rapid.T
	id      org.ID
	stored  census
	granted map[string]reach // what every principal has been given, by somebody who had it
	made    int
}

// deed is what somebody does. It gives the key whose secret they were shown by it, if any.
type deed func(w *world, as actor) (shown *apikey.Key, err error)

// deeds, by how they are called.
var deeds = map[string]deed{
	"create": (*world).creates, "update": (*world).updates, "enable": (*world).enables, "disable": (*world).disables,
	"regenerate": (*world).regenerates, "revoke": (*world).revokes, "put member": (*world).putsMember,
	"remove member": (*world).removesMember, "put role": (*world).putsRole, "remove role": (*world).removesRole,
	"change account": (*world).changesAccount,
}

// actor is who does something.
type actor struct {
	grant.Caller
	record *apikey.Record // of a key; nil: a member
	has    reach
}

func newWorld(t *rapid.T, f *fixture, id org.ID) *world {
	f.found(id, "alice")
	w := &world{fixture: f, t: t, id: id, granted: map[string]reach{}}
	alice := callerOf(org.Member{Identity: person("alice"), Organization: id, Roles: []string{"admin"}})
	w.stored = w.read()
	w.seed(alice)
	return w
}

// seed has the Admin fill the organization with members and keys of every kind: among them strong ones that are stopped,
// which are worth something to whoever starts them again.
func (w *world) seed(alice grant.Caller) {
	for name, allowed := range map[string][]string{"own1": {"members:*", "keys:*", "dns:read"}, "own2": {"dns:*"}} {
		_, _, err := w.PutRole(w.Context(), alice, name, permissions(allowed...))
		w.needs(err)
	}
	w.seedMember(alice, "bob", "own1")
	w.seedMember(alice, "carol", "read_only_admin", "own2")
	w.seedMember(alice, "dave")
	w.seedMember(alice, "erin", "admin")
	for range 4 {
		w.joinsOne()
	}
	_, _, err := w.PutMember(w.Context(), alice, "erin", withStatus("disabled"))
	w.needs(err)
	w.seedMember(alice, "mail@example.com", "admin")
	w.seedKeys(alice)
	w.seedReplay(alice)
	if w.maybe("the invitation is over") {
		w.now = w.now.Add(org.InvitationTerm)
	}
	w.stored = w.read()
	w.granted = w.reaches(w.stored)
}

func (w *world) seedMember(alice grant.Caller, id string, roles ...string) {
	_, _, err := w.PutMember(w.Context(), alice, id, withRoles(roles...))
	w.needs(err)
	w.stored = w.read()
}

func (w *world) seedKeys(alice grant.Caller) {
	small := int64(50)
	manages := set([]string{"keys:*", "members:*", "dns:read"})
	for _, draft := range []keys.Draft{
		{Name: "strong"},
		{Name: "inheriting", Inherit: true, Owner: "carol"},
		{Name: "scoped", Permissions: manages, Scope: keys.ScopePatch{Customers: set(keys.Selection{IDs: []string{"c1"}})}},
		{Name: "staging", Permissions: manages, Environment: apikey.Staging},
		{
			Name: "bounded", Permissions: manages, RateLimit: &small, QuotaPerDay: &small, Expiry: keys.Expiry{Days: set(int64(30))},
			IPAllow: set([]keys.IPRule{{CIDR: "10.0.0.0/16"}}),
		},
	} {
		created, err := w.keys.Create(w.Context(), alice, draft, nil)
		w.needs(err)
		if draft.Name == "strong" {
			_, err = w.keys.SetActive(w.Context(), alice, created.Key.ID, false)
			w.needs(err)
		}
		w.now = w.now.Add(time.Second)
	}
}

// seedReplay has bob make a key that can be shown to him again, and that alice makes stronger than he is.
func (w *world) seedReplay(alice grant.Caller) {
	bob, _ := w.stored.roster.Member("bob")
	created, err := w.keys.Create(w.Context(), callerOf(bob), keys.Draft{Name: "replayed", Permissions: set([]string{"dns:read"})}, w.theOnce())
	w.needs(err)
	_, err = w.keys.Update(w.Context(), alice, created.Key.ID, keys.Patch{Permissions: set([]string{"*:*"})}, nil)
	w.needs(err)
}

func (w *world) needs(err error) {
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) read() census {
	roster, err := w.store.Roster(w.Context(), w.id)
	w.needs(err)
	roles, err := w.store.Roles(w.Context(), w.id)
	w.needs(err)
	page, _, err := w.store.Page(w.Context(), apikey.PageRequest{Organization: w.id, Order: apikey.NewestFirst, Limit: keys.MaxPage})
	w.needs(err)
	read := census{roster: roster, roles: roles, keys: map[apikey.ID]*apikey.Key{}}
	for _, key := range page {
		read.keys[key.ID] = key
	}
	return read
}

// step lets somebody do something, or time pass, or somebody join, and holds what has come of it against what was granted.
func (w *world) step() {
	w.now = w.now.Add(time.Second)
	switch kind := rapid.IntRange(0, 11).Draw(w.t, "kind"); kind {
	case 0:
		w.now = w.now.Add(rapid.SampledFrom([]time.Duration{24 * time.Hour, org.InvitationTerm}).Draw(w.t, "passing"))
		w.judge("time", reach{})
	case 1:
		w.joinsOne()
		w.judge("joining", reach{})
	default:
		as := w.somebody()
		name := rapid.SampledFrom(sortedNames(deeds)).Draw(w.t, "deed")
		before := w.stored
		shown, err := deeds[name](w, as)
		w.t.Logf("%s: %s: %v", as.Actor(), name, err)
		w.judge(fmt.Sprintf("%s by %s", name, as.Actor()), as.has)
		w.judgeSecret(as, shown)
		if name != "change account" { // whose tier may be more than that of the key that changes it
			w.judgeBounds(as, before)
		}
	}
}

// judge fails where somebody has gained what giver did not have; what they have is granted from then on.
func (w *world) judge(what string, giver reach) {
	w.stored = w.read()
	now := w.reaches(w.stored)
	for principal, has := range now {
		if beyond := has.beyond(w.granted[principal], giver); beyond != "" {
			w.t.Fatalf("%s: %s has gained %s, which the giver did not have", what, principal, beyond)
		}
	}
	w.granted = now
}

// judgeSecret fails where somebody was shown a secret that opens more than they have, now or once its key is enabled and
// its owner is back.
func (w *world) judgeSecret(as actor, shown *apikey.Key) {
	if shown == nil {
		return
	}
	key := w.stored.keys[shown.ID]
	if beyond := w.keyReach(w.stored, key, w.ownerAtMost).beyond(as.has); beyond != "" {
		w.t.Fatalf("%s was shown the secret of %s, which can do %s", as.Actor(), key.ID, beyond)
	}
	if as.record != nil {
		w.judgeBound(as, key)
	}
}

// judgeBounds fails where a key has made of another what it is not itself. To stop one is always fine.
func (w *world) judgeBounds(as actor, before census) {
	if as.record == nil {
		return
	}
	for id, key := range w.stored.keys {
		was := before.keys[id]
		changed := was == nil || was.Version() != key.Version()
		if changed && key.StatusAt(w.now) == apikey.Active {
			w.judgeBound(as, key)
		}
	}
}

func (w *world) judgeBound(as actor, key *apikey.Key) {
	own := as.record
	for what, exceeds := range map[string]bool{
		"environment": key.Environment != own.Environment,
		"inherit":     key.Inherits != "" && key.Inherits != own.Inherits,
		"rate_limit":  key.Limits.PerMinute > own.Limits.PerMinute,
		"quota":       own.Limits.PerDay != 0 && (key.Limits.PerDay == 0 || key.Limits.PerDay > own.Limits.PerDay),
		"expiry":      !own.ExpiresAt.IsZero() && (key.ExpiresAt.IsZero() || key.ExpiresAt.After(own.ExpiresAt)),
		"address":     w.admitsMore(key.Networks, own.Networks),
	} {
		if exceeds {
			w.t.Fatalf("the key %s has made of %s what exceeds it in its %s", own.ID, key.ID, what)
		}
	}
}

// admitsMore tries addresses inside and outside of every network that a draw may give.
func (w *world) admitsMore(networks, own apikey.Networks) bool {
	for _, address := range []string{"10.0.0.1", "10.0.1.1", "10.1.0.1", "11.0.0.1"} {
		at := netip.MustParseAddr(address)
		if networks.Admit(at) && !own.Admit(at) {
			return true
		}
	}
	return false
}

// joinsOne lets the first pending member in, as signing in does. Who was invited by e-mail has from then on what the
// invitation promised.
func (w *world) joinsOne() {
	for _, before := range w.stored.roster.Members {
		if before.Status != org.MemberPending || before.Subject == "" && !before.Open(w.now) {
			continue
		}
		after := before
		after.Status, after.JoinedAt = org.MemberActive, w.now
		if before.Subject == "" {
			after.Identity = person(before.Email[:4] + "-joined")
		}
		if _, taken := w.stored.roster.Member(after.ID()); taken && before.Subject == "" {
			continue
		}
		err := w.store.ChangeMember(w.Context(), org.MemberChange{
			Organization: w.id, Version: w.stored.roster.Version, Before: &before, After: &after,
			Activity: audit.NewEntry(w.now, audit.System, audit.MemberJoined, "member:x", netip.Addr{}),
		})
		w.needs(err)
		w.granted[after.Hash()] = w.granted[before.Hash()]
		w.stored = w.read()
		return
	}
}
