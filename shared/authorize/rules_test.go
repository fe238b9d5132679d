package authorize_test

import (
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/authorize"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/policy"
)

// from is a request of the production API from another address.
func from(secret apikey.Secret, address string) authorize.Request {
	request := asking(secret.Reveal())
	request.Address = netip.MustParseAddr(address)
	return request
}

// bulky gives a key so many services that a store keeps its rules apart.
func bulky(r *apikey.Record) {
	for n := range 100 {
		r.Scope.Services = append(r.Scope.Services, "service-"+strconv.Itoa(n))
	}
}

// Once a process has seen a key's rules, an allowed request is one spend, whatever the address that the rules admit.
func TestAnAllowUnderRulesThatWereSeenIsOneSpend(t *testing.T) {
	tests := map[string]struct {
		edits []func(*apikey.Record)
		cold  calls
	}{
		"IP rules in the record":   {[]func(*apikey.Record){allowing("203.0.113.0/24")}, calls{Spends: 2}},
		"a deny list":              {[]func(*apikey.Record){denying("198.51.100.0/24")}, calls{Spends: 2}},
		"lists apart":              {[]func(*apikey.Record){bulky}, calls{Spends: 2, Rules: 1}},
		"IP rules and lists apart": {[]func(*apikey.Record){bulky, allowing("203.0.113.0/24")}, calls{Spends: 2, Rules: 1}},
		"no rules":                 {nil, calls{Spends: 1}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBooks(t)
			id, secret := b.enter(test.edits...)
			b.want(asking(secret.Reveal()), apikey.Allowed, test.cold)
			for range 3 {
				decision := b.want(from(secret, "203.0.113.77"), apikey.Allowed, calls{Spends: 1})
				want, got := b.records[id].Rules(), decision.Record.Rules()
				if diff := cmp.Diff(want, got, cmp.Comparer(samePrefix)); diff != "" || decision.Record.Apart {
					t.Errorf("the rules of the decision (-want +got)\n%s", diff)
				}
			}
			if total := b.records[id].Total; total != 4 {
				t.Errorf("4 allows were counted as %d", total)
			}
		})
	}
}

func samePrefix(a, b netip.Prefix) bool { return a == b }

// A denied address spends nothing, however often it asks, and whether or not the process has seen the rules before.
func TestADeniedAddressSpendsNothing(t *testing.T) {
	for name, edit := range map[string]func(*apikey.Record){"in the record": func(*apikey.Record) {}, "apart": bulky} {
		t.Run(name, func(t *testing.T) {
			b := newBooks(t)
			id, secret := b.enter(allowing("203.0.113.0/24"), edit)
			cold := calls{Spends: 1, Rules: len(b.records[id].Scope.Services) / 100}
			for _, asked := range []calls{cold, {Reads: 1}, {Reads: 1}} {
				decision := b.want(from(secret, "198.51.100.7"), apikey.IPDenied, asked)
				if decision.Record == nil || decision.Record.Apart || !slices.Equal(decision.Holding.Permissions(), []policy.Permission{"dns:read"}) {
					t.Errorf("the decision tells %+v of whoever holds the secret", decision)
				}
			}
			unknown := asking(secret.Reveal())
			unknown.Address = netip.Addr{}
			b.want(unknown, apikey.IPDenied, calls{Reads: 1})
			if record := b.records[id]; record.Total != 0 || len(record.Counts) != 0 || !record.LastUsedAt.IsZero() {
				t.Errorf("a denied address is a use: %+v", record)
			}
			b.want(from(secret, "203.0.113.7"), apikey.Allowed, calls{Spends: 1})
		})
	}
}

// The address is looked at after the key's own state, and before its limits.
func TestTheAddressComesAfterTheKeysStateAndBeforeItsLimits(t *testing.T) {
	full := func(r *apikey.Record) { r.Limits.PerMinute = 1; r.Counts = r.Counts.Add(noon) }
	tests := map[string]struct {
		edit func(*apikey.Record)
		want apikey.Reason
	}{
		"revoked":      {func(r *apikey.Record) { r.RevokedAt = noon }, apikey.KeyRevoked},
		"expired":      {func(r *apikey.Record) { r.ExpiresAt = noon }, apikey.KeyExpired},
		"disabled":     {func(r *apikey.Record) { r.Disabled = true }, apikey.KeyInactive},
		"rate limited": {full, apikey.IPDenied},
		"no such role": {func(r *apikey.Record) { r.Permissions = nil }, apikey.IPDenied},
	}
	for name, test := range tests {
		for _, apart := range []bool{false, true} {
			t.Run(name+", apart: "+strconv.FormatBool(apart), func(t *testing.T) {
				b := newBooks(t)
				_, secret := b.enter(test.edit, denying("203.0.113.0/24"))
				if apart {
					_, secret = b.enter(test.edit, denying("203.0.113.0/24"), bulky)
				}
				decision, err := b.Authorize(t.Context(), asking(secret.Reveal()))
				if err != nil || decision.Reason != test.want || decision.Record.Apart {
					t.Errorf("decision %+v, %v; want %s about a whole record", decision, err, test.want)
				}
			})
		}
	}
}

