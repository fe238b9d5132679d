package authorize_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
)

// hammer authorizes in several processes over one store while restrict is under way, and reports allows of requests that
// began after restrict had returned.
func (f *fixture) hammer(secret apikey.Secret, want apikey.Reason, restrict func()) {
	f.Helper()
	var over atomic.Bool
	var all sync.WaitGroup
	started := make(chan struct{}, 4)
	for range cap(started) {
		process := &fixture{T: f.T, folder: f.folder, now: noon}
		process.serve(f.sqlite)
		all.Go(func() {
			for n := 0; ; n++ {
				late := over.Load()
				decision, err := process.Authorize(f.Context(), needing(secret, "dns:read"))
				switch {
				case err != nil:
					f.Errorf("error = %v", err)
				case late && decision.Reason != want:
					f.Errorf("a request that began after the change is %s, want %s", decision.Reason, want)
				case !decision.Allowed() && decision.Reason != want:
					f.Errorf("decision = %s, want allowed or %s", decision.Reason, want)
				}
				if n == 0 {
					started <- struct{}{}
				}
				if late {
					return
				}
			}
		})
	}
	for range cap(started) {
		<-started
	}
	restrict()
	over.Store(true)
	all.Wait()
}

func unlimited(k *apikey.Key) { k.Limits.PerMinute = 1_000_000_000 }

// A request that begins after an owner was disabled is refused, in every process, whatever it has allowed a moment before.
func TestADisabledOwnerStopsInheritingKeysAtOnce(t *testing.T) {
	f := newFixture(t)
	alice := org.Member{
		Identity: org.Identity{Issuer: "https://id.example", Subject: "alice"}, Organization: "org_acme",
		Roles: []string{"admin"}, Status: org.MemberActive, JoinedAt: noon,
	}
	f.changeMember(nil, &alice)
	_, secret := f.create(unlimited, func(k *apikey.Key) { inheriting(alice)(&k.Record) })
	disabled := alice
	disabled.Status = org.MemberDisabled
	f.hammer(secret, apikey.OwnerInactive, func() { f.changeMember(&alice, &disabled) })
}

// A request that begins after a key's IP rules were narrowed is refused, in every process that knows the wider ones.
func TestNarrowedRulesStopAKeyAtOnce(t *testing.T) {
	f := newFixture(t)
	key, secret := f.create(unlimited, func(k *apikey.Key) { restrict(k, "203.0.113.0/24") })
	f.hammer(secret, apikey.IPDenied, func() { f.change(key, func(k *apikey.Key) { restrict(k, "198.51.100.0/24") }) })
}

// restrict lets a key be used from one network alone.
func restrict(k *apikey.Key, network string) {
	before := k.Record.Clone()
	k.IPAllow = []apikey.IPEntry{{Network: prefixes([]string{network})[0], Enabled: true}}
	k.Networks = apikey.NetworksOf(k.IPAllow, k.IPDeny)
	k.Restamp(before)
}

func (f *fixture) changeMember(before, after *org.Member) {
	f.Helper()
	for {
		roster, err := f.sqlite.Roster(f.Context(), after.Organization)
		f.must(err)
		err = f.sqlite.ChangeMember(f.Context(), org.MemberChange{
			Organization: after.Organization, Version: roster.Version, Before: before, After: after,
			Activity: f.entry(audit.MemberUpdated, "member:"+after.ID()),
		})
		if !errors.Is(err, org.ErrMoved) {
			f.must(err)
			return
		}
	}
}
