package policy

import "time"

// MaxLifetimeDays is how far ahead a key may expire at most, whatever the catalog says.
const MaxLifetimeDays = 3650

// ExpiryPeriod is a lifetime that a form offers: calendar months, days of 24 hours, or never.
type ExpiryPeriod struct {
	ID      string `json:"id,omitzero"`
	Title   string `json:"title,omitzero"`
	Days    int    `json:"days,omitzero"`
	Months  int    `json:"months,omitzero"`
	Never   bool   `json:"never,omitzero"`
	Default bool   `json:"default,omitzero"`
}

func (p ExpiryPeriod) valid() bool {
	set := 0
	for _, is := range []bool{p.Days > 0, p.Months > 0, p.Never} {
		if is {
			set++
		}
	}
	return set == 1 && p.Days >= 0 && p.Months >= 0
}

// tooManyMonths is a number of calendar months that always are more than MaxLifetimeDays.
const tooManyMonths = 120

// longestDays is how many days the period has at most, whenever it begins; 0 for never.
func (p ExpiryPeriod) longestDays() int {
	if p.Months == 0 {
		return p.Days
	}
	longest := 0
	for month := range time.Month(48) { // whatever month of whatever year between two leap years it begins in
		start := time.Date(2000, time.January+month, 1, 0, 0, 0, 0, time.UTC)
		longest = max(longest, int(start.AddDate(0, min(p.Months, tooManyMonths), 0).Sub(start).Hours()/24))
	}
	return longest
}

// From is when a key that gets this period at now expires: whole seconds, the zero time for never. Months
// are calendar months: six after 31 August is the last day of February.
func (p ExpiryPeriod) From(now time.Time) time.Time {
	now = now.UTC().Truncate(time.Second)
	switch {
	case p.Never:
		return time.Time{}
	case p.Days > 0:
		return now.Add(time.Duration(p.Days) * 24 * time.Hour)
	default:
		return addMonths(now, p.Months)
	}
}

// addMonths is t so many calendar months later, on the last day of that month where it is shorter.
func addMonths(t time.Time, months int) time.Time {
	firstOfTarget := time.Date(t.Year(), t.Month()+time.Month(months), 1, t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	lastDay := firstOfTarget.AddDate(0, 1, -1).Day()
	return firstOfTarget.AddDate(0, 0, min(t.Day(), lastDay)-1)
}

// ExpiryPeriod is the period of that id.
func (c *Catalog) ExpiryPeriod(id string) (ExpiryPeriod, bool) {
	return find(c.ExpiryPeriods, func(p ExpiryPeriod) bool { return p.ID == id })
}

// DefaultExpiry is the period that a key gets when none is asked for.
func (c *Catalog) DefaultExpiry() ExpiryPeriod {
	period, _ := find(c.ExpiryPeriods, func(p ExpiryPeriod) bool { return p.Default })
	return period
}

// MaxExpiry is the latest time at which a key that is made or changed at now may expire, in whole seconds; never reports
// whether it may also be one that never does.
func (c *Catalog) MaxExpiry(now time.Time) (latest time.Time, never bool) {
	return ExpiryPeriod{Days: c.lifetimeDays()}.From(now), c.NeverAllowed
}

// lifetimeDays is how many days ahead a key may expire.
func (c *Catalog) lifetimeDays() int {
	if c.MaxLifetimeDays == 0 {
		return MaxLifetimeDays
	}
	return min(c.MaxLifetimeDays, MaxLifetimeDays)
}
