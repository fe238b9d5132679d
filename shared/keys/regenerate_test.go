package keys_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keys"
)

func (f *fixture) regenerate(id apikey.ID, how keys.Regeneration) keys.Regenerated {
	f.Helper()
	made, err := f.Regenerate(f.Context(), f.alice, id, how, nil)
	f.must(err)
	return made
}

// works reports whether a secret opens its key at the fixture's time.
func (f *fixture) works(key *apikey.Key, secret apikey.Secret) bool {
	f.Helper()
	ring, err := f.Keyring.Ring(f.Context())
	f.must(err)
	outcome, err := f.store.Spend(f.Context(), apikey.Spend{
		ID: key.ID, Digests: ring.Digests(secret), Environment: key.Environment, At: f.now, Rules: f.get(key.ID).RulesID,
	})
	f.must(err)
	return outcome.Spent
}

// A new secret leaves the key what it is, and the old one is dead at once.
func TestARegeneratedKeyIsTheSameKeyWithAnotherSecret(t *testing.T) {
	for name, format := range map[string]apikey.Format{"opaque": apikey.Opaque, "jwt": apikey.JWT} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			first := f.create(keys.Draft{Name: "k", Format: format, Roles: set([]string{"dns_manager"}), IPAllow: from("10.0.0.0/8"), Locked: true})
			before := f.get(first.Key.ID)
			f.now = noon.Add(time.Hour)
			made := f.regenerate(first.Key.ID, keys.Regeneration{})
			if f.works(before, first.Secret) || !f.works(before, made.Secret) {
				t.Error("the old secret works, or the new one does not")
			}
			if made.Secret.Reveal() == first.Secret.Reveal() || made.Key.Mask != made.Secret.Mask() || !made.PreviousUntil.IsZero() {
				t.Errorf("made %+v", made)
			}
			want := before.Clone()
			want.Digest, want.Mask, want.UpdatedAt = made.Key.Digest, made.Key.Mask, f.now
			want.Record.Version, want.Revision = made.Key.Record.Version, made.Key.Revision
			f.wantKey(made.Key, want)
			if made.Key.Version() <= before.Version() || made.Key.Digest == before.Digest {
				t.Errorf("version %d after %d", made.Key.Version(), before.Version())
			}
		})
	}
}

func TestAGraceLetsTheOldSecretGoOnForAWhile(t *testing.T) {
	f := newFixture(t)
	first := f.create(named("k"))
	second := f.regenerate(first.Key.ID, keys.Regeneration{GraceSeconds: 3600})
	if !second.PreviousUntil.Equal(noon.Add(time.Hour)) {
		t.Errorf("until %s", second.PreviousUntil)
	}
	f.now = noon.Add(time.Hour - time.Second)
	if !f.works(first.Key, first.Secret) || !f.works(first.Key, second.Secret) {
		t.Error("within the grace both work")
	}
	f.now = noon.Add(time.Hour)
	if f.works(first.Key, first.Secret) || !f.works(first.Key, second.Secret) {
		t.Error("after it the old one is dead")
	}
}

// There are never three secrets: a second regeneration within a grace kills the oldest. One without grace, and one because of
// a leak, leave a single one.
func TestASecondRegenerationKillsTheOldestSecret(t *testing.T) {
	tests := map[string]struct {
		how        keys.Regeneration
		secondGoes bool // on
	}{
		"with grace":    {keys.Regeneration{GraceSeconds: 60}, true},
		"without grace": {keys.Regeneration{}, false},
		"compromised":   {keys.Regeneration{Compromised: true}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			first := f.create(named("k"))
			second := f.regenerate(first.Key.ID, keys.Regeneration{GraceSeconds: 3600})
			third := f.regenerate(first.Key.ID, test.how)
			got := []bool{f.works(first.Key, first.Secret), f.works(first.Key, second.Secret), f.works(first.Key, third.Secret)}
			if got[0] || got[1] != test.secondGoes || !got[2] || third.PreviousUntil.IsZero() == test.secondGoes {
				t.Errorf("they work: %v, the one before until %s", got, third.PreviousUntil)
			}
		})
	}
}

func TestAGraceNeverOutlivesTheKey(t *testing.T) {
	f := newFixture(t)
	first := f.create(keys.Draft{Name: "k", Expiry: keys.Expiry{Days: set(int64(2))}})
	made := f.regenerate(first.Key.ID, keys.Regeneration{GraceSeconds: int64(keys.MaxGrace / time.Second)})
	if want := noon.Add(48 * time.Hour); !made.PreviousUntil.Equal(want) || !made.Key.ExpiresAt.Equal(want) {
		t.Errorf("until %s, the key until %s", made.PreviousUntil, made.Key.ExpiresAt)
	}
	f.update(first.Key.ID, keys.Patch{Expiry: keys.Expiry{Days: set(int64(30))}})
	f.now = noon.Add(48 * time.Hour)
	if f.works(first.Key, first.Secret) || !f.works(first.Key, made.Secret) {
		t.Error("the old secret has a longer life with its key's")
	}
}

