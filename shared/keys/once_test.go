package keys_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
)

// once is a create under an Idempotency-Key, whose body is what the draft stands for.
func once(body string) *keys.Once {
	return &keys.Once{Key: "3f1c2a90-8d1e-4f7a", Body: []byte(body)}
}

func (f *fixture) createOnce(draft keys.Draft, once *keys.Once) keys.Created {
	f.Helper()
	created, err := f.Create(f.Context(), f.alice, draft, once)
	f.must(err)
	return created
}

// A create that is sent again makes nothing, and gives the same secret and the key as it is now.
func TestACreateSentAgainGivesTheSameSecret(t *testing.T) {
	f := newFixture(t)
	first := f.createOnce(named("Key"), once("{}"))
	f.now = noon.Add(24*time.Hour - time.Second)
	now := f.update(first.Key.ID, keys.Patch{Name: set("Renamed"), Active: set(false)})
	again := f.createOnce(named("Key"), once("{}"))
	if first.Replayed || !again.Replayed || again.Secret.Reveal() != first.Secret.Reveal() {
		t.Errorf("first: replayed %t, %s; again: replayed %t, %s", first.Replayed, first.Secret, again.Replayed, again.Secret)
	}
	f.wantKey(again.Key, now)
	if listing, err := f.List(t.Context(), f.alice, keys.Query{Limit: 10}); err != nil || listing.Total != 1 {
		t.Errorf("there are %d keys, %v; want 1", listing.Total, err)
	}
}

func TestACreateAnewIsAnotherKey(t *testing.T) {
	tests := map[string]func(*fixture) keys.Created{
		"without a key": func(f *fixture) keys.Created { return f.create(named("Other")) },
		"under another": func(f *fixture) keys.Created {
			return f.createOnce(named("Other"), &keys.Once{Key: "3f1c2a90-8d1e-4f7b", Body: []byte("{}")})
		},
		"by another caller": func(f *fixture) keys.Created {
			f.alice = f.member("bob", org.MemberActive, "admin")
			return f.createOnce(named("Other"), once("{}"))
		},
		"in another organization": func(f *fixture) keys.Created {
			f.alice = f.stranger
			return f.createOnce(named("Other"), once("{}"))
		},
		"24 hours later": func(f *fixture) keys.Created {
			f.now = noon.Add(24 * time.Hour)
			return f.createOnce(named("Other"), once("another body"))
		},
	}
	for name, create := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			first := f.createOnce(named("Key"), once("{}"))
			if other := create(f); other.Replayed || other.Key.ID == first.Key.ID || other.Secret.Reveal() == first.Secret.Reveal() {
				t.Errorf("it gave %+v again", other)
			}
		})
	}
}

// A secret that is no longer the key's is never shown again.
func TestAReplayGivesNoSecretThatIsOver(t *testing.T) {
	replace := func(f *fixture, key *apikey.Key) {
		before := f.get(key.ID)
		after := before.Clone()
		ring, err := f.Keyring.Ring(f.Context())
		f.must(err)
		after.Digest = ring.Current(apikey.NewSecret("vg", key.Environment, key.ID))
		_, err = f.store.Change(f.Context(), apikey.Change{Before: before, After: after})
		f.must(err)
	}
	tests := map[string]struct {
		draft keys.Draft
		end   func(*fixture, *apikey.Key)
	}{
		"revoked":                 {named("Key"), func(f *fixture, k *apikey.Key) { f.revoke(k.ID) }},
		"expired after some days": {keys.Draft{Name: "Key", Expiry: keys.Expiry{At: set("2026-03-10T13:00:00Z")}}, func(f *fixture, _ *apikey.Key) { f.now = noon.Add(time.Hour) }},
		"deleted": {named("Key"), func(f *fixture, k *apikey.Key) {
			f.revoke(k.ID)
			_, err := f.store.Delete(f.Context(), apikey.DueKey{Organization: k.Organization, ID: k.ID}, noon.Add(time.Hour))
			f.must(err)
		}},
		"with a new secret": {named("Key"), replace},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			first := f.createOnce(test.draft, once("{}"))
			test.end(f, first.Key)
			if name == "deleted" { // with its record goes the memory of its create
				if again := f.createOnce(test.draft, once("{}")); again.Replayed || again.Key.ID == first.Key.ID {
					t.Errorf("again = %+v", again)
				}
				return
			}
			again, err := f.Create(t.Context(), f.alice, test.draft, once("{}"))
			f.wantFault(err, fault.IdempotencyConflict, "", "The key "+first.Key.ID.String()+" was created under this Idempotency-Key, "+
				"but its secret is no longer valid and can't be shown again. Use a new Idempotency-Key.")
			if again.Key != nil || again.Secret.Reveal() != "" {
				t.Errorf("it gave %+v", again)
			}
		})
	}
}

