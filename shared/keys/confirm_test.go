package keys_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
)

// racing is a store in which something happens, once, right after a create or a change was written.
type racing struct {
	apikey.Keys
	then func()
}

func (r *racing) happens() {
	if then := r.then; then != nil {
		r.then = nil
		then()
	}
}

func (r *racing) Create(ctx context.Context, creation apikey.Creation) error {
	err := r.Keys.Create(ctx, creation)
	r.happens()
	return err
}

func (r *racing) Change(ctx context.Context, change apikey.Change) (*apikey.Key, error) {
	key, err := r.Keys.Change(ctx, change)
	r.happens()
	return key, err
}

// forgetful are organizations whose own roles can't be read once they have failed.
type forgetful struct {
	org.Store
	failed error
}

func (o *forgetful) Roles(ctx context.Context, id org.ID) (org.Roles, error) {
	if o.failed != nil {
		return org.Roles{}, o.failed
	}
	return o.Store.Roles(ctx, id)
}

var deployer = org.Role{Name: "deployer", Permissions: []string{"dns:write"}}

// deletions are what may happen to a role between the look at it and the write of a key that is given it.
func deletions(f *fixture) map[string]func() {
	leaving := deployer
	leaving.Leaving = true
	unreadable := &forgetful{Store: f.store}
	f.Desk.Organizations = unreadable
	return map[string]func(){
		"being deleted": func() { f.ownRoles(leaving) },
		"deleted":       func() { f.ownRoles() },
		"unreadable":    func() { unreadable.failed = fault.Outage("reading roles", errors.New("throttled")) },
	}
}

// No key is made with a role that was deleted meanwhile: it is revoked before anybody sees its secret.
func TestAKeyOfARoleThatWasDeletedMeanwhileIsRevoked(t *testing.T) {
	for _, name := range []string{"being deleted", "deleted", "unreadable"} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.ownRoles(deployer)
			f.Store = &racing{f.store, deletions(f)[name]}
			created, err := f.Create(t.Context(), f.alice, keys.Draft{Name: "k", Roles: set([]string{"dns_manager", "deployer"})}, nil)
			if name == "unreadable" {
				f.wantFault(err, fault.Unavailable)
			} else {
				f.wantFault(err, fault.InvalidFieldValue, "roles")
			}
			if created.Key != nil || created.Secret.Reveal() != "" {
				t.Errorf("it gave %+v", created)
			}
			listing := f.list(keys.Query{Statuses: apikey.Statuses})
			if len(listing.Keys) != 1 || listing.Keys[0].RevokedAt.IsZero() {
				t.Errorf("there is %+v, want it revoked", listing.Keys)
			}
		})
	}
}

// No key keeps a role that was deleted while it was given it; what it had, and the rest of the change, stays.
func TestARoleThatWasDeletedMeanwhileIsTakenBack(t *testing.T) {
	for _, name := range []string{"being deleted", "deleted", "unreadable"} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.ownRoles(deployer)
			id := f.create(keys.Draft{Name: "k", Roles: set([]string{"dns_manager"})}).Key.ID
			f.Store = &racing{f.store, deletions(f)[name]}
			_, err := f.Update(t.Context(), f.alice, id, keys.Patch{Roles: set([]string{"dns_manager", "deployer", "cache_purger"})}, nil)
			if name == "unreadable" {
				f.wantFault(err, fault.Unavailable)
			} else {
				f.wantFault(err, fault.InvalidFieldValue, "roles")
			}
			if diff := cmp.Diff([]string{"dns_manager", "cache_purger"}, f.get(id).Roles); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// Taking back goes on where who asked has gone, and leaves alone what is over already.
func TestTakingBackWaitsForNobody(t *testing.T) {
	f := newFixture(t)
	f.ownRoles(deployer)
	ctx, leave := context.WithCancel(t.Context())
	f.Store = &racing{f.store, func() { f.ownRoles(); leave() }}
	_, err := f.Create(ctx, f.alice, keys.Draft{Name: "k", Roles: set([]string{"deployer"})}, nil)
	if listing := f.list(keys.Query{}); err == nil || listing.Total != 0 {
		t.Errorf("%d keys, %v", listing.Total, err)
	}
	id := f.create(named("other")).Key.ID
	f.ownRoles(deployer)
	f.Store = &racing{f.store, func() { f.ownRoles(); f.Store = f.store; f.revoke(id) }}
	_, err = f.Update(t.Context(), f.alice, id, keys.Patch{Roles: set([]string{"deployer"})}, nil)
	f.wantFault(err, fault.InvalidFieldValue, "roles")
}

// A role that is taken back keeps no key from having its account's tier of now.
func TestAKeyKeepsUpWithItsTierEvenWhereARoleIsTakenBack(t *testing.T) {
	f := newFixture(t)
	f.ownRoles(deployer)
	id := f.create(keys.Draft{Name: "k", Tier: "free"}).Key.ID
	f.Store = &racing{f.store, func() { f.ownRoles(); f.moveTier("pro") }}
	_, err := f.Update(t.Context(), f.alice, id, keys.Patch{Roles: set([]string{"deployer"}), Tier: null[string]()}, nil)
	f.wantFault(err, fault.InvalidFieldValue, "roles")
	if key := f.get(id); key.Tier != "pro" || key.Limits.PerMinute != 1000 || len(key.Roles) != 0 {
		t.Errorf("the key is %+v", key.Record)
	}
}
