package keys_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

func TestANameAloneMakesAKeyThatWorks(t *testing.T) {
	f := newFixture(t)
	f.now = noon.Add(999 * time.Millisecond)
	created := f.create(named("  Production Server "))
	key := created.Key
	want := &apikey.Key{
		Record: apikey.Record{
			ID: key.ID, Organization: "org_acme", Owner: "alice", Environment: apikey.Production, Digest: key.Digest, Roles: []string{"admin"},
			Tier: "basic", TierInherited: true, Limits: ratelimit.Limits{PerMinute: 100}, Version: 1,
			ExpiresAt: time.Date(2026, 9, 10, 12, 0, 30, 0, time.UTC),
		},
		Details: apikey.Details{
			Name: "Production Server", Mask: created.Secret.Mask(), Format: apikey.Opaque, CreatedAt: noon, UpdatedAt: noon, CreatedBy: "member:alice",
		},
	}
	f.wantKey(key, want)
	f.wantKey(f.get(key.ID), want)
	if created.Replayed || len(created.Warnings) != 0 {
		t.Errorf("replayed %t, warnings %q; want neither", created.Replayed, created.Warnings)
	}
	credential, err := apikey.Parse("vg", created.Secret.Reveal())
	ring, ringErr := f.Keyring.Ring(t.Context())
	if err != nil || ringErr != nil || credential.ID != key.ID || credential.Environment != apikey.Production || key.Digest != ring.Current(created.Secret) {
		t.Errorf("the secret is %v, %v; digest %s", credential, err, key.Digest)
	}
}

func TestACreateTakesWhatItIsGiven(t *testing.T) {
	f := newFixture(t)
	created := f.create(keys.Draft{
		Name: "Cafe\u0301", Description: "line one\nline two", Metadata: map[string]string{"team": "core"}, Environment: apikey.Staging,
		Tier: "free", RateLimit: new(int64(1000)), Expiry: keys.Expiry{Period: set("never")},
	})
	key := created.Key
	got := []any{key.Name, key.Description, key.Metadata, key.Environment, key.Tier, key.TierInherited, key.OwnLimit, key.Limits, key.ExpiresAt.IsZero()}
	want := []any{"Café", "line one\nline two", map[string]string{"team": "core"}, apikey.Staging, "free", false, true, ratelimit.Limits{PerMinute: 1000}, true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if !strings.HasPrefix(created.Secret.Reveal(), "vg_stg_") {
		t.Errorf("the secret of a staging key is %s", created.Secret)
	}
	warning := []string{"The key never expires. Set expires_at, so that a forgotten key does not work for ever."}
	if diff := cmp.Diff(warning, created.Warnings); diff != "" {
		t.Errorf("warnings (-want +got)\n%s", diff)
	}
}

func TestAKeyExpiresWhenItIsAskedTo(t *testing.T) {
	tests := map[string]struct {
		expiry keys.Expiry
		want   string // empty: never
	}{
		"nothing asked":               {keys.Expiry{}, "2026-09-10T12:00:30Z"},
		"a time":                      {keys.Expiry{At: set("2027-01-31T12:00:00Z")}, "2027-01-31T12:00:00Z"},
		"a time in another zone":      {keys.Expiry{At: set("2027-01-31T12:00:00+02:00")}, "2027-01-31T10:00:00Z"},
		"a fraction is dropped":       {keys.Expiry{At: set("2027-01-31T12:00:00.9Z")}, "2027-01-31T12:00:00Z"},
		"the next second":             {keys.Expiry{At: set("2026-03-10T12:00:31Z")}, "2026-03-10T12:00:31Z"},
		"the last second":             {keys.Expiry{At: set("2036-03-07T12:00:30Z")}, "2036-03-07T12:00:30Z"},
		"null":                        {keys.Expiry{At: null[string]()}, ""},
		"a day":                       {keys.Expiry{Days: set(int64(1))}, "2026-03-11T12:00:30Z"},
		"all days":                    {keys.Expiry{Days: set(int64(3650))}, "2036-03-07T12:00:30Z"},
		"a period of days":            {keys.Expiry{Period: set("90_days")}, "2026-06-08T12:00:30Z"},
		"a period of calendar months": {keys.Expiry{Period: set("one_year")}, "2027-03-10T12:00:30Z"},
		"the period never":            {keys.Expiry{Period: set("never")}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f, got := newFixture(t), ""
			if at := f.create(keys.Draft{Name: "k", Expiry: test.expiry}).Key.ExpiresAt; !at.IsZero() {
				got = at.Format(time.RFC3339Nano)
			}
			if got != test.want {
				t.Errorf("it expires at %q, want %q", got, test.want)
			}
		})
	}
}

