package authorize_test

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

// ledger is a store in memory. It keeps what is bulky apart, as DynamoDB does.
type ledger struct {
	mu      sync.Mutex
	records map[apikey.ID]*apikey.Record
	members map[string]org.Member // by organization and Hash
	roles   map[org.ID]org.Roles
}

func (l *ledger) Spend(_ context.Context, spend apikey.Spend) (apikey.Outcome, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	record := l.records[spend.ID]
	if record == nil {
		return apikey.Outcome{}, nil
	}
	spent := record.Refuses(spend) == apikey.Allowed
	if spent {
		record.Take(spend)
	}
	carried := record.Clone()
	if record.Bulky() {
		carried.SetRules(apikey.Rules{ID: record.RulesID})
		carried.Apart = true
	}
	return apikey.Outcome{Spent: spent, Record: carried}, nil
}

func (l *ledger) Read(_ context.Context, id apikey.ID) (*apikey.Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if record := l.records[id]; record != nil {
		return record.Clone(), nil
	}
	return nil, nil
}

func (l *ledger) Rules(_ context.Context, id apikey.ID, rulesID string) (*apikey.Rules, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	record := l.records[id]
	if record == nil || record.RulesID != rulesID {
		return nil, nil
	}
	rules := record.Clone().Rules()
	return &rules, nil
}

func (l *ledger) Standing(_ context.Context, organization org.ID, owner string) (org.Standing, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	standing := org.Standing{Roles: l.roles[organization]}
	if member, found := l.members[string(organization)+owner]; found {
		standing.Owner = &member
	}
	return standing, nil
}

func (l *ledger) Rehash(context.Context, apikey.ID, apikey.Digest, apikey.Digest) error { return nil }

func (l *ledger) Touch(context.Context, apikey.ID, time.Time, netip.Addr) error { return nil }

// books is a fixture over a ledger.
type books struct {
	*fixture
	*ledger
}

func newBooks(t *testing.T) *books {
	f := &fixture{T: t, folder: t.TempDir(), now: noon}
	f.setRing(oneRing)
	b := &books{f, &ledger{records: map[apikey.ID]*apikey.Record{}, members: map[string]org.Member{}, roles: map[org.ID]org.Roles{}}}
	f.serve(b.ledger)
	return b
}

// restart is another process over the same ledger.
func (b *books) restart() { b.serve(b.ledger) }

// enter makes a key of org_acme that may read dns, but for what edits change.
func (b *books) enter(edits ...func(*apikey.Record)) (apikey.ID, apikey.Secret) {
	b.Helper()
	made++
	id := apikey.NewID(noon.Add(time.Duration(made) * time.Millisecond))
	secret := apikey.NewSecret("vg", apikey.Production, id)
	ring, err := b.keyring().Ring(b.Context())
	b.must(err)
	b.records[id] = &apikey.Record{
		ID: id, Organization: "org_acme", Owner: "alice", Environment: apikey.Production, Digest: ring.Current(secret),
		Permissions: []string{"dns:read"}, Tier: "free", Limits: ratelimit.Limits{PerMinute: 10}, Version: 1,
	}
	b.edit(id, edits...)
	return id, secret
}

// edit changes a record as a service of keys does.
func (b *books) edit(id apikey.ID, edits ...func(*apikey.Record)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.records[id]
	after := before.Clone()
	for _, edit := range edits {
		edit(after)
	}
	after.Restamp(before)
	b.records[id] = after
}

// member is a member of an organization, with that status and those roles.
func (b *books) member(organization org.ID, subject string, status org.MemberStatus, roles ...string) org.Member {
	member := org.Member{Identity: org.Identity{Issuer: "https://id.example", Subject: subject}, Organization: organization, Roles: roles, Status: status}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.members[string(organization)+member.Identity.Hash()] = member
	return member
}

// inheriting makes a key that has what member has.
func inheriting(member org.Member) func(*apikey.Record) {
	return func(r *apikey.Record) {
		r.Owner, r.Inherits, r.Permissions, r.Roles = member.Subject, member.Identity.Hash(), nil, nil
	}
}

// allowing makes a key that may be used from those networks alone.
func allowing(networks ...string) func(*apikey.Record) {
	return func(r *apikey.Record) { r.Networks.Allow = prefixes(networks) }
}

func denying(networks ...string) func(*apikey.Record) {
	return func(r *apikey.Record) { r.Networks.Deny = prefixes(networks) }
}

func prefixes(texts []string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}
