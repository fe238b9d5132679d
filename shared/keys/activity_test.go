package keys_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/keys"
)

// recording is a store that shows the last activity written with a change.
type recording struct {
	apikey.Keys
	entries []audit.Entry
}

func (r *recording) Create(ctx context.Context, creation apikey.Creation) error {
	r.entries = append(r.entries, creation.Activity)
	return r.Keys.Create(ctx, creation)
}

func (r *recording) Change(ctx context.Context, change apikey.Change) (*apikey.Key, error) {
	r.entries = append(r.entries, change.Activity)
	return r.Keys.Change(ctx, change)
}

// Every change says who did what, from where, and what was before and after; never a secret, never a digest.
func TestAChangeWritesWhatChangedAndWhoDidIt(t *testing.T) {
	f := newFixture(t)
	store := &recording{Keys: f.store}
	f.Store = store
	created := f.create(keys.Draft{Name: "Key", Description: "old"})
	f.now = noon.Add(time.Minute)
	f.update(created.Key.ID, keys.Patch{Name: set("New"), Active: set(false), RateLimit: set(int64(7)), Description: set("old")})
	f.update(created.Key.ID, keys.Patch{})
	f.now = noon.Add(time.Hour)
	f.revoke(created.Key.ID)
	f.revoke(created.Key.ID)
	entry := func(at time.Time, action audit.Action, before, after map[string]any) audit.Entry {
		return audit.Entry{
			At: at, Actor: "member:alice", Action: action, Target: created.Key.ID.String(), Address: netip.MustParseAddr("203.0.113.9"),
			Before: before, After: after,
		}
	}
	want := []audit.Entry{
		entry(noon, audit.KeyCreated, nil, map[string]any{
			"name": "Key", "description": "old", "metadata": map[string]string(nil), "environment": "production", "active": true, "tier": "basic",
			"tier_inherited": true, "rate_limit": int64(100), "own_limit": false, "expires_at": "2026-09-10T12:00:30Z", "revoked_at": nil,
			"owner": "alice", "inherit": false, "roles": []string{"admin"}, "permissions": []string{}, "services": "all", "customers": "all",
			"accounts": "all", "ip_allow": []map[string]any{}, "ip_deny": []map[string]any{}, "format": "opaque", "locked": false,
			"successor": nil, "key_prefix": created.Key.Mask, "quota_per_day": nil, "quota_per_month": nil, "previous_secret_expires_at": nil,
		}),
		entry(noon.Add(time.Minute), audit.KeyUpdated,
			map[string]any{"name": "Key", "active": true, "rate_limit": int64(100), "own_limit": false},
			map[string]any{"name": "New", "active": false, "rate_limit": int64(7), "own_limit": true}),
		entry(noon.Add(time.Hour), audit.KeyRevoked, map[string]any{"revoked_at": nil}, map[string]any{"revoked_at": "2026-03-10T13:00:30Z"}),
	}
	if diff := cmp.Diff(want, store.entries, cmpopts.IgnoreFields(audit.Entry{}, "ID"), cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	wantNothingOf(t, created, sprint(store.entries))
}

func sprint(entries []audit.Entry) string { return fmt.Sprintf("%+v %#v", entries, entries) }

func wantNothingOf(t *testing.T, created keys.Created, text string) {
	t.Helper()
	for i := range len(created.Key.Digest) - 8 {
		if part := string(created.Key.Digest)[i : i+8]; strings.Contains(text, part) {
			t.Fatalf("the digest shows: %q", part)
		}
	}
	secret := created.Secret.Reveal()[len("vg_live_")+8:] // behind the key id, which an entry names
	for i := range len(secret) - 8 {
		if part := secret[i : i+8]; strings.Contains(text, part) {
			t.Fatalf("the secret shows: %q", part)
		}
	}
}
