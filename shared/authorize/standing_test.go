package authorize_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/authorize"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// needing is a request of the production API that needs a permission.
func needing(secret apikey.Secret, permission policy.Permission) authorize.Request {
	request := asking(secret.Reveal())
	request.Permission = permission
	return request
}

func with(roles ...string) func(*apikey.Record) {
	return func(r *apikey.Record) { r.Roles, r.Permissions = roles, nil }
}

// ownRole gives an organization a role of its own.
func (b *books) ownRole(organization org.ID, name string, permissions ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.roles[organization] = org.Roles{List: []org.Role{{Name: name, Permissions: permissions}}}
}

// A key that inherits, or has a role of the organization's own, is decided by a spend and one read of the standing; a
// key with roles of the catalog needs none.
func TestAStandingIsOneReadAndOnlyWhereItIsNeeded(t *testing.T) {
	b := newBooks(t)
	alice := b.member("org_acme", "alice", org.MemberActive, "admin")
	b.ownRole("org_acme", "zone-reader", "dns:read")
	tests := map[string]struct {
		edit  func(*apikey.Record)
		asked calls
	}{
		"inheriting":               {inheriting(alice), calls{Spends: 1, Standings: 1}},
		"a role of its own":        {with("zone-reader"), calls{Spends: 1, Standings: 1}},
		"a role of the catalog":    {with("admin"), calls{Spends: 1}},
		"permissions of the key's": {func(*apikey.Record) {}, calls{Spends: 1}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, secret := b.enter(test.edit)
			for range 3 {
				b.want(needing(secret, "dns:read"), apikey.Allowed, test.asked)
			}
		})
	}
}

// Once the process knows the owner, the standing is read side by side with the spend: neither waits for the other.
func TestTheStandingIsReadBesideTheSpendOnceTheOwnerIsKnown(t *testing.T) {
	b := newBooks(t)
	_, secret := b.enter(inheriting(b.member("org_acme", "alice", org.MemberActive, "admin")))
	b.want(needing(secret, "dns:read"), apikey.Allowed, calls{Spends: 1, Standings: 1})
	var both sync.WaitGroup
	both.Add(2)
	meet := func() { both.Done(); both.Wait() }
	b.store.spending, b.store.standing = meet, meet
	b.want(needing(secret, "dns:write"), apikey.Allowed, calls{Spends: 1, Standings: 1})
}

// With rules that this process has not seen either, the standing is read beside the second spend.
func TestAColdKeyWithRulesThatInheritsHasItsStandingBesideTheSecondSpend(t *testing.T) {
	b := newBooks(t)
	_, secret := b.enter(inheriting(b.member("org_acme", "alice", org.MemberActive, "admin")), allowing("203.0.113.0/24"))
	b.want(needing(secret, "dns:read"), apikey.Allowed, calls{Spends: 2, Standings: 1})
	b.want(needing(secret, "dns:read"), apikey.Allowed, calls{Spends: 1, Standings: 1})
}

// An owner who is disabled, removed or demoted stops or narrows their inheriting keys on the very next request.
func TestWhatBecomesOfAnOwnerHoldsOnTheVeryNextRequest(t *testing.T) {
	b := newBooks(t)
	alice := b.member("org_acme", "alice", org.MemberActive, "admin")
	_, secret := b.enter(inheriting(alice))
	for _, decide := range []decider{b.Authorize, b.Check} {
		b.member("org_acme", "alice", org.MemberActive, "admin")
		b.wantReason(decide, needing(secret, "dns:write"), apikey.Allowed)
		b.ownRole("org_acme", "zone-reader", "dns:read")
		b.member("org_acme", "alice", org.MemberActive, "zone-reader")
		b.wantReason(decide, needing(secret, "dns:write"), apikey.PermissionDenied)
		b.wantReason(decide, needing(secret, "dns:read"), apikey.Allowed)
		b.ownRole("org_acme", "zone-reader")
		b.wantReason(decide, needing(secret, "dns:read"), apikey.PermissionDenied)
		for _, status := range []org.MemberStatus{org.MemberDisabled, org.MemberPending} {
			b.member("org_acme", "alice", status, "admin")
			b.wantReason(decide, needing(secret, "dns:read"), apikey.OwnerInactive)
		}
		delete(b.members, "org_acme"+alice.Identity.Hash())
		b.wantReason(decide, asking(secret.Reveal()), apikey.OwnerInactive)
	}
}

