package ratelimit_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/ratelimit"
)

var noon = time.Date(2026, 3, 10, 12, 0, 30, 0, time.UTC)

// counted is what this minute, day and month have admitted.
func counted(minutes, days, months int64) ratelimit.Counts {
	return ratelimit.Counts{
		{Window: ratelimit.At(month, noon), N: months}, {Window: ratelimit.At(minute, noon.Add(-time.Minute)), N: 99},
		{Window: ratelimit.At(minute, noon), N: minutes}, {Window: ratelimit.At(day, noon), N: days},
	}
}

func TestTheFirstFullWindowIsTheMinuteThenTheDayThenTheMonth(t *testing.T) {
	limits := ratelimit.Limits{PerMinute: 10, PerDay: 20, PerMonth: 30}
	tests := map[string]struct {
		counts ratelimit.Counts
		limits ratelimit.Limits
		want   ratelimit.Unit // 0: none is full
	}{
		"nothing counted":              {nil, limits, 0},
		"one request left everywhere":  {counted(9, 19, 29), limits, 0},
		"the minute is full":           {counted(10, 19, 29), limits, minute},
		"the day is full":              {counted(9, 20, 29), limits, day},
		"the month is full":            {counted(9, 19, 30), limits, month},
		"all are full":                 {counted(10, 20, 30), limits, minute},
		"day and month are full":       {counted(0, 20, 30), limits, day},
		"a limit lowered below":        {counted(50, 0, 0), limits, minute},
		"no quotas":                    {counted(9, 1<<40, 1<<40), ratelimit.Limits{PerMinute: 10}, 0},
		"a month's quota alone":        {counted(9, 1<<40, 30), ratelimit.Limits{PerMinute: 10, PerMonth: 30}, month},
		"a minute's limit of 0 is one": {nil, ratelimit.Limits{}, minute},
		"another minute is full":       {ratelimit.Counts{{Window: ratelimit.At(minute, noon.Add(time.Minute)), N: 99}}, limits, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			window, full := test.counts.Full(test.limits, noon)
			want := ratelimit.Window{}
			if test.want != 0 {
				want = ratelimit.At(test.want, noon)
			}
			if window != want || full != (test.want != 0) {
				t.Errorf("Full = %v, %t; want %v", window, full, want)
			}
		})
	}
}

