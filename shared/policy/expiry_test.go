package policy_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/policy"
)

// A month is a calendar month, and ends where the month it arrives in does; a day is 24 hours.
func TestAPeriodIsCountedByTheCalendar(t *testing.T) {
	months := func(n int) policy.ExpiryPeriod { return policy.ExpiryPeriod{Months: n} }
	days := func(n int) policy.ExpiryPeriod { return policy.ExpiryPeriod{Days: n} }
	tests := map[string]struct {
		period    policy.ExpiryPeriod
		now, want string
	}{
		"six months":                             {months(6), "2026-03-10T12:00:30Z", "2026-09-10T12:00:30Z"},
		"six months over the year's end":         {months(6), "2026-07-15T00:00:00Z", "2027-01-15T00:00:00Z"},
		"31 August and six months":               {months(6), "2026-08-31T10:20:30Z", "2027-02-28T10:20:30Z"},
		"31 August and six months, a leap year":  {months(6), "2027-08-31T10:20:30Z", "2028-02-29T10:20:30Z"},
		"30 August and six months":               {months(6), "2026-08-30T23:59:59Z", "2027-02-28T23:59:59Z"},
		"29 August and six months, a leap year":  {months(6), "2027-08-29T23:59:59Z", "2028-02-29T23:59:59Z"},
		"28 February and six months":             {months(6), "2026-02-28T00:00:00Z", "2026-08-28T00:00:00Z"},
		"31 December and six months":             {months(6), "2026-12-31T00:00:00Z", "2027-06-30T00:00:00Z"},
		"31 January and one month":               {months(1), "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z"},
		"29 February and a year":                 {months(12), "2028-02-29T12:00:00Z", "2029-02-28T12:00:00Z"},
		"a year":                                 {months(12), "2026-03-10T12:00:30Z", "2027-03-10T12:00:30Z"},
		"28 February 2100, which is no leap day": {months(48), "2096-02-29T00:00:00Z", "2100-02-28T00:00:00Z"},
		"30 days":                                {days(30), "2026-02-10T12:00:30Z", "2026-03-12T12:00:30Z"},
		"90 days over a leap day":                {days(90), "2028-02-01T00:00:00Z", "2028-05-01T00:00:00Z"},
		"a fraction of a second is dropped":      {days(1), "2026-03-10T12:00:30.999Z", "2026-03-11T12:00:30Z"},
		"30 days over a change of clocks":        {days(30), "2026-03-10T01:00:00+01:00", "2026-04-09T00:00:00Z"},
		"a month in another zone":                {months(1), "2026-01-31T23:30:00-05:00", "2026-03-01T04:30:00Z"},
		"never":                                  {policy.ExpiryPeriod{Never: true}, "2026-03-10T12:00:30Z", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			now, err := time.Parse(time.RFC3339Nano, test.now)
			if err != nil {
				t.Fatal(err)
			}
			got, text := test.period.From(now), ""
			if !got.IsZero() {
				text = got.Format(time.RFC3339Nano)
			}
			if text != test.want {
				t.Errorf("from %s it ends at %q, want %q", test.now, text, test.want)
			}
		})
	}
}

// However many months from whatever day, the key ends in the month meant, never in the one behind it, and no later
// day of the month ends earlier.
func TestMonthsNeverOvershoot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "now"), 0).UTC()
		n := rapid.IntRange(1, 119).Draw(t, "months")
		got := policy.ExpiryPeriod{Months: n}.From(now)
		if (got.Year()-now.Year())*12+int(got.Month()-now.Month()) != n || got.Day() > now.Day() {
			t.Fatalf("%s and %d months is %s", now, n, got)
		}
		if got.Day() != now.Day() && got.AddDate(0, 0, 1).Month() == got.Month() {
			t.Fatalf("%s and %d months is %s, which is not the month's last day", now, n, got)
		}
		if got.Sub(now) > policy.MaxLifetimeDays*24*time.Hour {
			t.Fatalf("%s and %d months is %s, more than %d days ahead", now, n, got, policy.MaxLifetimeDays)
		}
	})
}

func TestPeriodsAreFoundByID(t *testing.T) {
	catalog := shipped(t)
	if period, ok := catalog.ExpiryPeriod("90_days"); !ok || period.Days != 90 {
		t.Errorf("90_days is %+v, %t", period, ok)
	}
	if period, ok := catalog.ExpiryPeriod("fortnight"); ok {
		t.Errorf("fortnight is %+v", period)
	}
}

// A key may live as long as the catalog says, and never longer than 3,650 days.
func TestTheLatestExpiryIsTheCatalogs(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 30, 5, time.UTC)
	tests := map[string]struct {
		edit   func(object)
		latest string
		never  bool
	}{
		"as shipped":         {func(object) {}, "2036-03-07T12:00:30Z", true},
		"no key without end": {withLifetime(0), "2036-03-07T12:00:30Z", false},
		"a leap year":        {withLifetime(366), "2027-03-11T12:00:30Z", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			catalog, err := policy.Load(edited(t, test.edit))
			if err != nil {
				t.Fatal(err)
			}
			if latest, never := catalog.MaxExpiry(now); latest.Format(time.RFC3339Nano) != test.latest || never != test.never {
				t.Errorf("a key may expire until %s, never = %t", latest.Format(time.RFC3339Nano), never)
			}
			if latest, _ := catalog.MaxExpiry(now); catalog.DefaultExpiry().From(now).After(latest) {
				t.Error("a key that asks for nothing lives too long")
			}
		})
	}
}

// withLifetime is the edit that forbids keys that never expire, and all that live longer.
func withLifetime(days int) func(object) {
	return func(c object) {
		c["max_lifetime_days"], c["never_allowed"] = days, false
		periods := c["expiry_periods"].([]any)
		c["expiry_periods"] = periods[:len(periods)-1]
	}
}

// A period is refused where it could ever be longer than a key may live, whatever day it is counted from.
func TestNoPeriodOutlivesTheLifetime(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		months := rapid.IntRange(1, 60).Draw(r, "months")
		now := time.Unix(rapid.Int64Range(0, 4e9).Draw(r, "now"), 0).UTC()
		lifetime := months*30 + rapid.IntRange(-5, 60).Draw(r, "days")
		catalog, err := policy.Load(edited(t, func(c object) {
			c["max_lifetime_days"], c["never_allowed"] = lifetime, false
			c["expiry_periods"] = []any{object{"id": "some", "months": months, "default": true}}
		}))
		if err != nil {
			return
		}
		if latest, _ := catalog.MaxExpiry(now); catalog.DefaultExpiry().From(now).After(latest) {
			r.Fatalf("%d months from %s are more than %d days", months, now, lifetime)
		}
	})
}
