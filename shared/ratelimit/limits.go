package ratelimit

import "time"

// Limits is how many requests are admitted in a window of each unit. PerMinute is always
// set; a PerDay or PerMonth of 0 is no quota.
type Limits struct {
	PerMinute int64
	PerDay    int64
	PerMonth  int64
}

// Of is the limit for windows of unit u; 0 is none.
func (l Limits) Of(u Unit) int64 {
	switch u {
	case Minute:
		return l.PerMinute
	case Day:
		return l.PerDay
	default:
		return l.PerMonth
	}
}

// Units are all units, in the order in which limits are checked.
var Units = [...]Unit{Minute, Day, Month}

// Count is how many requests a window has admitted.
type Count struct {
	Window Window
	N      int64
}

// Counts are the counters that a record holds, in no particular order.
type Counts []Count

// Of is what w has admitted.
func (c Counts) Of(w Window) int64 {
	for _, count := range c {
		if count.Window == w {
			return count.N
		}
	}
	return 0
}

// Add counts one request in the current window of every unit, in place where it can, and gives the result.
func (c Counts) Add(now time.Time) Counts {
	for _, unit := range Units {
		c = c.increment(At(unit, now))
	}
	return c
}

func (c Counts) increment(w Window) Counts {
	for i := range c {
		if c[i].Window == w {
			c[i].N++
			return c
		}
	}
	return append(c, Count{w, 1})
}

// Stale are the windows that may be forgotten at now; see Window.StaleAt.
func (c Counts) Stale(now time.Time) []Window {
	var stale []Window
	for _, count := range c {
		if count.Window.StaleAt(now) {
			stale = append(stale, count.Window)
		}
	}
	return stale
}

// Fresh is c without its stale windows. It reuses c's memory.
func (c Counts) Fresh(now time.Time) Counts {
	fresh := c[:0]
	for _, count := range c {
		if !count.Window.StaleAt(now) {
			fresh = append(fresh, count)
		}
	}
	return fresh
}

// Full is the first window, minute before day before month, that has no room for another
// request at now.
func (c Counts) Full(l Limits, now time.Time) (Window, bool) {
	for _, unit := range Units {
		limit := l.Of(unit)
		if unit != Minute && limit == 0 {
			continue
		}
		if w := At(unit, now); c.Of(w) >= limit {
			return w, true
		}
	}
	return Window{}, false
}

// State is one window as a caller sees it.
type State struct {
	Unit      Unit
	Limit     int64
	Remaining int64
	Reset     time.Time // when the window ends
}

// SecondsLeft is the whole number of seconds until the window ends, rounded up, at least 1.
func (s State) SecondsLeft(now time.Time) int64 { return wholeSeconds(s.Reset.Sub(now)) }

// States are the windows that limit a caller at now: the minute first, then each quota that is set.
func (c Counts) States(l Limits, now time.Time) []State {
	states := make([]State, 0, len(Units))
	for _, unit := range Units {
		limit := l.Of(unit)
		if unit != Minute && limit == 0 {
			continue
		}
		w := At(unit, now)
		states = append(states, State{unit, limit, max(0, limit-c.Of(w)), w.End()})
	}
	return states
}
