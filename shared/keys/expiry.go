package keys

import (
	"strings"
	"time"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/policy"
)

// Expiry is when a key is asked to expire: by a time, by a number of days, or by a period of the catalog; one of the
// three, or none.
type Expiry struct {
	At     Optional[string] // RFC 3339; null: never
	Days   Optional[int64]
	Period Optional[string]
}

// Asked reports whether any of the three is there.
func (e Expiry) Asked() bool { return e.At.Set || e.Days.Set || e.Period.Set }

// resolve is the time asked for, in whole seconds; the zero time is never. Where nothing is asked for it is the
// catalog's default.
func (e Expiry) resolve(catalog *policy.Catalog, now time.Time) (time.Time, error) {
	if err := e.onlyOne(); err != nil {
		return time.Time{}, err
	}
	switch {
	case e.At.Set && e.At.Null:
		return time.Time{}, nil
	case e.At.Set:
		return e.resolveTime(now)
	case e.Days.Set:
		return e.resolveDays(now)
	case e.Period.Set:
		return e.resolvePeriod(catalog, now)
	default:
		return catalog.DefaultExpiry().From(now), nil
	}
}

func (e Expiry) onlyOne() error {
	var set []string
	for name, is := range map[string]bool{"expires_at": e.At.Set, "expires_in_days": e.Days.Set, "expires_in": e.Period.Set} {
		if is {
			set = append(set, name)
		}
	}
	if len(set) > 1 {
		return fault.InvalidField("expires_at", "Send only one of expires_at, expires_in_days and expires_in.")
	}
	return nil
}

func (e Expiry) resolveTime(now time.Time) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, e.At.Value)
	if err != nil {
		return time.Time{}, fault.InvalidField("expires_at", "expires_at must be a time in RFC 3339, such as 2027-01-31T12:00:00Z, or null for never.")
	}
	at = at.UTC().Truncate(time.Second)
	if !at.After(now) {
		return time.Time{}, fault.InvalidField("expires_at", "expires_at must be in the future. Now is %s.", now.UTC().Format(time.RFC3339))
	}
	if at.After(now.AddDate(0, 0, policy.MaxLifetimeDays)) {
		return time.Time{}, fault.InvalidField("expires_at", "expires_at must be at most %d days ahead, or null for never.", policy.MaxLifetimeDays)
	}
	return at, nil
}

func (e Expiry) resolveDays(now time.Time) (time.Time, error) {
	if e.Days.Null || e.Days.Value < 1 || e.Days.Value > policy.MaxLifetimeDays {
		return time.Time{}, fault.InvalidField("expires_in_days", "expires_in_days must be a whole number from 1 to %d.", policy.MaxLifetimeDays)
	}
	return policy.ExpiryPeriod{Days: int(e.Days.Value)}.From(now), nil
}

func (e Expiry) resolvePeriod(catalog *policy.Catalog, now time.Time) (time.Time, error) {
	period, known := catalog.ExpiryPeriod(e.Period.Value)
	if known {
		return period.From(now), nil
	}
	ids := make([]string, len(catalog.ExpiryPeriods))
	for i, offered := range catalog.ExpiryPeriods {
		ids[i] = offered.ID
	}
	return time.Time{}, fault.InvalidField("expires_in", "expires_in must be one of %s, not %q.", strings.Join(ids, ", "), e.Period.Value)
}
