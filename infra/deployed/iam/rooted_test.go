package iam

import (
	"net/netip"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/dynamotest"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

// What only time, a crash or another catalog makes is put into the table by root.

// ended puts a key into an organization that expired that long ago, and that nobody has cleaned up.
func (d *deployment) ended(t testing.TB, organization, name string, ago time.Duration) {
	t.Helper()
	expired := time.Now().Add(-ago)
	created := expired.Add(-time.Hour)
	key := &apikey.Key{
		Record: apikey.Record{
			ID: apikey.NewID(created), Organization: org.ID(organization), Owner: "somebody", Environment: apikey.Production, ExpiresAt: expired,
			Roles: []string{"admin"}, Tier: "basic", Limits: ratelimit.Limits{PerMinute: 100}, Version: 1,
		},
		Details: apikey.Details{Name: name, Mask: "vg_live_abcd...wxyz", CreatedAt: created, CreatedBy: "member:somebody", UpdatedAt: created, Revision: 1},
	}
	key.Restamp(nil)
	entry := audit.NewEntry(created, audit.System, audit.KeyCreated, key.ID.String(), netip.Addr{})
	if err := d.store().Create(t.Context(), apikey.Creation{Key: key, Activity: entry}); err != nil {
		t.Fatal(err)
	}
}

// cutOff renames a key in a process that dies halfway: whoever changes the key next finishes it.
func (d *deployment) cutOff(t testing.TB, organization string, key fields) {
	t.Helper()
	dying := dynamo.New(dynamotest.Wrap(t, d.client, dynamotest.DieAfter(2)), d.table)
	if err := d.change(t, dying, organization, key, func(after *apikey.Key) {
		after.Name, after.Disabled = newName("renamed"), !after.Disabled
	}); err == nil {
		t.Fatal("the change was not cut off")
	}
}

// outdate gives a key another number than its tier has, as if the catalog had said so when it was made.
func (d *deployment) outdate(t testing.TB, organization string, key fields) {
	t.Helper()
	if err := d.change(t, d.store(), organization, key, func(after *apikey.Key) { after.Limits.PerMinute += 7 }); err != nil {
		t.Fatal(err)
	}
}

func (d *deployment) change(t testing.TB, store *dynamo.Store, organization string, key fields, edit func(*apikey.Key)) error {
	t.Helper()
	id, _ := apikey.ParseID(key["key_id"].(string))
	before, err := d.store().Key(t.Context(), org.ID(organization), id)
	if err != nil {
		t.Fatal(err)
	}
	after := before.Clone()
	edit(after)
	entry := audit.NewEntry(time.Now(), audit.System, audit.KeyUpdated, before.ID.String(), netip.Addr{})
	_, err = store.Change(t.Context(), apikey.Change{Before: before, After: after, Activity: entry})
	return err
}

// changeOrganization changes an organization as operators, or a change that was left to cleanup, do.
func (d *deployment) changeOrganization(t testing.TB, organization string, edit func(*org.Organization)) {
	t.Helper()
	before, err := d.store().Organization(t.Context(), org.ID(organization))
	if err != nil {
		t.Fatal(err)
	}
	after := before
	edit(&after)
	if _, err := d.store().ChangeOrganization(t.Context(), before, after, nil); err != nil {
		t.Fatal(err)
	}
}

// What the functions that no route has find to do.

func leaveFollowing(c caller, organization string) {
	c.create(nil)
	c.changeOrganization(c.t, organization, func(o *org.Organization) { o.Tier, o.Following = "free", true })
}

func leaveCutOff(c caller, organization string) { c.cutOff(c.t, organization, c.create(nil)) }

func leaveExpired(c caller, organization string) {
	c.ended(c.t, organization, newName("expired"), time.Hour)
}

func leaveOutdated(body fields) func(c caller, organization string) {
	return func(c caller, organization string) { c.outdate(c.t, organization, c.create(body)) }
}

func leaveOutdatedAndCutOff(c caller, organization string) {
	key := c.create(nil)
	c.outdate(c.t, organization, key)
	c.cutOff(c.t, organization, key)
}
