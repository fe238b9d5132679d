package keys_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// Whatever somebody who may write keys does, however often, and with whatever keys they get hold of on the way: no secret
// that they have seen ever opens more than they held at the beginning, and no key in the organization gets more than it
// had, unless they held that too.
func TestNobodyEverGainsAnything(t *testing.T) {
	f, n := newFixture(t), 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		f.alice = f.found(org.ID(fmt.Sprintf("org_%d", n)), 1000)
		f.now = f.now.Add(time.Millisecond)
		climb := newClimb(f, r)
		for range 10 {
			climb.step(r)
		}
	})
}

// climb is an attempt to gain something.
type climb struct {
	*fixture
	began  policy.Holding // of who climbs
	bounds *apikey.Record // of the key that climbs; nil: a member does
	who    []keys.Caller  // who climbs, and the keys that they have the secrets of
	known  map[apikey.ID]apikey.Secret
	n      int // names keys
}

// newClimb is one by a member or by a key, among keys that are weaker, stronger, disabled and inheriting.
func newClimb(f *fixture, r *rapid.T) *climb {
	c := &climb{fixture: f, known: map[apikey.ID]apikey.Secret{}}
	bob := f.keeper("bob")
	f.create(named("admin"))
	f.setActive(f.create(named("disabled admin")).Key.ID, false)
	f.create(keys.Draft{Name: "inheriting", Inherit: true, Environment: apikey.Staging})
	f.create(keys.Draft{Name: "weak", Roles: set([]string{"dns_manager"}), Scope: keys.ScopePatch{Services: only("dns"), Customers: only("c1")}})
	f.create(keys.Draft{Name: "weak in staging", Environment: apikey.Staging, Permissions: set([]string{"dns:read"}), IPAllow: from("10.1.0.0/16")})
	if rapid.Bool().Draw(r, "a member climbs") {
		c.who = []keys.Caller{bob}
	} else {
		robot := f.robot()
		c.bounds, c.who = &robot.Record, []keys.Caller{asKey(robot)}
	}
	principal, err := f.Desk.Principal(f.Context(), c.who[0])
	f.must(err)
	c.began = principal.Holding
	return c
}

// step does one random thing, as somebody random, to a random key, and looks what has come of it.
func (c *climb) step(r *rapid.T) {
	c.now = c.now.Add(time.Millisecond) // ids are of a time
	caller := rapid.SampledFrom(c.who).Draw(r, "caller")
	before := c.everything()
	target := rapid.SampledFrom(before).Draw(r, "target")
	switch rapid.IntRange(0, 6).Draw(r, "what") {
	case 0, 1:
		c.n++
		draft := draftOf(drawPatch(r, before))
		draft.Name = fmt.Sprint("made ", c.n)
		draft.Environment = rapid.SampledFrom([]apikey.Environment{"", apikey.Production, apikey.Staging}).Draw(r, "environment")
		draft.Owner = rapid.SampledFrom([]string{"", "", "alice", "bob"}).Draw(r, "owner")
		if created, err := c.Create(c.Context(), caller, draft, nil); err == nil {
			c.learn(created.Key, created.Secret)
		}
	case 2, 3:
		_, _ = c.Update(c.Context(), caller, target.ID, drawPatch(r, before), nil)
	case 4:
		_, _ = c.SetActive(c.Context(), caller, target.ID, rapid.Bool().Draw(r, "active"))
	case 5:
		how := keys.Regeneration{GraceSeconds: rapid.Int64Range(0, 1).Draw(r, "grace")}
		if made, err := c.Regenerate(c.Context(), caller, target.ID, how, nil); err == nil {
			c.learn(made.Key, made.Secret)
		}
	case 6:
		c.becomes("bob", func(m *org.Member) {
			m.Status = rapid.SampledFrom([]org.MemberStatus{"active", "disabled"}).Draw(r, "bob is")
		})
	}
	for _, key := range c.everything() {
		c.judge(r, before, key)
	}
}

// learn notes a secret that whoever climbs has seen: they may call with its key.
func (c *climb) learn(key *apikey.Key, secret apikey.Secret) {
	if _, known := c.known[key.ID]; !known {
		c.who = append(c.who, asKey(key))
	}
	c.known[key.ID] = secret
}

func (c *climb) everything() []*apikey.Key { return c.list(keys.Query{Statuses: apikey.Statuses}).Keys }