func TestAKeyOutOfLimitsIsRefusedAsSuchWhereItsRulesAdmitTheAddress(t *testing.T) {
	b := newBooks(t)
	id, secret := b.enter(allowing("203.0.113.0/24"), func(r *apikey.Record) { r.Limits.PerMinute = 1 })
	b.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 2})
	b.want(asking(secret.Reveal()), apikey.RateLimited, calls{Spends: 1})
	b.edit(id, func(r *apikey.Record) { r.Limits.PerMinute, r.Limits.PerDay = 10, 1 })
	b.want(asking(secret.Reveal()), apikey.QuotaExceeded, calls{Spends: 1})
}

// Rules that were narrowed hold on the very next request, in a process that has just used the wider ones.
func TestNarrowedRulesHoldOnTheVeryNextRequest(t *testing.T) {
	b := newBooks(t)
	id, secret := b.enter()
	b.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 1})
	b.edit(id, allowing("203.0.113.0/24"))
	b.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 2})
	b.edit(id, allowing("203.0.113.128/25"))
	b.want(asking(secret.Reveal()), apikey.IPDenied, calls{Spends: 1})
	b.want(asking(secret.Reveal()), apikey.IPDenied, calls{Reads: 1})
	b.edit(id, allowing("203.0.113.0/25"))
	b.want(asking(secret.Reveal()), apikey.Allowed, calls{Reads: 1, Spends: 1})
	b.edit(id, allowing())
	b.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 1})
}

// Rules kept apart that move before they are read are read again; what is decided is decided by those that stand.
func TestRulesThatMoveWhileTheyAreReadAreReadAgain(t *testing.T) {
	b := newBooks(t)
	_, secret := b.enter(bulky)
	b.store.moved = 1
	b.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 3, Rules: 2})
	b.restart()
	b.store.moved = 1000
	decision, err := b.Authorize(t.Context(), asking(secret.Reveal()))
	if !errors.Is(err, fault.Unavailable) || decision.Allowed() || b.store.Spends != 3 {
		t.Errorf("decision %+v, %v after %d spends; want unavailable after 3", decision, err, b.store.Spends)
	}
}

// That a key's rules have to be read is no lost attempt; rules that move under every spend end in unavailable.
func TestReadingRulesIsNoLostAttemptAndHasAnEnd(t *testing.T) {
	b := newBooks(t)
	id, secret := b.enter(allowing("203.0.113.0/24"))
	b.store.unexplained = 3
	b.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 4})
	var spends int
	b.store.spending = func() {
		spends++
		b.edit(id, allowing("203.0.113.0/24", "192.0.2."+strconv.Itoa(spends)+"/32"))
	}
	decision, err := b.Authorize(t.Context(), asking(secret.Reveal()))
	if !errors.Is(err, fault.Unavailable) || decision.Allowed() || spends != 6 {
		t.Errorf("decision %+v, %v after %d spends; want unavailable after 6", decision, err, spends)
	}
}

// A record without its lists is never decided about as if it had none: a missing list would be no limit at all.
func TestARecordWhoseListsAreMissingIsNeverAllowed(t *testing.T) {
	b := newBooks(t)
	id, secret := b.enter(bulky)
	b.records[id].RulesID = "" // as no service of keys leaves it
	b.store.moved = 1000
	decision, err := b.Authorize(t.Context(), asking(secret.Reveal()))
	if !errors.Is(err, fault.Unavailable) || decision.Allowed() || b.store.Spends != 1 {
		t.Errorf("decision %+v, %v after %d spends; want unavailable after one", decision, err, b.store.Spends)
	}
	b.store.moved = 0
	decision = b.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 1, Rules: 1})
	if len(decision.Record.Scope.Services) != 100 {
		t.Errorf("the decision is about %+v", decision.Record.Scope)
	}
}

// Whoever has not shown the secret makes the process read and remember nothing of the key.
func TestAStrangerLearnsNothingOfRules(t *testing.T) {
	b := newBooks(t)
	id, secret := b.enter(bulky, denying("203.0.113.0/24"))
	guess := apikey.NewSecret("vg", apikey.Production, id)
	b.want(asking(guess.Reveal()), apikey.KeyUnknown, calls{Spends: 1})
	b.want(admitting(secret.Reveal(), "org_other"), apikey.KeyUnknown, calls{Reads: 1})
	b.want(asking(apikey.NewSecret("vg", apikey.Production, id).Reveal()), apikey.KeyUnknown, calls{Reads: 1})
}
