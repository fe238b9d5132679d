package keys

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
)

// within is nil where nothing of key, beside its permissions, goes beyond own: the record of the key that asks.
func within(own, key *apikey.Record) error {
	switch {
	case key.Inherits != "" && key.Inherits != own.Inherits:
		return errKeysNeverInherit()
	case key.Limits.PerMinute > own.Limits.PerMinute:
		return errExceeds("its rate_limit is %d", own.Limits.PerMinute)
	case above(key.Limits.PerDay, own.Limits.PerDay):
		return errExceeds("its quota_per_day is %d", own.Limits.PerDay)
	case above(key.Limits.PerMonth, own.Limits.PerMonth):
		return errExceeds("its quota_per_month is %d", own.Limits.PerMonth)
	case later(key.ExpiresAt, own.ExpiresAt):
		return errExceeds("its expires_at is %s", own.ExpiresAt.UTC().Format(time.RFC3339))
	case !key.Networks.Within(own.Networks):
		return errExceeds("its ip_allow and ip_deny do not admit all that this key's would")
	default:
		return nil
	}
}

func errExceeds(format string, args ...any) error {
	refused := fault.New(fault.GrantDenied, format, args...)
	refused.Detail = "A key gives no more than it has: " + refused.Detail + "."
	return refused
}

func errKeysNeverInherit() error {
	return errExceeds("it can't give the permissions that a member has from day to day, which is what inherit does")
}

// copyBounds gives a new key what bounds the key that asks: where, from where and how often. What is asked for replaces it.
func copyBounds(key *apikey.Key, own *apikey.Record) {
	key.Scope = own.Scope.Clone()
	key.IPAllow, key.IPDeny = entriesOf(own.Networks.Allow), entriesOf(own.Networks.Deny)
	key.Limits.PerDay, key.Limits.PerMonth = own.Limits.PerDay, own.Limits.PerMonth
}

// capDefaults lowers what nobody asked for to what the key that asks has itself.
func capDefaults(key *apikey.Key, own *apikey.Record, draft Draft) {
	if draft.Tier == "" && draft.RateLimit == nil && key.Limits.PerMinute > own.Limits.PerMinute {
		key.OwnLimit, key.Limits.PerMinute = true, own.Limits.PerMinute
	}
	if !draft.Expiry.Asked() && later(key.ExpiresAt, own.ExpiresAt) {
		key.ExpiresAt = own.ExpiresAt
	}
}
