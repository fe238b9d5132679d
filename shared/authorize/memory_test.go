package authorize_test

import (
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/authorize"
	"github.com/keyward/keyward/shared/org"
)

func admitting(credential string, organizations ...org.ID) authorize.Request {
	request := asking(credential)
	request.Organizations = organizations
	return request
}

// Hammering with a revoked key costs the store one request, for ever.
func TestARevokedKeyIsAskedForOnce(t *testing.T) {
	f := newFixture(t)
	_, secret := f.create(revoke)
	f.want(asking(secret.Reveal()), apikey.KeyRevoked, calls{Spends: 1})
	for _, later := range []time.Duration{0, time.Minute, 1000 * time.Hour} {
		f.now = noon.Add(later)
		f.want(asking(secret.Reveal()), apikey.KeyRevoked, calls{})
	}
}

// An API that does not admit the organization of a revoked key can't learn from this process's memory that it exists.
func TestARevokedKeyStaysUnknownToOtherOrganizations(t *testing.T) {
	f := newFixture(t)
	_, secret := f.create(revoke)
	f.want(admitting(secret.Reveal(), "org_acme"), apikey.KeyRevoked, calls{Spends: 1})
	f.want(admitting(secret.Reveal(), "org_acme", "org_other"), apikey.KeyRevoked, calls{})
	decision := f.want(admitting(secret.Reveal(), "org_other"), apikey.KeyUnknown, calls{})
	if decision.Record != nil {
		t.Errorf("the decision tells %+v", decision)
	}
	f.want(asking(secret.Reveal()), apikey.KeyRevoked, calls{})
}

// A guessed secret is asked for once a minute; another guess is another matter, and so is the right secret.
func TestAnUnknownSecretIsRememberedForAMinute(t *testing.T) {
	f := newFixture(t)
	key, secret := f.create()
	guess, another := apikey.NewSecret("vg", apikey.Production, key.ID), apikey.NewSecret("vg", apikey.Production, key.ID)
	nobody := apikey.NewSecret("vg", apikey.Production, "00000000")
	for _, wrong := range []apikey.Secret{guess, nobody} {
		f.want(asking(wrong.Reveal()), apikey.KeyUnknown, calls{Spends: 1})
		f.now = noon.Add(time.Minute - 1)
		f.want(asking(wrong.Reveal()), apikey.KeyUnknown, calls{})
		f.now = noon.Add(time.Minute)
		f.want(asking(wrong.Reveal()), apikey.KeyUnknown, calls{Spends: 1})
		f.want(asking(wrong.Reveal()), apikey.KeyUnknown, calls{})
		f.now = noon
	}
	f.want(asking(another.Reveal()), apikey.KeyUnknown, calls{Reads: 1})
	f.want(asking(secret.Reveal()), apikey.Allowed, calls{Reads: 1, Spends: 1})
}

// A key id is no secret. Whoever guesses at the secret of a known one must not use up the writes that its item takes.
func TestGuessesAtTheSecretOfAKeyCostItsItemOneWriteInTenSeconds(t *testing.T) {
	f := newFixture(t)
	key, secret := f.create()
	guess := func() authorize.Request { return asking(apikey.NewSecret("vg", apikey.Production, key.ID).Reveal()) }
	f.want(guess(), apikey.KeyUnknown, calls{Spends: 1})
	for range 20 {
		f.want(guess(), apikey.KeyUnknown, calls{Reads: 1})
	}
	f.want(asking(secret.Reveal()), apikey.Allowed, calls{Reads: 1, Spends: 1})
	f.now = noon.Add(10 * time.Second)
	f.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 1})
}

// Unknown here because its organization is not admitted is known elsewhere, at once.
func TestUnknownForItsOrganizationIsNotRemembered(t *testing.T) {
	f := newFixture(t)
	_, secret := f.create()
	for range 2 {
		f.want(admitting(secret.Reveal(), "org_other"), apikey.KeyUnknown, calls{Spends: 1})
	}
	f.want(admitting(secret.Reveal(), "org_acme"), apikey.Allowed, calls{Spends: 1})
	f.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 1})
}

// Whatever may turn into an allow is asked again each time: a limit raised, a key enabled holds at once.
func TestWhatMayEndIsNotRemembered(t *testing.T) {
	tests := map[string]struct {
		before, after func(*apikey.Key)
		want          apikey.Reason
	}{
		"rate_limited": {func(k *apikey.Key) { k.Limits.PerMinute = 1; k.Counts = k.Counts.Add(noon) },
			func(k *apikey.Key) { k.Limits.PerMinute = 2 }, apikey.RateLimited},
		"quota_exceeded": {func(k *apikey.Key) { k.Limits.PerDay = 1; k.Counts = k.Counts.Add(noon) },
			func(k *apikey.Key) { k.Limits.PerDay = 2 }, apikey.QuotaExceeded},
		"key_inactive": {func(k *apikey.Key) { k.Disabled = true }, func(k *apikey.Key) { k.Disabled = false }, apikey.KeyInactive},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			key, secret := f.create(test.before)
			f.want(asking(secret.Reveal()), test.want, calls{Spends: 1})
			f.want(asking(secret.Reveal()), test.want, calls{Spends: 1})
			f.change(key, test.after)
			f.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 1})
		})
	}
}

// A key that was just allowed is refused on the very next request after its revocation.
func TestAnAllowIsNeverRemembered(t *testing.T) {
	f := newFixture(t)
	key, secret := f.create()
	f.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 1})
	f.change(key, revoke)
	f.want(asking(secret.Reveal()), apikey.KeyRevoked, calls{Spends: 1})
	f.want(asking(secret.Reveal()), apikey.KeyRevoked, calls{})
}

// The right secret of a key that is guessed at is looked at by a read, which shows its rules too.
func TestTheRightSecretOfASuspectKeyHasItsRulesFromTheRead(t *testing.T) {
	b := newBooks(t)
	id, secret := b.enter(bulky, allowing("203.0.113.0/24"))
	b.want(asking(apikey.NewSecret("vg", apikey.Production, id).Reveal()), apikey.KeyUnknown, calls{Spends: 1})
	b.want(asking(secret.Reveal()), apikey.Allowed, calls{Reads: 1, Spends: 1})
	b.want(from(secret, "198.51.100.7"), apikey.IPDenied, calls{Reads: 1})
}
