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

// resolve is the time asked for, in whole seconds; the zero time is never.
func (e Expiry) resolve(catalog *policy.Catalog, now time.Time) (time.Time, error) {
	if err := e.onlyOne(); err != nil {
		return time.Time{}, err
	}
	latest, never := catalog.MaxExpiry(now)
	bounds := bounds{now: now, latest: latest, never: never}
	switch {
	case e.At.Set && e.At.Null:
		return time.Time{}, bounds.check("expires_at", time.Time{})
	case e.At.Set:
		return e.resolveTime(bounds)
	case e.Days.Set:
		return e.resolveDays(bounds)
	default:
		return e.resolvePeriod(catalog, bounds)
	}
}

// bounds are between what times a key may expire.
type bounds struct {
	now, latest time.Time
	never       bool // it may also be one that never does
}

// days is how many days ahead a key may expire at most.
func (b bounds) days() int64 { return int64(b.latest.Sub(b.now) / (24 * time.Hour)) }

// orNever is how a sentence about a field ends where the key may be one that never expires.
func (b bounds) orNever() string {
	if b.never {
		return ", or null for never"
	}
	return ""
}

// check refuses a time that is beyond the bounds; the zero time is never.
func (b bounds) check(field string, at time.Time) error {
	switch {
	case at.IsZero() && !b.never:
		return fault.InvalidField(field, "%s must not be never here: a key may live for %d days at most.", field, b.days())
	case at.After(b.latest):
		return fault.InvalidField(field, "%s must be at most %d days ahead%s.", field, b.days(), b.orNever())
	default:
		return nil
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

func (e Expiry) resolveTime(bounds bounds) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, e.At.Value)
	if err != nil {
		return time.Time{}, fault.InvalidField("expires_at", "expires_at must be a time in RFC 3339, such as 2027-01-31T12:00:00Z%s.", bounds.orNever())
	}
	at = wholeSeconds(at)
	if !at.After(bounds.now) {
		return time.Time{}, fault.InvalidField("expires_at", "expires_at must be in the future. Now is %s.", bounds.now.UTC().Format(time.RFC3339))
	}
	return at, bounds.check("expires_at", at)
}

func (e Expiry) resolveDays(bounds bounds) (time.Time, error) {
	if e.Days.Null || e.Days.Value < 1 || e.Days.Value > bounds.days() {
		return time.Time{}, fault.InvalidField("expires_in_days", "expires_in_days must be a whole number from 1 to %d.", bounds.days())
	}
	return policy.ExpiryPeriod{Days: int(e.Days.Value)}.From(bounds.now), nil
}

func (e Expiry) resolvePeriod(catalog *policy.Catalog, bounds bounds) (time.Time, error) {
	period, known := catalog.ExpiryPeriod(e.Period.Value)
	if known {
		at := period.From(bounds.now)
		return at, bounds.check("expires_in", at)
	}
	ids := make([]string, len(catalog.ExpiryPeriods))
	for i, offered := range catalog.ExpiryPeriods {
		ids[i] = offered.ID
	}
	return time.Time{}, fault.InvalidField("expires_in", "expires_in must be one of %s, not %q.", strings.Join(ids, ", "), e.Period.Value)
}