// A role of the organization's own that is changed or deleted holds on the very next request.
func TestAnOwnRoleThatChangesHoldsOnTheVeryNextRequest(t *testing.T) {
	b := newBooks(t)
	b.ownRole("org_acme", "zone-reader", "dns:read")
	b.ownRole("org_other", "zone-reader", "*:*")
	_, secret := b.enter(with("zone-reader"))
	b.want(needing(secret, "dns:read"), apikey.Allowed, calls{Spends: 1, Standings: 1})
	b.want(needing(secret, "dns:write"), apikey.PermissionDenied, calls{Spends: 1, Standings: 1})
	b.ownRole("org_acme", "zone-reader", "dns:write")
	b.want(needing(secret, "dns:write"), apikey.Allowed, calls{Spends: 1, Standings: 1})
	b.ownRole("org_acme", "another")
	b.want(needing(secret, "dns:write"), apikey.PermissionDenied, calls{Spends: 1, Standings: 1})
}

// Where the record that comes back names another owner than the standing was read for, it is read again.
func TestAnOwnerThatMovedMeanwhileIsReadAgain(t *testing.T) {
	b := newBooks(t)
	alice := b.member("org_acme", "alice", org.MemberActive, "admin")
	bob := b.member("org_acme", "bob", org.MemberDisabled, "admin")
	id, secret := b.enter(inheriting(alice))
	b.want(needing(secret, "dns:read"), apikey.Allowed, calls{Spends: 1, Standings: 1})
	b.edit(id, inheriting(bob))
	b.want(needing(secret, "dns:read"), apikey.OwnerInactive, calls{Spends: 1, Standings: 2})
	b.want(needing(secret, "dns:read"), apikey.OwnerInactive, calls{Spends: 1, Standings: 1})
	b.edit(id, with("admin"), func(r *apikey.Record) { r.Inherits = "" })
	b.want(needing(secret, "dns:read"), apikey.Allowed, calls{Spends: 1, Standings: 1})
	b.want(needing(secret, "dns:read"), apikey.Allowed, calls{Spends: 1})
}

// What comes before the owner in the contract's order is told first, and needs no standing.
func TestARefusalBeforeTheOwnerNeedsNoStanding(t *testing.T) {
	b := newBooks(t)
	gone := b.member("org_acme", "alice", org.MemberDisabled, "admin")
	limited := func(r *apikey.Record) { r.Limits.PerMinute = 1; r.Counts = r.Counts.Add(noon) }
	for reason, edit := range map[apikey.Reason]func(*apikey.Record){
		apikey.KeyInactive: func(r *apikey.Record) { r.Disabled = true },
		apikey.RateLimited: limited,
	} {
		_, secret := b.enter(inheriting(gone), edit)
		b.want(asking(secret.Reveal()), reason, calls{Spends: 1})
	}
	_, denied := b.enter(inheriting(gone), denying("203.0.113.0/24"))
	b.want(asking(denied.Reveal()), apikey.IPDenied, calls{Spends: 1})
	_, lacking := b.enter(inheriting(gone))
	b.want(needing(lacking, "dns:read"), apikey.OwnerInactive, calls{Spends: 1, Standings: 1})
}

// A standing that can't be read is never an allow; a refusal that needs none is told all the same.
func TestAStandingThatCannotBeReadIsUnavailable(t *testing.T) {
	b := newBooks(t)
	id, secret := b.enter(inheriting(b.member("org_acme", "alice", org.MemberActive, "admin")))
	for range 2 { // cold, and known
		for _, decide := range []decider{b.Authorize, b.Check} {
			b.store.unread = errReadOnly
			decision, err := decide(t.Context(), asking(secret.Reveal()))
			if !errors.Is(err, fault.Unavailable) || !errors.Is(err, errReadOnly) || decision.Allowed() {
				t.Errorf("decision %+v, %v", decision, err)
			}
			b.store.unread = nil
			b.wantReason(decide, asking(secret.Reveal()), apikey.Allowed)
		}
	}
	b.edit(id, func(r *apikey.Record) { r.Disabled = true })
	b.store.unread = errReadOnly
	b.want(asking(secret.Reveal()), apikey.KeyInactive, calls{Spends: 1, Standings: 1})
}
