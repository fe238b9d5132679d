package keys_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
)

// operations are everything that can be done with a key, each as a caller sees it.
var operations = map[string]func(f *fixture, caller keys.Caller, id apikey.ID) (*apikey.Key, error){
	"GET": func(f *fixture, caller keys.Caller, id apikey.ID) (*apikey.Key, error) {
		return f.Get(f.Context(), caller, id)
	},
	"PATCH": func(f *fixture, caller keys.Caller, id apikey.ID) (*apikey.Key, error) {
		updated, err := f.Update(f.Context(), caller, id, keys.Patch{Description: set("new")}, nil)
		return updated.Key, err
	},
	"PATCH {}": func(f *fixture, caller keys.Caller, id apikey.ID) (*apikey.Key, error) {
		updated, err := f.Update(f.Context(), caller, id, keys.Patch{}, nil)
		return updated.Key, err
	},
	"PATCH active": func(f *fixture, caller keys.Caller, id apikey.ID) (*apikey.Key, error) {
		updated, err := f.Update(f.Context(), caller, id, keys.Patch{Active: set(true)}, nil)
		return updated.Key, err
	},
	"disable": func(f *fixture, caller keys.Caller, id apikey.ID) (*apikey.Key, error) {
		updated, err := f.SetActive(f.Context(), caller, id, false)
		return updated.Key, err
	},
	"enable": func(f *fixture, caller keys.Caller, id apikey.ID) (*apikey.Key, error) {
		updated, err := f.SetActive(f.Context(), caller, id, true)
		return updated.Key, err
	},
	"regenerate": func(f *fixture, caller keys.Caller, id apikey.ID) (*apikey.Key, error) {
		made, err := f.Regenerate(f.Context(), caller, id, keys.Regeneration{}, nil)
		return made.Key, err
	},
	"DELETE": func(f *fixture, caller keys.Caller, id apikey.ID) (*apikey.Key, error) {
		return f.Revoke(f.Context(), caller, id, nil)
	},
}

// states bring a key that expires a day from noon into each state. A minute later is when the operations happen.
var states = map[apikey.Status]func(f *fixture, id apikey.ID){
	apikey.Active:   func(*fixture, apikey.ID) {},
	apikey.Inactive: func(f *fixture, id apikey.ID) { f.setActive(id, false) },
	apikey.Expired:  func(f *fixture, _ apikey.ID) { f.now = noon.Add(24 * time.Hour) },
	apikey.Revoked:  func(f *fixture, id apikey.ID) { f.revoke(id) },
}

func (f *fixture) setActive(id apikey.ID, active bool) *apikey.Key {
	f.Helper()
	updated, err := f.SetActive(f.Context(), f.alice, id, active)
	f.must(err)
	return updated.Key
}

// outcome is what an operation comes to: the status afterwards and whether anything changed, or a fault.
type outcome struct {
	status  apikey.Status
	changed bool
	fault   fault.Code
}

func stays(status apikey.Status) outcome   { return outcome{status: status} }
func becomes(status apikey.Status) outcome { return outcome{status: status, changed: true} }
func refused(code fault.Code) outcome      { return outcome{fault: code} }

