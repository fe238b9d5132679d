package authorize_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/authorize"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

// One allowed request is one spend, and nothing else is asked of the store.
func TestAnAllowedRequestIsOneSpend(t *testing.T) {
	f := newFixture(t)
	key, secret := f.create()
	for n := int64(1); n <= 10; n++ {
		request := asking(secret.Reveal())
		request.Service, request.Method, request.Path = f.Catalog.Service("dns"), "GET", "/zones"
		decision := f.want(request, apikey.Allowed, calls{Spends: 1})
		want := []ratelimit.State{{Unit: ratelimit.Minute, Limit: 10, Remaining: 10 - n, Reset: time.Date(2026, 3, 10, 12, 1, 0, 0, time.UTC)}}
		if diff := cmp.Diff(want, decision.States()); diff != "" || decision.Record.ID != key.ID {
			t.Errorf("windows (-want +got)\n%s", diff)
		}
	}
	decision := f.want(asking(secret.Reveal()), apikey.RateLimited, calls{Spends: 1})
	if want := ratelimit.At(ratelimit.Minute, noon); decision.Full != want {
		t.Errorf("full is %v, want %v", decision.Full, want)
	}
	if record := f.record(key.ID); record.Total != 10 || !record.LastUsedAt.Equal(noon) || record.LastUsedIP != address {
		t.Errorf("after ten requests and a refusal: total %d, last used at %s from %s", record.Total, record.LastUsedAt, record.LastUsedIP)
	}
	f.now = noon.Add(30 * time.Second)
	f.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 1})
}

// What can be told from the credential alone never reaches the store.
func TestABadCredentialNeverReachesTheStore(t *testing.T) {
	f := newFixture(t)
	_, secret := f.create()
	_, staging := f.create(func(k *apikey.Key) { k.Environment = apikey.Staging })
	good := secret.Reveal()
	flipped := []byte(good)
	flipped[len(flipped)-1] = map[bool]byte{true: '1', false: '0'}[flipped[len(flipped)-1] == '0']
	tests := map[string]struct {
		credential string
		want       apikey.Reason
	}{
		"none":                       {"", apikey.CredentialMissing},
		"a word":                     {"hunter2", apikey.CredentialMalformed},
		"cut short":                  {good[:len(good)-1], apikey.CredentialMalformed},
		"a space inside":             {good[:20] + " " + good[20:], apikey.CredentialMalformed},
		"a wrong checksum":           {string(flipped), apikey.CredentialMalformed},
		"another brand":              {"sk" + good[2:], apikey.CredentialMalformed},
		"its mask":                   {secret.Mask(), apikey.CredentialMalformed},
		"a session token":            {"eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl", apikey.CredentialMalformed},
		"a key of another":           {staging.Reveal(), apikey.WrongEnvironment},
		"an unknown key of another":  {apikey.NewSecret("vg", apikey.Test, "00000000").Reveal(), apikey.WrongEnvironment},
		"very long":                  {strings.Repeat(good, 1000), apikey.CredentialMalformed},
		"a production tag re-tagged": {strings.Replace(staging.Reveal(), "vg_stg_", "vg_live_", 1), apikey.CredentialMalformed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := *f
			f.T = t
			for _, decide := range []decider{f.Authorize, f.Check} {
				decision := f.wantOf(decide, asking(test.credential), test.want, calls{})
				if decision.Record != nil || decision.States() != nil {
					t.Errorf("the decision tells %+v", decision)
				}
			}
		})
	}
}

