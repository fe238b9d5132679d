package httpapi

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/ratelimit"
)

// noon is half a minute past noon, so that the minute has 30 seconds left.
var noon = time.Date(2026, 2, 10, 12, 0, 30, 0, time.UTC)

func statesAt(now time.Time, limits ratelimit.Limits, requests int) []ratelimit.State {
	var counts ratelimit.Counts
	for range requests {
		counts = counts.Add(now)
	}
	return counts.States(limits, now)
}

func TestLimitHeaders(t *testing.T) {
	for name, test := range map[string]struct {
		states []ratelimit.State
		now    time.Time
		want   map[string]string
	}{
		"nobody's": {nil, noon, map[string]string{"X-RateLimit-Limit": "0", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "0"}},
		"the minute": {statesAt(noon, ratelimit.Limits{PerMinute: 100}, 1), noon, map[string]string{
			"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "99", "X-RateLimit-Reset": "1770724860",
			"RateLimit-Policy": `"minute";q=100;w=60`, "RateLimit": `"minute";r=99;t=30`,
		}},
		"a quota a day": {statesAt(noon, ratelimit.Limits{PerMinute: 100, PerDay: 5000}, 2), noon, map[string]string{
			"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "98", "X-RateLimit-Reset": "1770724860",
			"RateLimit-Policy": `"minute";q=100;w=60, "day";q=5000;w=86400`, "RateLimit": `"minute";r=98;t=30, "day";r=4998;t=43170`,
		}},
		"a quota a month of 28 days": {statesAt(noon, ratelimit.Limits{PerMinute: 100, PerMonth: 9}, 10), noon, map[string]string{
			"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "90", "X-RateLimit-Reset": "1770724860",
			"RateLimit-Policy": `"minute";q=100;w=60, "month";q=9;w=2419200`, "RateLimit": `"minute";r=90;t=30, "month";r=0;t=1598370`,
		}},
		"a part of a second is a second": {statesAt(noon.Add(29500*time.Millisecond), ratelimit.Limits{PerMinute: 1}, 1), noon.Add(29500 * time.Millisecond), map[string]string{
			"X-RateLimit-Limit": "1", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1770724860",
			"RateLimit-Policy": `"minute";q=1;w=60`, "RateLimit": `"minute";r=0;t=1`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, limitHeaders(test.states, test.now)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A month's window is as long as that month.
func TestLimitHeaders_monthsDiffer(t *testing.T) {
	for month, days := range map[time.Month]int64{time.January: 31, time.February: 28, time.April: 30, time.December: 31} {
		now := time.Date(2026, month, 5, 0, 0, 0, 0, time.UTC)
		state := statesAt(now, ratelimit.Limits{PerMinute: 1, PerMonth: 1}, 0)[1]
		if got := unitSeconds(state); got != days*86400 {
			t.Errorf("%s has %d seconds, want %d", month, got, days*86400)
		}
	}
}

// The text names the limit that refused, and the seconds of Retry-After.
func TestLimitText(t *testing.T) {
	limits := ratelimit.Limits{PerMinute: 10000, PerDay: 5000, PerMonth: 100000}
	for unit, want := range map[ratelimit.Unit]string{
		ratelimit.Minute: "You have exceeded your rate limit of 10000 requests per minute. Please wait 30 seconds before retrying.",
		ratelimit.Day:    "You have exceeded your quota of 5000 requests per day. Please wait 43170 seconds before retrying.",
		ratelimit.Month:  "You have exceeded your quota of 100000 requests per month. Please wait 1598370 seconds before retrying.",
	} {
		text, seconds := limitText(ratelimit.At(unit, noon), statesAt(noon, limits, 0), noon)
		if text != want || seconds != ratelimit.At(unit, noon).SecondsLeft(noon) {
			t.Errorf("text = %q, seconds = %d, want %q", text, seconds, want)
		}
	}
	text, seconds := limitText(ratelimit.At(ratelimit.Minute, noon.Add(29999*time.Millisecond)), statesAt(noon, limits, 0), noon.Add(29999*time.Millisecond))
	if seconds != 1 || text != "You have exceeded your rate limit of 10000 requests per minute. Please wait 1 seconds before retrying." {
		t.Errorf("a millisecond is left: %d, %q", seconds, text)
	}
}
