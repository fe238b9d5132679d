package ratelimit_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/ratelimit"
)

const (
	minute = ratelimit.Minute
	day    = ratelimit.Day
	month  = ratelimit.Month
)

func at(t testing.TB, text string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestAWindowIsAWholeUnitOfUTC(t *testing.T) {
	tests := map[string]struct {
		unit     ratelimit.Unit
		at       string
		from, to string // the window's first instant, and the first behind it
	}{
		"within a minute":               {minute, "2026-03-10T12:34:56.5Z", "2026-03-10T12:34:00Z", "2026-03-10T12:35:00Z"},
		"a minute's first instant":      {minute, "2026-03-10T12:34:00Z", "2026-03-10T12:34:00Z", "2026-03-10T12:35:00Z"},
		"a minute's last nanosecond":    {minute, "2026-03-10T12:34:59.999999999Z", "2026-03-10T12:34:00Z", "2026-03-10T12:35:00Z"},
		"a year's last minute":          {minute, "2026-12-31T23:59:59Z", "2026-12-31T23:59:00Z", "2027-01-01T00:00:00Z"},
		"within a day":                  {day, "2026-03-10T12:34:56Z", "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z"},
		"a day elsewhere":               {day, "2026-03-10T23:30:00-05:00", "2026-03-11T00:00:00Z", "2026-03-12T00:00:00Z"},
		"when clocks spring forward":    {day, "2026-03-29T03:30:00+02:00", "2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z"},
		"a month of 31 days":            {month, "2026-01-31T23:59:59Z", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"},
		"February":                      {month, "2026-02-28T12:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"},
		"February of a leap year":       {month, "2028-02-29T12:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"},
		"December":                      {month, "2026-12-31T23:59:59.999999999Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		"a month elsewhere":             {month, "2026-05-31T22:00:00-03:00", "2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z"},
		"a minute before 1970":          {minute, "1969-12-31T23:59:30Z", "1969-12-31T23:59:00Z", "1970-01-01T00:00:00Z"},
		"a day before 1970":             {day, "1969-12-31T00:00:00Z", "1969-12-31T00:00:00Z", "1970-01-01T00:00:00Z"},
		"a month before 1970":           {month, "1969-12-31T00:00:00Z", "1969-12-01T00:00:00Z", "1970-01-01T00:00:00Z"},
		"1970's first minute":           {minute, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1970-01-01T00:01:00Z"},
		"a minute of a half-hour zone":  {minute, "2026-03-10T12:34:56+05:30", "2026-03-10T07:04:00Z", "2026-03-10T07:05:00Z"},
		"a day when clocks fall back":   {day, "2026-10-25T02:30:00+01:00", "2026-10-25T00:00:00Z", "2026-10-26T00:00:00Z"},
		"a month when clocks fall back": {month, "2026-10-31T23:59:59Z", "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			window := ratelimit.At(test.unit, at(t, test.at))
			from, to := at(t, test.from), at(t, test.to)
			if got := window.End(); !got.Equal(to) || got.Location() != time.UTC {
				t.Errorf("End = %s, want %s", got, to)
			}
			for _, inside := range []time.Time{from, to.Add(-1)} {
				if got := ratelimit.At(test.unit, inside); got != window {
					t.Errorf("%s falls in %v, want %v", inside, got, window)
				}
			}
			if got := ratelimit.At(test.unit, from.Add(-1)); got.N != window.N-1 {
				t.Errorf("a nanosecond earlier falls in %v, want the window before %v", got, window)
			}
			if got := ratelimit.At(test.unit, to); got.N != window.N+1 {
				t.Errorf("%s falls in %v, want the window behind %v", to, got, window)
			}
		})
	}
}

func TestNamesRoundTripAndTellWindowsApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seen := map[string]ratelimit.Window{}
		for range 10 {
			now := time.Unix(rapid.Int64Range(0, 1<<36).Draw(t, "seconds"), 0)
			window := ratelimit.At(rapid.SampledFrom(ratelimit.Units[:]).Draw(t, "unit"), now)
			name := window.Name()
			if got, ok := ratelimit.ParseWindow(name); !ok || got != window {
				t.Fatalf("%q parses as %v, %t; want %v", name, got, ok, window)
			}
			if other, twice := seen[name]; twice && other != window {
				t.Fatalf("%v and %v are both called %q", other, window, name)
			}
			seen[name] = window
			if len(name) > 7 {
				t.Fatalf("%q is too long a name for a hot item", name)
			}
		}
	})
}