// Each refusal names the field and the rule.
func TestABadFieldIsNamedWithItsRule(t *testing.T) {
	pairs := func(n int) map[string]string {
		all := map[string]string{}
		for i := range n {
			all[fmt.Sprint(i)] = ""
		}
		return all
	}
	expiry := func(e keys.Expiry) keys.Draft { return keys.Draft{Name: "k", Expiry: e} }
	const rfc3339 = "expires_at must be a time in RFC 3339, such as 2027-01-31T12:00:00Z, or null for never."
	const days = "expires_in_days must be a whole number from 1 to 3650."
	const oneOf = "Send only one of expires_at, expires_in_days and expires_in."
	tests := map[string]struct {
		draft         keys.Draft
		code          fault.Code
		field, detail string
	}{
		"no name":                {named(""), "invalid_field", "name", "name must have 1 to 100 characters, not 0."},
		"a name of spaces":       {named("  \u3000"), "invalid_field", "name", "name must have 1 to 100 characters, not 0."},
		"a long name":            {named(strings.Repeat("é", 101)), "invalid_field", "name", "name must have 1 to 100 characters, not 101."},
		"a newline in the name":  {named("a\nb"), "invalid_field", "name", "name must have no control characters."},
		"DEL in the name":        {named("a\x7f"), "invalid_field", "name", "name must have no control characters."},
		"half a rune":            {named("a\xff"), "invalid_field", "name", "name must have no control characters."},
		"a long description":     {keys.Draft{Name: "k", Description: strings.Repeat("é", 501)}, "invalid_field", "description", "description must have at most 500 characters, not 501."},
		"many pairs":             {keys.Draft{Name: "k", Metadata: pairs(21)}, "invalid_field", "metadata", "metadata must have at most 20 pairs, not 21."},
		"large pairs":            {keys.Draft{Name: "k", Metadata: map[string]string{"a": strings.Repeat("x", 2048)}}, "invalid_field", "metadata", "metadata must have at most 2048 bytes in names and values, not 2049."},
		"an empty name in pairs": {keys.Draft{Name: "k", Metadata: map[string]string{"": "x"}}, "invalid_field", "metadata", "metadata must have no empty names."},
		"an unknown environment": {keys.Draft{Name: "k", Environment: "qa"}, "invalid_field", "environment", `environment must be one of production, staging, development, test, not "qa".`},
		"an unknown tier":        {keys.Draft{Name: "k", Tier: "gold"}, "invalid_field", "tier", `tier must be one of free, basic, pro, enterprise, not "gold".`},
		"a tier too high":        {keys.Draft{Name: "k", Tier: "enterprise"}, "tier_not_allowed", "", "The tier enterprise is above pro, the highest that your organization may use. Ask for a higher one."},
		"a limit of nothing":     {keys.Draft{Name: "k", RateLimit: new(int64(0))}, "invalid_field", "rate_limit", "rate_limit must be at least 1 request per minute, not 0."},
		"a negative limit":       {keys.Draft{Name: "k", RateLimit: new(int64(-5))}, "invalid_field", "rate_limit", "rate_limit must be at least 1 request per minute, not -5."},
		"a limit too high":       {keys.Draft{Name: "k", RateLimit: new(int64(1001))}, "tier_not_allowed", "", "A rate_limit of 1001 is above the 1000 requests per minute of pro, the highest tier that your organization may use."},
		"no time":                {expiry(keys.Expiry{At: set("tomorrow")}), "invalid_field", "expires_at", rfc3339},
		"a day alone":            {expiry(keys.Expiry{At: set("2027-01-31")}), "invalid_field", "expires_at", rfc3339},
		"an empty time":          {expiry(keys.Expiry{At: set("")}), "invalid_field", "expires_at", rfc3339},
		"now":                    {expiry(keys.Expiry{At: set("2026-03-10T12:00:30Z")}), "invalid_field", "expires_at", "expires_at must be in the future. Now is 2026-03-10T12:00:30Z."},
		"this second's end":      {expiry(keys.Expiry{At: set("2026-03-10T12:00:30.9Z")}), "invalid_field", "expires_at", "expires_at must be in the future. Now is 2026-03-10T12:00:30Z."},
		"the past":               {expiry(keys.Expiry{At: set("2020-01-01T00:00:00Z")}), "invalid_field", "expires_at", "expires_at must be in the future. Now is 2026-03-10T12:00:30Z."},
		"too far ahead":          {expiry(keys.Expiry{At: set("2036-03-07T12:00:31Z")}), "invalid_field", "expires_at", "expires_at must be at most 3650 days ahead, or null for never."},
		"no days":                {expiry(keys.Expiry{Days: set(int64(0))}), "invalid_field", "expires_in_days", days},
		"too many days":          {expiry(keys.Expiry{Days: set(int64(3651))}), "invalid_field", "expires_in_days", days},
		"an overflow of days":    {expiry(keys.Expiry{Days: set(int64(1) << 62)}), "invalid_field", "expires_in_days", days},
		"null days":              {expiry(keys.Expiry{Days: null[int64]()}), "invalid_field", "expires_in_days", days},
		"an unknown period":      {expiry(keys.Expiry{Period: set("fortnight")}), "invalid_field", "expires_in", `expires_in must be one of 30_days, 60_days, 90_days, six_months, one_year, never, not "fortnight".`},
		"a time and days":        {expiry(keys.Expiry{At: set("2027-01-31T12:00:00Z"), Days: set(int64(1))}), "invalid_field", "expires_at", oneOf},
		"days and a period":      {expiry(keys.Expiry{Days: set(int64(1)), Period: set("never")}), "invalid_field", "expires_at", oneOf},
		"never and a period":     {expiry(keys.Expiry{At: null[string](), Period: set("never")}), "invalid_field", "expires_at", oneOf},
	}
	f := newFixture(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := *f
			f.T = t
			created, err := f.Create(t.Context(), f.alice, test.draft, nil)
			f.wantFault(err, test.code, test.field, test.detail)
			if created.Key != nil || created.Secret.Reveal() != "" {
				t.Errorf("it made %+v", created)
			}
		})
	}
	if listing, err := f.List(t.Context(), f.alice, keys.Query{Limit: 10}); err != nil || listing.Total != 0 {
		t.Errorf("%d keys were made, %v; want none", listing.Total, err)
	}
}