// The table of states and operations, all of it: for a key that can be edited, and for one that is locked by itself, by its
// organization or by the catalog.
func TestEveryOperationInEveryState(t *testing.T) {
	expired, revoked := refused(fault.KeyExpired), refused(fault.KeyRevoked)
	table := map[string]map[apikey.Status]outcome{
		"GET":          {"active": stays("active"), "inactive": stays("inactive"), "expired": stays("expired"), "revoked": stays("revoked")},
		"PATCH":        {"active": becomes("active"), "inactive": becomes("inactive"), "expired": expired, "revoked": revoked},
		"PATCH {}":     {"active": stays("active"), "inactive": stays("inactive"), "expired": expired, "revoked": revoked},
		"PATCH active": {"active": stays("active"), "inactive": becomes("active"), "expired": expired, "revoked": revoked},
		"disable":      {"active": becomes("inactive"), "inactive": stays("inactive"), "expired": expired, "revoked": revoked},
		"enable":       {"active": stays("active"), "inactive": becomes("active"), "expired": expired, "revoked": revoked},
		"regenerate":   {"active": becomes("active"), "inactive": becomes("inactive"), "expired": expired, "revoked": revoked},
		"DELETE":       {"active": becomes("revoked"), "inactive": becomes("revoked"), "expired": becomes("revoked"), "revoked": stays("revoked")},
	}
	locks := map[string]func(*fixture, *keys.Draft){
		"editable":                func(*fixture, *keys.Draft) {},
		"locked":                  func(_ *fixture, draft *keys.Draft) { draft.Locked = true },
		"locked organization":     func(f *fixture, _ *keys.Draft) { f.settings(func(o *org.Organization) { o.LockedKeys = true }) },
		"locked by the catalog's": func(f *fixture, _ *keys.Draft) { f.Catalog.Flags.LockedKeys = true },
	}
	for lock, apply := range locks {
		f, draft := newFixture(t), keys.Draft{Expiry: keys.Expiry{Days: set(int64(1))}}
		apply(f, &draft)
		for operation, row := range table {
			for state, want := range row {
				f.sub(lock+" "+string(state)+" "+operation, func() {
					live := state == apikey.Active || state == apikey.Inactive
					if live && lock != "editable" && strings.HasPrefix(operation, "PATCH") {
						want = refused(fault.KeyLocked)
					}
					draft.Name = string(state) + operation
					f.wantOutcome(draft, state, operation, want)
				})
			}
		}
	}
}

func (f *fixture) wantOutcome(draft keys.Draft, state apikey.Status, operation string, want outcome) {
	f.Helper()
	f.now = noon
	id := f.create(draft).Key.ID
	states[state](f, id)
	before := f.get(id)
	f.now = f.now.Add(time.Minute)
	got, err := operations[operation](f, f.alice, id)
	after := f.get(id)
	if want.fault != "" {
		f.wantFault(err, want.fault)
		f.wantKey(after, before)
		return
	}
	f.must(err)
	f.wantKey(got, after)
	if changed := after.Version() != before.Version(); changed != want.changed || after.StatusAt(f.now) != want.status {
		f.Errorf("it is %s, changed %t; want %+v", after.StatusAt(f.now), changed, want)
	}
	if !want.changed {
		f.wantKey(after, before)
	}
}

// Revoking an expired key, and revoking a revoked one, answer with when it was revoked first.
func TestARevocationKeepsItsFirstTime(t *testing.T) {
	f := newFixture(t)
	id := f.create(keys.Draft{Name: "Key", Expiry: keys.Expiry{Days: set(int64(1))}}).Key.ID
	f.now = noon.Add(48 * time.Hour)
	first := f.revoke(id).RevokedAt
	f.now = noon.Add(72 * time.Hour)
	if again := f.revoke(id).RevokedAt; !first.Equal(noon.Add(48*time.Hour)) || !again.Equal(first) {
		t.Errorf("revoked at %s, then at %s", first, again)
	}
}

// Each operation is in the activity under its own name.
func TestEachOperationHasItsAction(t *testing.T) {
	want := map[string]audit.Action{
		"PATCH": audit.KeyUpdated, "disable": audit.KeyDisabled, "enable": audit.KeyEnabled,
		"regenerate": audit.KeyRegenerated, "DELETE": audit.KeyRevoked,
	}
	for operation, action := range want {
		f := newFixture(t)
		id := f.create(named("Key")).Key.ID
		if operation == "enable" {
			f.setActive(id, false)
		}
		store := &recording{Keys: f.store}
		f.Store = store
		if _, err := operations[operation](f, f.alice, id); err != nil || len(store.entries) != 1 || store.entries[0].Action != action {
			t.Errorf("%s: %+v, %v; want one entry of %s", operation, store.entries, err, action)
		}
	}
}
