package authorize_test

import (
	"errors"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
)

// A refused spend is a write of the key's item, of which it takes 1,000 a second. Whoever stole a secret, and can't use it
// from where they are, must not use up the writes that its owner needs.
func TestADeniedAddressCostsNoWriteOnceTheRulesAreKnown(t *testing.T) {
	for name, edits := range map[string][]func(*apikey.Record){
		"an allow list": {allowing("203.0.113.0/24")},
		"a deny list":   {denying("198.51.100.0/24")},
		"kept apart":    {allowing("203.0.113.0/24"), bulky},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBooks(t)
			_, secret := b.enter(edits...)
			b.wantReason(b.Authorize, asking(secret.Reveal()), apikey.Allowed)
			for range 20 {
				b.want(from(secret, "198.51.100.7"), apikey.IPDenied, calls{Reads: 1})
			}
			b.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 1})
		})
	}
}

// What is read instead of a spend is decided about in the order of the contract, and as it is now.
func TestADeniedAddressIsToldTheReasonThatComesFirst(t *testing.T) {
	for name, test := range map[string]struct {
		edit func(*apikey.Record)
		want apikey.Reason
	}{
		"another secret":          {func(r *apikey.Record) { r.Digest = "k1.theirs" }, apikey.KeyUnknown},
		"another secret, revoked": {func(r *apikey.Record) { r.Digest, r.RevokedAt = "k1.theirs", noon }, apikey.KeyUnknown},
		"revoked, and expired":    {func(r *apikey.Record) { r.RevokedAt, r.ExpiresAt = noon, noon }, apikey.KeyRevoked},
		"expired, and disabled":   {func(r *apikey.Record) { r.ExpiresAt, r.Disabled = noon, true }, apikey.KeyExpired},
		"disabled":                {func(r *apikey.Record) { r.Disabled = true }, apikey.KeyInactive},
		"out of requests":         {func(r *apikey.Record) { r.Limits.PerMinute = 1; r.Counts = r.Counts.Add(noon) }, apikey.IPDenied},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBooks(t)
			id, secret := b.enter(allowing("203.0.113.0/24"))
			b.wantReason(b.Authorize, from(secret, "198.51.100.7"), apikey.IPDenied)
			b.edit(id, test.edit)
			decision := b.want(from(secret, "198.51.100.7"), test.want, calls{Reads: 1})
			if told := decision.Record != nil; told != (test.want != apikey.KeyUnknown) {
				t.Errorf("the decision tells %+v", decision.Record)
			}
		})
	}
}

// A denied address is told nothing of a key of an organization that the API does not admit, and a revoked key that it
// hammers with is asked for once.
func TestADeniedAddressLearnsNoMoreThanAnyOther(t *testing.T) {
	b := newBooks(t)
	id, secret := b.enter(allowing("203.0.113.0/24"))
	denied := from(secret, "198.51.100.7")
	b.wantReason(b.Authorize, denied, apikey.IPDenied)
	elsewhere := admitting(secret.Reveal(), "org_other")
	elsewhere.Address = denied.Address
	if decision := b.want(elsewhere, apikey.KeyUnknown, calls{Reads: 1}); decision.Record != nil {
		t.Errorf("the decision tells %+v", decision)
	}
	b.want(from(apikey.NewSecret("vg", apikey.Production, id), "198.51.100.7"), apikey.KeyUnknown, calls{Reads: 1})
	b.edit(id, func(r *apikey.Record) { r.RevokedAt = noon })
	b.want(denied, apikey.KeyRevoked, calls{Reads: 1})
	b.want(denied, apikey.KeyRevoked, calls{})
}

// Rules that have moved are those that count: an address which they admit spends, and is remembered under them.
func TestAnAddressThatWasDeniedIsAdmittedOnTheVeryNextRequest(t *testing.T) {
	for name, edit := range map[string]func(*apikey.Record){"in the record": func(*apikey.Record) {}, "apart": bulky} {
		t.Run(name, func(t *testing.T) {
			b := newBooks(t)
			id, secret := b.enter(edit, allowing("203.0.113.0/24"))
			denied := from(secret, "198.51.100.7")
			b.wantReason(b.Authorize, denied, apikey.IPDenied)
			b.edit(id, allowing("203.0.113.0/24", "198.51.100.0/24"))
			b.want(denied, apikey.Allowed, calls{Reads: 1, Spends: 1})
			b.want(denied, apikey.Allowed, calls{Spends: 1})
			b.edit(id, allowing("203.0.113.0/24"))
			b.wantReason(b.Authorize, denied, apikey.IPDenied)
			b.edit(id, allowing())
			b.want(denied, apikey.Allowed, calls{Reads: 1, Spends: 1})
			b.want(denied, apikey.Allowed, calls{Spends: 1})
		})
	}
}

// Rules that moved from one that denies the address to another that does cost no write either.
func TestAnAddressThatIsDeniedUnderNewRulesTooCostsNoWrite(t *testing.T) {
	b := newBooks(t)
	id, secret := b.enter(allowing("203.0.113.0/24"))
	b.wantReason(b.Authorize, from(secret, "198.51.100.7"), apikey.IPDenied)
	b.edit(id, denying("198.51.100.0/24"), allowing())
	b.want(from(secret, "198.51.100.7"), apikey.IPDenied, calls{Reads: 1})
	b.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 1})
}

// A record that can't be read before its key spends is unavailable, and nothing is spent.
func TestADeniedAddressWhoseRecordCannotBeReadIsUnavailable(t *testing.T) {
	b := newBooks(t)
	id, secret := b.enter(allowing("203.0.113.0/24"))
	b.wantReason(b.Authorize, from(secret, "198.51.100.7"), apikey.IPDenied)
	b.store.err, b.store.calls = errReadOnly, calls{}
	decision, err := b.Authorize(t.Context(), from(secret, "198.51.100.7"))
	if !errors.Is(err, fault.Unavailable) || decision.Reason != "" || b.store.Spends != 0 {
		t.Errorf("decision %+v, %v after %d spends", decision, err, b.store.Spends)
	}
	if record := b.records[id]; record.Total != 0 || !record.LastUsedAt.IsZero() {
		t.Errorf("it is a use: %+v", record)
	}
}