func TestABadGraceIsRefused(t *testing.T) {
	f := newFixture(t)
	first := f.create(named("k"))
	const rule = "grace_period_seconds must be a whole number from 0 to 604800, which is seven days, not "
	for how, detail := range map[keys.Regeneration]string{
		{GraceSeconds: 604_801}:                rule + "604801.",
		{GraceSeconds: -1}:                     rule + "-1.",
		{GraceSeconds: 1 << 62}:                rule + "4611686018427387904.",
		{GraceSeconds: 1, Compromised: true}:   "grace_period_seconds must be 0 where the secret is compromised: it dies at once.",
		{GraceSeconds: -1, Compromised: true}:  rule + "-1.",
		{GraceSeconds: 1e9, Compromised: true}: rule + "1000000000.",
	} {
		_, err := f.Regenerate(t.Context(), f.alice, first.Key.ID, how, nil)
		f.wantFault(err, fault.InvalidFieldValue, "grace_period_seconds", detail)
	}
	f.regenerate(first.Key.ID, keys.Regeneration{GraceSeconds: 604_800})
}

func TestARegenerationWithAVersionNeedsThatVersion(t *testing.T) {
	f := newFixture(t)
	first := f.create(named("k"))
	version := first.Key.Version()
	f.update(first.Key.ID, keys.Patch{Description: set("x")})
	made, err := f.Regenerate(t.Context(), f.alice, first.Key.ID, keys.Regeneration{}, &version)
	f.wantFault(err, fault.VersionMismatch)
	if made.Secret.Reveal() != "" || !f.works(first.Key, first.Secret) {
		t.Errorf("made %+v", made)
	}
}

// A disabled key stays disabled: a new secret is no way around it.
func TestARegeneratedKeyStaysInactive(t *testing.T) {
	f := newFixture(t)
	first := f.create(named("k"))
	f.setActive(first.Key.ID, false)
	made := f.regenerate(first.Key.ID, keys.Regeneration{GraceSeconds: 60})
	if !made.Key.Disabled || f.works(first.Key, made.Secret) || f.works(first.Key, first.Secret) {
		t.Errorf("the key is %+v", made.Key.Record)
	}
}

// The new secret shows nowhere but in the answer, and where somebody came between, no secret of an attempt that failed does.
func TestARegenerationTellsItsSecretNowhereElse(t *testing.T) {
	f := newFixture(t)
	first := f.create(named("k"))
	store := &recording{Keys: f.store}
	f.Store = &meddling{store, func() { f.update(first.Key.ID, keys.Patch{Active: set(false)}) }}
	made := f.regenerate(first.Key.ID, keys.Regeneration{GraceSeconds: 60})
	if made.Key.Mask != made.Secret.Mask() || !made.Key.Disabled {
		t.Errorf("made %+v", made)
	}
	entry := store.entries[len(store.entries)-1]
	if entry.Before["key_prefix"] != first.Key.Mask || entry.After["key_prefix"] != made.Key.Mask || len(entry.After) != 2 ||
		entry.After["previous_secret_expires_at"] != "2026-03-10T12:01:30Z" {
		t.Errorf("the entry is %+v", entry)
	}
	wantNothingOf(t, keys.Created{Key: made.Key, Secret: made.Secret}, strings.ReplaceAll(sprint(store.entries), first.Key.ID.String(), ""))
}

