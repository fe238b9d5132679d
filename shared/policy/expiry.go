package policy

import "time"

// MaxLifetimeDays is how far ahead a key may expire at most, whatever the catalog says.
const MaxLifetimeDays = 3650

// maxMonths is how many calendar months MaxLifetimeDays always hold.
const maxMonths = 119

// ExpiryPeriod is a lifetime that a form offers: calendar months, days of 24 hours, or never.
type ExpiryPeriod struct {
	ID      string `json:"id,omitzero" yaml:"id"`
	Title   string `json:"title,omitzero" yaml:"title"`
	Days    int    `json:"days,omitzero" yaml:"days"`
	Months  int    `json:"months,omitzero" yaml:"months"`
	Never   bool   `json:"never,omitzero" yaml:"never"`
	Default bool   `json:"default,omitzero" yaml:"default"`
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
