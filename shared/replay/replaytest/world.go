package replaytest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/changelog"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/ratelimit"
	"github.com/keyward/keyward/shared/replay"
)

var noon = time.Date(2026, 3, 10, 12, 0, 30, 0, time.UTC)

// tester is what fails: of the package testing, or of rapid.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
}

// world is an organization on a store, with a member, a role of its own and two keys. Two worlds that the same was done to
// are the same: one is a restored table, the other what went on.
type world struct {
	tester
	ctx   context.Context
	store apikey.Store
	log   *bytes.Buffer
	org   org.ID
	ids   [2]apikey.ID
}

// The keys of a world, by their place, and the role.
const (
	firstKey  = 0
	secondKey = 1
	ownRole   = "support"
)

var ann = org.Identity{Issuer: "https://id.example", Subject: "ann"}

var bob = org.Identity{Issuer: "https://id.example", Subject: "bob"}

// newWorld makes the world of that number, of which a store may have many.
func newWorld(ctx context.Context, t tester, store apikey.Store, number int) *world {
	w := &world{tester: t, ctx: ctx, log: &bytes.Buffer{}, org: org.ID(fmt.Sprintf("org_%d", number))}
	w.ids = [2]apikey.ID{apikey.ID(fmt.Sprintf("1%07d", number)), apikey.ID(fmt.Sprintf("2%07d", number))}
	w.store = changelog.Record(store, slog.New(slog.NewJSONHandler(w.log, nil)), func() time.Time { return noon })
	organization := org.Organization{
		ID: w.org, Name: "Acme", Tier: "basic", MaxTier: "pro", KeyLimit: 100, CreatedAt: noon, CursorKey: []byte("32 bytes that seal some cursors."),
	}
	first := org.Member{Identity: ann, Organization: w.org, Roles: []string{"admin"}, Status: org.MemberActive, JoinedAt: noon}
	w.must(w.store.Found(ctx, organization, first, entry(audit.OrganizationCreated, string(w.org))))
	w.must(w.store.ChangeMember(ctx, org.MemberChange{
		Organization: w.org, Version: w.roster().Version, Activity: entry(audit.MemberAdded, "member:bob"),
		After: &org.Member{Identity: bob, Organization: w.org, Email: "bob@example.com", Roles: []string{"dns_manager"}, Status: org.MemberActive, InvitedAt: noon, JoinedAt: noon},
	}))
	w.setRole(&org.Role{Name: ownRole, Permissions: []string{"dns:read", "billing:*"}})
	for _, id := range w.ids {
		w.create(id)
	}
	return w
}

func entry(action audit.Action, target string) audit.Entry {
	return audit.NewEntry(noon, audit.MemberActor("ann"), action, target, netip.Addr{})
}

// digest is that of a key's secret of that number: 0 is the first.
func digest(id apikey.ID, number int) apikey.Digest {
	return apikey.Digest(fmt.Sprintf("k1.%s-%d", id, number))
}

// renew gives the key a secret that it has never had.
func renew(key *apikey.Key) {
	number := 0
	for key.Digest != digest(key.ID, number) {
		number++
	}
	key.Digest = digest(key.ID, number+1)
}

func (w *world) create(id apikey.ID) {
	w.Helper()
	key := &apikey.Key{
		Record: apikey.Record{
			ID: id, Organization: w.org, Owner: "bob", Environment: apikey.Production, Digest: digest(id, 0),
			Roles: []string{"dns_manager", ownRole}, Tier: "basic", TierInherited: true,
			Limits: ratelimit.Limits{PerMinute: 100}, Version: 1,
		},
		Details: apikey.Details{Name: "key " + string(id), Mask: "vg_live_0000...0000", Format: apikey.Opaque, CreatedAt: noon, UpdatedAt: noon, CreatedBy: "member:ann", Revision: 1},
	}
	key.Restamp(nil)
	w.must(w.store.Create(w.ctx, apikey.Creation{Key: key, Activity: entry(audit.KeyCreated, id.String())}))
}

// edit changes a key, where it has not been revoked.
func (w *world) edit(key int, action audit.Action, edit func(*apikey.Key)) {
	w.Helper()
	before := w.key(key)
	after := before.Clone()
	edit(after)
	after.Networks = apikey.NetworksOf(after.IPAllow, after.IPDeny)
	if !before.RevokedAt.IsZero() {
		return
	}
	after.Restamp(&before.Record)
	_, err := w.store.Change(w.ctx, apikey.Change{Before: before, After: after, Activity: entry(action, before.ID.String())})
	w.must(err)
}

func (w *world) key(number int) *apikey.Key {
	w.Helper()
	key, err := w.store.Key(w.ctx, w.org, w.ids[number])
	w.must(err)
	return key
}

func (w *world) roster() org.Roster {
	w.Helper()
	roster, err := w.store.Roster(w.ctx, w.org)
	w.must(err)
	return roster
}

// setMember makes bob what edit says; nil removes him. It does nothing where he is gone.
func (w *world) setMember(edit func(*org.Member)) {
	w.Helper()
	roster := w.roster()
	before, found := roster.Member("bob")
	if !found {
		return
	}
	change := org.MemberChange{Organization: w.org, Version: roster.Version, Before: &before, Activity: entry(audit.MemberRemoved, "member:bob")}
	if edit != nil {
		after := before
		edit(&after)
		change.After, change.Activity.Action = &after, audit.MemberUpdated
	}
	w.must(w.store.ChangeMember(w.ctx, change))
}

// setRole makes the organization's own role what it is told; nil removes it.
func (w *world) setRole(role *org.Role) {
	w.Helper()
	roles, err := w.store.Roles(w.ctx, w.org)
	w.must(err)
	activity := entry(audit.RoleRemoved, "role:"+ownRole)
	change := org.RolesChange{Organization: w.org, Version: roles.Version, Activity: &activity}
	if role != nil {
		activity.Action, change.After = audit.RoleUpdated, []org.Role{*role}
	}
	w.must(w.store.ChangeRoles(w.ctx, change))
}

func (w *world) account() org.Organization {
	w.Helper()
	account, err := w.store.Organization(w.ctx, w.org)
	w.must(err)
	return account
}

func (w *world) setAccount(edit func(*org.Organization)) {
	w.Helper()
	before := w.account()
	after := before
	edit(&after)
	activity := entry(audit.OrganizationUpdated, string(w.org))
	_, err := w.store.ChangeOrganization(w.ctx, before, after, &activity)
	w.must(err)
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatalf("%v", err)
	}
}

// lines are what has been logged since that many bytes.
func (w *world) lines(since int) []json.RawMessage {
	var lines []json.RawMessage
	for line := range bytes.Lines(w.log.Bytes()[since:]) {
		lines = append(lines, json.RawMessage(bytes.Clone(line)))
	}
	return lines
}

// replay replays lines on the world, all of which have to succeed.
func (w *world) replay(catalog *policy.Catalog, lines []json.RawMessage) replay.Answer {
	w.Helper()
	service := replay.Service{Store: w.store, Closed: true, Catalog: catalog, Now: func() time.Time { return noon }}
	answer, err := service.Run(w.ctx, replay.Batch{Changes: lines}, func() bool { return true })
	w.must(err)
	if answer.Failed > 0 || answer.Next != "" {
		w.Fatalf("replayed: %+v", answer)
	}
	return answer
}