// A JWT says itself when it ends. The key may end before, but not after it; a token without an end is no bound.
func TestATokensOwnExpiryCanNotBePatchedAway(t *testing.T) {
	f := newFixture(t)
	days := func(n int64) keys.Patch { return keys.Patch{Expiry: keys.Expiry{Days: set(n)}} }
	key := f.create(keys.Draft{Name: "k", Format: apikey.JWT, Expiry: keys.Expiry{Days: set(int64(10))}}).Key
	if !key.SecretUntil.Equal(key.ExpiresAt) || !strings.HasPrefix(key.Mask, "jwt_"+string(key.ID)+"...") {
		t.Errorf("the key is %+v", key.Details)
	}
	f.update(key.ID, days(5))
	f.update(key.ID, days(10))
	for _, patch := range []keys.Patch{days(11), {Expiry: keys.Expiry{At: null[string]()}}} {
		_, err := f.Update(t.Context(), f.alice, key.ID, patch, nil)
		f.wantFault(err, fault.SecretExpiryFixed, "expires_at",
			"The key's token itself ends at 2026-03-20T12:00:30Z, and no edit changes a secret. Give an earlier time, or regenerate the key with this expiry instead.")
	}
	f.update(key.ID, days(5))
	if made := f.regenerate(key.ID, keys.Regeneration{}); !made.Key.SecretUntil.Equal(noon.Add(5 * 24 * time.Hour)) {
		t.Errorf("the new token ends at %s", made.Key.SecretUntil)
	}
	made := f.regenerate(key.ID, keys.Regeneration{GraceSeconds: 6 * 86400, Expiry: keys.Expiry{Days: set(int64(30))}})
	if want := noon.Add(30 * 24 * time.Hour); !made.Key.SecretUntil.Equal(want) || !made.Key.ExpiresAt.Equal(want) {
		t.Errorf("regenerated for 30 days, the token ends at %s and the key at %s", made.Key.SecretUntil, made.Key.ExpiresAt)
	}
	if want := noon.Add(5 * 24 * time.Hour); !made.PreviousUntil.Equal(want) {
		t.Errorf("the token before goes on until %s, want %s, when the key would have expired", made.PreviousUntil, want)
	}
	endless := f.create(keys.Draft{Name: "endless", Format: apikey.JWT, Expiry: keys.Expiry{At: null[string]()}}).Key
	f.update(endless.ID, days(5))
	f.update(endless.ID, days(500))
}

// A new secret may come with another expiry, by the rules for every expiry; not where the key can't be edited.
func TestARegenerationMayProlongAKeyThatCanBeEdited(t *testing.T) {
	f := newFixture(t)
	year := keys.Regeneration{Expiry: keys.Expiry{Period: set("one_year")}}
	key := f.create(keys.Draft{Name: "k", Expiry: keys.Expiry{Days: set(int64(10))}}).Key
	if made := f.regenerate(key.ID, year); !made.Key.ExpiresAt.Equal(noon.AddDate(1, 0, 0)) {
		t.Errorf("the key expires at %s", made.Key.ExpiresAt)
	}
	_, err := f.Regenerate(t.Context(), f.alice, key.ID, keys.Regeneration{Expiry: keys.Expiry{Period: set("soon")}}, nil)
	f.wantFault(err, fault.InvalidFieldValue, "expires_in",
		`expires_in must be one of 30_days, 60_days, 90_days, six_months, one_year, never, not "soon".`)
	locked := f.create(keys.Draft{Name: "locked", Locked: true}).Key
	_, err = f.Regenerate(t.Context(), f.alice, locked.ID, year, nil)
	f.wantFault(err, fault.KeyLocked, "", "The key is locked: it can't be edited. It can be disabled, enabled, regenerated and revoked.")
}

func TestAFormatIsAskedForOrTheCatalogs(t *testing.T) {
	f := newFixture(t)
	_, err := f.Create(t.Context(), f.alice, keys.Draft{Name: "k", Format: "paseto"}, nil)
	f.wantFault(err, fault.InvalidFieldValue, "format", `format must be opaque or jwt, not "paseto".`)
	f.Catalog.DefaultFormat = apikey.JWT
	if key := f.create(named("default")).Key; key.Format != apikey.JWT {
		t.Errorf("the format is %s", key.Format)
	}
	if key := f.create(keys.Draft{Name: "opaque", Format: apikey.Opaque}).Key; key.Format != apikey.Opaque || !key.SecretUntil.IsZero() {
		t.Errorf("the format is %s", key.Format)
	}
	f.Tokens = nil
	_, err = f.Create(t.Context(), f.alice, named("unsigned"), nil)
	if known, ok := errors.AsType[*fault.Error](err); err == nil || ok {
		t.Errorf("with nothing to sign it: %v; want an internal error", known)
	}
}

// A JWT is replayed as the opaque form is, and a new secret ends what the create left.
func TestAReplayGivesATokenAgain(t *testing.T) {
	f := newFixture(t)
	draft := keys.Draft{Name: "Key", Format: apikey.JWT}
	first := f.createOnce(draft, once("{}"))
	if again := f.createOnce(draft, once("{}")); !again.Replayed || again.Secret.Reveal() != first.Secret.Reveal() || again.Secret.Mask() != first.Key.Mask {
		t.Errorf("again = %+v", again)
	}
	f.regenerate(first.Key.ID, keys.Regeneration{GraceSeconds: 3600})
	_, err := f.Create(t.Context(), f.alice, draft, once("{}"))
	f.wantFault(err, fault.IdempotencyConflict)
}