// judge fails where a key is beyond who climbs that they know the secret of, or that got more than it had.
func (c *climb) judge(r *rapid.T, before []*apikey.Key, key *apikey.Key) {
	_, known := c.known[key.ID]
	then := slices.IndexFunc(before, func(k *apikey.Key) bool { return k.ID == key.ID })
	if !known && then >= 0 && c.isNoMore(before[then], key) {
		return
	}
	if lack, covered := c.began.Covers(c.holding(key)); !covered {
		r.Fatalf("%s gained the %s %q: %+v", key.Name, lack.Kind, lack.ID, key.Record)
	}
	if c.bounds != nil && c.exceeds(key) {
		r.Fatalf("%s is beyond its maker: %+v, of %+v", key.Name, key.Record, c.bounds)
	}
}

// holding is what the key has where its owner is active.
func (c *climb) holding(key *apikey.Key) policy.Holding {
	standing, err := c.store.Standing(c.Context(), key.Organization, key.Inherits)
	c.must(err)
	if standing.Owner != nil {
		standing.Owner.Status = org.MemberActive
	}
	return c.Catalog.HoldingOf(&key.Record, standing)
}

// isNoMore reports whether a key has nothing that it did not have.
func (c *climb) isNoMore(then, now *apikey.Key) bool {
	_, less := c.holding(then).Covers(c.holding(now))
	return less && now.Inherits == then.Inherits && (now.Disabled || !then.Disabled) && !isBeyond(&now.Record, &then.Record)
}

func (c *climb) exceeds(key *apikey.Key) bool {
	return key.Inherits != "" || key.Environment != c.bounds.Environment || key.Owner != c.bounds.Owner || isBeyond(&key.Record, c.bounds)
}

// isBeyond reports whether a record is used more, longer or from elsewhere than another.
func isBeyond(one, other *apikey.Record) bool {
	more := func(quota, than int64) bool { return than != 0 && (quota == 0 || quota > than) }
	return one.Limits.PerMinute > other.Limits.PerMinute || more(one.Limits.PerDay, other.Limits.PerDay) || more(one.Limits.PerMonth, other.Limits.PerMonth) ||
		!other.ExpiresAt.IsZero() && (one.ExpiresAt.IsZero() || one.ExpiresAt.After(other.ExpiresAt)) || !one.Networks.Within(other.Networks)
}

// drawPatch is a random change of some fields.
func drawPatch(r *rapid.T, present []*apikey.Key) keys.Patch {
	return keys.Patch{
		Active: maybe(r, "active", true, false), Inherit: maybe(r, "inherit", true, false),
		Roles:         maybe(r, "roles", nil, []string{"admin"}, []string{"dns_manager"}, []string{"keeper"}, []string{"keeper", "dns_manager"}),
		Permissions:   maybe(r, "permissions", nil, []string{"*:*"}, []string{"dns:read"}, []string{"dns:*", "keys:write"}, []string{"*:read"}),
		RateLimit:     maybe(r, "limit", int64(1), int64(50), int64(100), int64(1000)),
		QuotaPerDay:   maybe(r, "quota a day", int64(1), int64(10), int64(11)),
		QuotaPerMonth: maybe(r, "quota a month", int64(1), int64(100), int64(101)),
		Expiry:        keys.Expiry{At: maybe(r, "expiry", "2026-03-11T12:00:00Z", "2026-04-09T12:00:30Z", "2027-01-01T00:00:00Z")},
		IPAllow:       maybe(r, "allow", from("10.0.0.0/8").Value, from("10.1.0.0/16").Value, from("0.0.0.0/0").Value, nil),
		IPDeny:        maybe(r, "deny", from("10.1.0.0/16").Value, nil),
		Successor:     maybe(r, "successor", rapid.SampledFrom(present).Draw(r, "key").ID.String()),
		Scope: keys.ScopePatch{
			Services:  maybe(r, "services", keys.Selection{All: true}, only("dns").Value, only("keyward", "dns").Value, only("cdn").Value),
			Customers: maybe(r, "customers", keys.Selection{All: true}, only("c1").Value, only("c2", "c3").Value),
			Accounts:  maybe(r, "accounts", keys.Selection{All: true}, only("a1").Value),
		},
	}
}

// maybe is a field that is mostly left out, sometimes null, or one of the values.
func maybe[T any](r *rapid.T, name string, values ...T) keys.Optional[T] {
	switch chance := rapid.IntRange(0, 19).Draw(r, name+": how"); {
	case chance < 14:
		return keys.Optional[T]{}
	case chance == 14:
		return null[T]()
	default:
		return set(rapid.SampledFrom(values).Draw(r, name))
	}
}