func TestStatesAreTheMinuteAndTheQuotasThatAreSet(t *testing.T) {
	minuteEnd := time.Date(2026, 3, 10, 12, 1, 0, 0, time.UTC)
	dayEnd := time.Date(2026, 3, 11, 0, 0, 0, 0, time.UTC)
	monthEnd := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		counts ratelimit.Counts
		limits ratelimit.Limits
		want   []ratelimit.State
	}{
		"no quotas": {counted(3, 5, 7), ratelimit.Limits{PerMinute: 10}, []ratelimit.State{
			{Unit: minute, Limit: 10, Remaining: 7, Reset: minuteEnd}}},
		"all three": {counted(3, 5, 7), ratelimit.Limits{PerMinute: 10, PerDay: 20, PerMonth: 30}, []ratelimit.State{
			{Unit: minute, Limit: 10, Remaining: 7, Reset: minuteEnd}, {Unit: day, Limit: 20, Remaining: 15, Reset: dayEnd},
			{Unit: month, Limit: 30, Remaining: 23, Reset: monthEnd}}},
		"nothing counted": {nil, ratelimit.Limits{PerMinute: 10, PerMonth: 30}, []ratelimit.State{
			{Unit: minute, Limit: 10, Remaining: 10, Reset: minuteEnd}, {Unit: month, Limit: 30, Remaining: 30, Reset: monthEnd}}},
		"never below nothing": {counted(11, 0, 0), ratelimit.Limits{PerMinute: 10}, []ratelimit.State{
			{Unit: minute, Limit: 10, Remaining: 0, Reset: minuteEnd}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, test.counts.States(test.limits, noon)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestOfIsTheLimitAndTheCountOfThatWindow(t *testing.T) {
	limits := ratelimit.Limits{PerMinute: 1, PerDay: 2, PerMonth: 3}
	for i, unit := range ratelimit.Units {
		if got := limits.Of(unit); got != int64(i+1) {
			t.Errorf("limit of the %s = %d, want %d", unit, got, i+1)
		}
		if got := counted(1, 2, 3).Of(ratelimit.At(unit, noon)); got != int64(i+1) {
			t.Errorf("count of the %s = %d, want %d", unit, got, i+1)
		}
	}
	if got := counted(1, 2, 3).Of(ratelimit.At(minute, noon.Add(time.Minute))); got != 0 {
		t.Errorf("count of a minute to come = %d, want 0", got)
	}
}

func TestStaleAndFreshWindowsAreAllWindows(t *testing.T) {
	counts := counted(1, 2, 3).Add(noon.Add(-3 * time.Minute)).Add(noon.AddDate(0, 0, -2)).Add(noon.AddDate(0, -2, 0))
	total := len(counts)
	var stale []string
	for _, window := range counts.Stale(noon) {
		stale = append(stale, window.Name())
	}
	want := []string{
		ratelimit.At(minute, noon.Add(-3*time.Minute)).Name(),
		ratelimit.At(minute, noon.AddDate(0, 0, -2)).Name(), ratelimit.At(day, noon.AddDate(0, 0, -2)).Name(),
		ratelimit.At(minute, noon.AddDate(0, -2, 0)).Name(), ratelimit.At(day, noon.AddDate(0, -2, 0)).Name(),
		ratelimit.At(month, noon.AddDate(0, -2, 0)).Name(),
	}
	if diff := cmp.Diff(want, stale, cmpopts.SortSlices(func(a, b string) bool { return a < b })); diff != "" {
		t.Errorf("stale windows (-want +got)\n%s", diff)
	}
	fresh := counts.Fresh(noon)
	if len(fresh) != total-len(want) || len(fresh.Stale(noon)) != 0 {
		t.Errorf("%d windows are left of %d, %v of them stale", len(fresh), total, fresh.Stale(noon))
	}
	if fresh.Of(ratelimit.At(minute, noon)) != 1 || fresh.Of(ratelimit.At(minute, noon.Add(-time.Minute))) != 99 {
		t.Errorf("a window that is not stale lost its count: %v", fresh)
	}
}

// Whatever the sequence of requests, and even with a clock that lags by up to a minute now and then, no window
// admits more than its limit; and it admits all of it before it refuses.
func TestNoWindowEverAdmitsMoreThanItsLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limits := ratelimit.Limits{
			PerMinute: rapid.Int64Range(1, 5).Draw(t, "a minute"), PerDay: rapid.Int64Range(0, 9).Draw(t, "a day"),
			PerMonth: rapid.Int64Range(0, 20).Draw(t, "a month"),
		}
		var counts ratelimit.Counts
		admitted := map[ratelimit.Window]int64{}
		now := noon
		for range 80 {
			now = now.Add(rapid.SampledFrom([]time.Duration{
				0, time.Nanosecond, time.Second, 29 * time.Second, time.Minute, time.Hour, 24 * time.Hour, 40 * 24 * time.Hour,
			}).Draw(t, "later"))
			seen := now.Add(-rapid.SampledFrom([]time.Duration{0, 0, 0, time.Second, time.Minute}).Draw(t, "lag"))
			window, full := counts.Full(limits, seen)
			if full {
				if admitted[window] < limits.Of(window.Unit) {
					t.Fatalf("%s refuses after %d of %d", window.Name(), admitted[window], limits.Of(window.Unit))
				}
				continue
			}
			counts = counts.Fresh(seen).Add(seen)
			for _, unit := range ratelimit.Units {
				window := ratelimit.At(unit, seen)
				admitted[window]++
				if limit := limits.Of(unit); limit > 0 && admitted[window] > limit {
					t.Fatalf("%s admitted %d of %d", window.Name(), admitted[window], limit)
				}
			}
		}
		if len(counts) > 6 {
			t.Fatalf("%d windows are kept, want at most two a unit", len(counts))
		}
	})
}