// The reason is the first that applies. Whoever has not shown the secret of a key of an admitted organization learns
// nothing, not even that the key exists.
func TestARefusalSaysWhyToWhoHoldsTheSecret(t *testing.T) {
	past := noon.Add(-time.Hour)
	other := func(r *authorize.Request) { r.Organizations = []org.ID{"org_other"} }
	post := func(f *fixture, r *authorize.Request) {
		r.Service, r.Method, r.Path = f.Catalog.Service("dns"), "POST", "/zones"
	}
	tests := map[string]struct {
		edit  func(*apikey.Key)
		ask   func(*fixture, *authorize.Request)
		want  apikey.Reason
		spent bool
	}{
		"revoked":                       {revoke, nil, apikey.KeyRevoked, false},
		"expired":                       {func(k *apikey.Key) { k.ExpiresAt = noon }, nil, apikey.KeyExpired, false},
		"disabled":                      {func(k *apikey.Key) { k.Disabled = true }, nil, apikey.KeyInactive, false},
		"revoked, elsewhere":            {revoke, func(_ *fixture, r *authorize.Request) { other(r) }, apikey.KeyUnknown, false},
		"another organization's":        {func(*apikey.Key) {}, func(_ *fixture, r *authorize.Request) { other(r) }, apikey.KeyUnknown, false},
		"an organization of several":    {func(*apikey.Key) {}, func(_ *fixture, r *authorize.Request) { r.Organizations = []org.ID{"org_other", "org_acme"} }, apikey.Allowed, true},
		"no organization at all":        {func(*apikey.Key) {}, func(_ *fixture, r *authorize.Request) { r.Organizations = []org.ID{} }, apikey.KeyUnknown, false},
		"another secret":                {func(k *apikey.Key) { k.Digest = "k1.theirs" }, nil, apikey.KeyUnknown, false},
		"another secret, revoked":       {func(k *apikey.Key) { k.Digest, k.RevokedAt = "k1.theirs", past }, nil, apikey.KeyUnknown, false},
		"a quota of one, used":          {func(k *apikey.Key) { k.Limits.PerDay = 1; k.Counts = k.Counts.Add(past) }, nil, apikey.QuotaExceeded, false},
		"a permission that it lacks":    {func(*apikey.Key) {}, post, apikey.PermissionDenied, true},
		"a permission lacked, disabled": {func(k *apikey.Key) { k.Disabled = true }, post, apikey.KeyInactive, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			key, secret := f.create(test.edit)
			request := asking(secret.Reveal())
			if test.ask != nil {
				test.ask(f, &request)
			}
			decision := f.want(request, test.want, calls{Spends: 1})
			if test.want == apikey.KeyUnknown && (decision.Record != nil || decision.States() != nil) {
				t.Errorf("the decision tells %+v", decision)
			}
			if spent := !f.record(key.ID).LastUsedAt.IsZero(); spent != test.spent {
				t.Errorf("counted = %t, want %t", spent, test.spent)
			}
		})
	}
}

// A refusal that its record does not explain is asked again, three times in all; then nobody could tell.
func TestAnUnexplainedRefusalIsRetriedAndThenUnavailable(t *testing.T) {
	for unexplained, want := range map[int]apikey.Reason{1: apikey.Allowed, 2: apikey.Allowed} {
		f := newFixture(t)
		_, secret := f.create()
		f.store.unexplained = unexplained
		f.want(asking(secret.Reveal()), want, calls{Spends: unexplained + 1})
	}
	f := newFixture(t)
	key, secret := f.create()
	f.store.unexplained = 1000
	decision, err := f.Authorize(t.Context(), asking(secret.Reveal()))
	if !errors.Is(err, fault.Unavailable) || decision.Allowed() || f.store.Spends != 3 {
		t.Errorf("decision = %+v, %v after %d spends; want unavailable after 3", decision, err, f.store.Spends)
	}
	if total := f.record(key.ID).Total; total != 0 {
		t.Errorf("%d requests were counted, want none", total)
	}
}

// A store that fails is never an allow, and nothing is remembered of it.
func TestAStoreThatFailsIsUnavailable(t *testing.T) {
	f := newFixture(t)
	_, secret := f.create()
	for name, decide := range map[string]decider{"Authorize": f.Authorize, "Check": f.Check} {
		for _, cause := range []error{errors.New("disk on fire"), context.DeadlineExceeded, fault.Outage("spending", errors.New("throttled"))} {
			f.store.err = cause
			decision, err := decide(t.Context(), asking(secret.Reveal()))
			if !errors.Is(err, fault.Unavailable) || !errors.Is(err, cause) || decision.Allowed() || decision.Reason != "" {
				t.Errorf("%s: decision = %+v, %v", name, decision, err)
			}
			if strings.Contains(fault.From(err).Detail, "disk") || strings.Contains(err.Error(), secret.Reveal()) {
				t.Errorf("%s: the caller reads %q, the log %q", name, fault.From(err).Detail, err)
			}
		}
	}
	f.store.err = nil
	f.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 1})
}

// A process that has no peppers can't tell, and asks the store nothing.
func TestWithoutPeppersNothingIsAllowed(t *testing.T) {
	f := newFixture(t)
	_, secret := f.create()
	f.setRing(`{"current":"k9"}`)
	f.Keyring = f.keyring()
	for _, decide := range []decider{f.Authorize, f.Check} {
		f.store.calls = calls{}
		decision, err := decide(t.Context(), asking(secret.Reveal()))
		if !errors.Is(err, fault.Unavailable) || decision.Allowed() || f.store.calls != (calls{}) {
			t.Errorf("decision = %+v, %v after %+v", decision, err, f.store.calls)
		}
	}
}