func TestNamesAreStable(t *testing.T) {
	now := at(t, "2026-03-10T12:34:56Z")
	for unit, want := range map[ratelimit.Unit]string{
		minute: "m" + base36(now.Unix()/60), day: "d" + base36(now.Unix()/86400), month: "M" + base36(2026*12+2),
	} {
		if got := ratelimit.At(unit, now).Name(); got != want {
			t.Errorf("the %s is called %q, want %q", unit, got, want)
		}
	}
}

// base36 is written out so that a change of the stored form shows.
func base36(n int64) string {
	text := ""
	for ; n > 0; n /= 36 {
		text = string("0123456789abcdefghijklmnopqrstuvwxyz"[n%36]) + text
	}
	return text
}

func TestParseWindowRefusesWhatNameDoesNotWrite(t *testing.T) {
	for _, name := range []string{"", "m", "x1", "1", "m-1", "m+1", "m01", "mA", "m 1", "m1 ", "m1.5", "mé", "total", "D1", "m" + strings.Repeat("z", 20)} {
		if window, ok := ratelimit.ParseWindow(name); ok {
			t.Errorf("ParseWindow(%q) = %v", name, window)
		}
	}
}

func FuzzParseWindow(f *testing.F) {
	for _, seed := range []string{"m0", "dfvl", "Mir6", "m-1", "mzzzzzzzzzzzz", "d1y2p0ij32e8e7"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		window, ok := ratelimit.ParseWindow(name)
		if ok && window.Name() != name {
			t.Fatalf("%q parses as %v, whose name is %q", name, window, window.Name())
		}
		_, _, _ = window.End(), window.StaleAt(time.Now()), window.SecondsLeft(time.Now()) // never panics
	})
}

// A window may be forgotten only when it is over for a whole unit more: a clock that lags cannot start it again.
func TestAWindowGrowsStaleAWholeUnitAfterItsEnd(t *testing.T) {
	for _, unit := range ratelimit.Units {
		t.Run(unit.String(), func(t *testing.T) {
			window := ratelimit.At(unit, at(t, "2026-01-31T12:34:56Z"))
			stale := ratelimit.At(unit, window.End()).End() // the end of the window behind
			for name, test := range map[string]struct {
				now  time.Time
				want bool
			}{
				"while it runs":                 {window.End().Add(-1), false},
				"at its end":                    {window.End(), false},
				"a nanosecond before it is due": {stale.Add(-1), false},
				"when it is due":                {stale, true},
				"long after":                    {stale.AddDate(1, 0, 0), true},
				"before it began":               {window.End().AddDate(-1, 0, 0), false},
			} {
				if got := window.StaleAt(test.now); got != test.want {
					t.Errorf("%s: stale = %t, want %t", name, got, test.want)
				}
			}
		})
	}
}

func TestSecondsLeftIsRoundedUpAndAtLeastOne(t *testing.T) {
	tests := []struct {
		unit ratelimit.Unit
		now  string
		want int64
	}{
		{minute, "2026-03-10T12:34:00Z", 60},
		{minute, "2026-03-10T12:34:00.000000001Z", 60},
		{minute, "2026-03-10T12:34:15Z", 45},
		{minute, "2026-03-10T12:34:15.5Z", 45},
		{minute, "2026-03-10T12:34:58.999999999Z", 2},
		{minute, "2026-03-10T12:34:59Z", 1},
		{minute, "2026-03-10T12:34:59.999999999Z", 1},
		{day, "2026-03-10T23:00:00Z", 3600},
		{day, "2026-03-10T00:00:00Z", 86400},
		{month, "2026-02-01T00:00:00Z", 28 * 86400},
		{month, "2028-02-28T23:59:59.5Z", 86401},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.unit, " at ", test.now), func(t *testing.T) {
			now := at(t, test.now)
			if got := ratelimit.At(test.unit, now).SecondsLeft(now); got != test.want {
				t.Errorf("SecondsLeft = %d, want %d", got, test.want)
			}
		})
	}
	window := ratelimit.At(minute, at(t, "2026-03-10T12:34:56Z"))
	for _, late := range []time.Duration{0, 1, time.Hour} {
		if got := window.SecondsLeft(window.End().Add(late)); got != 1 {
			t.Errorf("%s after its end %d seconds are left, want 1", late, got)
		}
	}
}

func TestUnitsAreNamedAsInTheHeaders(t *testing.T) {
	got := fmt.Sprint(minute, day, month, ratelimit.Unit('x'))
	if got != "minute day month unknown" {
		t.Errorf("units are called %q", got)
	}
}