func TestAnotherBodyUnderTheSameKeyIsAConflict(t *testing.T) {
	f := newFixture(t)
	f.createOnce(named("Key"), once(`{"name":"Key"}`))
	for _, body := range []string{`{"name":"Other"}`, `{"name": "Key"}`, ""} {
		again, err := f.Create(t.Context(), f.alice, named("Other"), once(body))
		f.wantFault(err, fault.IdempotencyConflict, "", "This Idempotency-Key was used for a create with another body. Use a new one.")
		if again.Key != nil || again.Secret.Reveal() != "" {
			t.Errorf("it gave %+v", again)
		}
	}
}

// Of creates that race under one Idempotency-Key one makes the key; the others give the same secret or a conflict.
func TestRacingCreatesUnderOneKeyMakeOneKey(t *testing.T) {
	f := newFixture(t)
	secrets, racing := sync.Map{}, sync.WaitGroup{}
	for range 16 {
		racing.Go(func() {
			created, err := f.Create(t.Context(), f.alice, named("Key"), once("{}"))
			if err != nil {
				f.wantFault(err, fault.IdempotencyConflict)
				return
			}
			secrets.Store(created.Secret.Reveal(), created.Replayed)
		})
	}
	racing.Wait()
	count := 0
	secrets.Range(func(any, any) bool { count++; return true })
	if listing, err := f.List(t.Context(), f.alice, keys.Query{Limit: 10}); err != nil || listing.Total != 1 || count != 1 {
		t.Errorf("%d keys with %d secrets, %v; want one of one", listing.Total, count, err)
	}
}

// running is a store in which the first call has claimed its Idempotency-Key, and cannot be seen yet.
type running struct{ apikey.Keys }

func (running) Create(context.Context, apikey.Creation) error { return apikey.ErrIdempotencyUsed }

func (running) Idempotent(context.Context, apikey.IdempotencyID) (*apikey.Idempotency, error) {
	return nil, nil
}

func TestACreateThatIsStillRunningIsAConflict(t *testing.T) {
	f := newFixture(t)
	f.Store = running{f.store}
	_, err := f.Create(t.Context(), f.alice, named("Key"), once("{}"))
	f.wantFault(err, fault.IdempotencyConflict, "", "The first request under this Idempotency-Key is still running. Repeat it in a moment.")
}

// A create is found again, and its secret opened, after the peppers have changed.
func TestAReplayOutlivesAChangeOfPeppers(t *testing.T) {
	const old = "a pepper of at least thirty-two characters"
	ring := func(text string) *keyring.Keyring {
		return keyring.New(fixed(text), func(err error) { t.Error(err) })
	}
	f := newFixture(t)
	f.Keyring = ring(`{"current":"k1","k1":"` + old + `"}`)
	first := f.createOnce(named("Key"), once("{}"))
	f.Keyring = ring(`{"current":"k2","k1":"` + old + `","k2":"another pepper of thirty-two characters"}`)
	if again := f.createOnce(named("Key"), once("{}")); !again.Replayed || again.Secret.Reveal() != first.Secret.Reveal() {
		t.Errorf("again = %+v", again)
	}
}

type fixed string

func (f fixed) Load(context.Context) ([]byte, error) { return []byte(f), nil }

// kept is a store that shows what a create is kept as.
type kept struct {
	apikey.Keys
	creation apikey.Creation
}

func (k *kept) Create(ctx context.Context, creation apikey.Creation) error {
	k.creation = creation
	return k.Keys.Create(ctx, creation)
}

// Neither the secret, nor the Idempotency-Key, nor the body is kept in a form that can be read.
func TestWhatIsKeptOfACreateTellsNothing(t *testing.T) {
	f := newFixture(t)
	store := &kept{Keys: f.store}
	f.Store = store
	const body = `{"name":"Key","description":"a body"}`
	created := f.createOnce(named("Key"), once(body))
	memory := store.creation.Idempotency
	all := strings.Join([]string{string(memory.ID), string(memory.Body), string(memory.Sealed), string(memory.Digest), string(memory.Org)}, "|")
	for _, hidden := range []string{created.Secret.Reveal(), created.Secret.Reveal()[16:], once("").Key, body, "a body"} {
		if strings.Contains(all, hidden) {
			t.Errorf("%q is kept in %q", hidden, all)
		}
	}
	if memory.Key != created.Key.ID || memory.Digest != created.Key.Digest || store.creation.Key.Idempotency != memory.ID {
		t.Errorf("what is kept is %+v of %+v", memory, store.creation.Key)
	}
}