func TestFieldsMayBeAsLongAsTheRuleSays(t *testing.T) {
	f := newFixture(t)
	f.create(keys.Draft{
		Name: strings.Repeat("é", 100), Description: strings.Repeat("é", 500), RateLimit: new(int64(1)),
		Metadata: map[string]string{"name": strings.Repeat("x", 2044)},
	})
	f.create(keys.Draft{Name: "e\u0301" + strings.Repeat("x", 99), Tier: "pro", RateLimit: new(int64(1000))})
}

func TestANameIsTakenWhateverItsCase(t *testing.T) {
	f := newFixture(t)
	first := f.create(named("Deploy"))
	_, err := f.Create(t.Context(), f.alice, named(" dEPLOY "), nil)
	f.wantFault(err, fault.NameTaken, "name")
	if _, err := f.Create(t.Context(), f.stranger, named("Deploy"), nil); err != nil {
		t.Errorf("another organization's key of that name: %v", err)
	}
	f.revoke(first.Key.ID)
	f.create(named("deploy"))
}

// An expired key's name is free from the instant of its expiry on, cleanup or not.
func TestANameIsFreeFromItsKeysExpiryOn(t *testing.T) {
	f := newFixture(t)
	f.create(keys.Draft{Name: "Deploy", Expiry: keys.Expiry{Days: set(int64(1))}})
	f.now = noon.Add(24*time.Hour - time.Second)
	_, err := f.Create(t.Context(), f.alice, named("Deploy"), nil)
	f.wantFault(err, fault.NameTaken, "name")
	f.now = noon.Add(24 * time.Hour)
	f.create(named("Deploy"))
}

// An account holds no more live keys than it may; a revoked key gives its place back.
func TestAnAccountHoldsNoMoreLiveKeysThanItsLimit(t *testing.T) {
	f := newFixture(t)
	f.alice = f.found("org_small", 2)
	first := f.create(named("one"))
	f.update(f.create(named("two")).Key.ID, keys.Patch{Active: set(false)})
	_, err := f.Create(t.Context(), f.alice, named("three"), nil)
	f.wantFault(err, fault.KeyLimitReached)
	f.revoke(first.Key.ID)
	f.create(named("three"))
	_, err = f.Create(t.Context(), f.alice, named("four"), nil)
	f.wantFault(err, fault.KeyLimitReached)
}

// crowded is a store where another key has the first ids that are drawn.
type crowded struct {
	apikey.Keys
	taken int
}

func (c *crowded) Create(ctx context.Context, creation apikey.Creation) error {
	if c.taken > 0 {
		c.taken--
		return fmt.Errorf("creating %s: %w", creation.Key.ID, apikey.ErrIDTaken)
	}
	return c.Keys.Create(ctx, creation)
}

// A taken id is drawn again, with a secret of its own.
func TestATakenIDIsDrawnAgain(t *testing.T) {
	f := newFixture(t)
	f.Store = &crowded{Keys: f.store, taken: 4}
	created := f.create(named("k"))
	credential, err := apikey.Parse("vg", created.Secret.Reveal())
	if err != nil || credential.ID != created.Key.ID || created.Key.Mask != created.Secret.Mask() {
		t.Errorf("the key %s has the secret %s, %v", created.Key.ID, created.Secret, err)
	}
	f.wantKey(f.get(created.Key.ID), created.Key)
}

// However many keys are made in one millisecond, each gets an id: beyond the 99 of it, one of the next.
func TestMoreKeysThanAMillisecondHasIDsGetOneEach(t *testing.T) {
	f := newFixture(t)
	for n := range 120 {
		f.create(named(fmt.Sprint("k", n)))
	}
}

func TestATierFollowsTheAccountOnlyWhereNoneIsAsked(t *testing.T) {
	f := newFixture(t)
	f.alice = f.found("org_free", 10, func(o *org.Organization) { o.Tier, o.MaxTier = "free", "basic" })
	inherited, own := f.create(named("a")).Key, f.create(keys.Draft{Name: "b", Tier: "free"}).Key
	if !inherited.TierInherited || own.TierInherited || inherited.Limits.PerMinute != 10 || own.Limits.PerMinute != 10 {
		t.Errorf("inherited: %t %v, own: %t %v", inherited.TierInherited, inherited.Limits, own.TierInherited, own.Limits)
	}
}
