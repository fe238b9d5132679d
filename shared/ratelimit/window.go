// Package ratelimit is the arithmetic of rate windows: pure, with the time passed in.
//
// A window is a whole UTC minute, day or month. Its name carries its number, so that
// a store can keep one counter per window and a new window starts by itself: nothing
// is read, reset or scheduled at rollover.
package ratelimit

import (
	"strconv"
	"time"
)

// Unit is the length of a window.
type Unit byte

// The units. The byte is the first letter of a window's name.
const (
	Minute Unit = 'm'
	Day    Unit = 'd'
	Month  Unit = 'M'
)

// String is the unit's name as the RateLimit header fields and the error texts use it.
func (u Unit) String() string {
	switch u {
	case Minute:
		return "minute"
	case Day:
		return "day"
	case Month:
		return "month"
	default:
		return "unknown"
	}
}

// Window is one whole minute, day or month in UTC. N counts minutes or days since
// 1970, or months since year 0.
type Window struct {
	Unit Unit
	N    int64
}

// At is the window of unit u that t falls in.
func At(u Unit, t time.Time) Window {
	switch u {
	case Minute:
		return Window{Minute, floorDiv(t.Unix(), 60)}
	case Day:
		return Window{Day, floorDiv(t.Unix(), 86400)}
	default:
		year, month, _ := t.UTC().Date()
		return Window{Month, int64(year)*12 + int64(month) - 1}
	}
}

// Name is the window's name in a store: its unit's letter and its number in base 36.
func (w Window) Name() string {
	return string(w.Unit) + strconv.FormatInt(w.N, 36)
}

// ParseWindow reads what Name writes. It reports false for anything else.
func ParseWindow(name string) (Window, bool) {
	if len(name) < 2 {
		return Window{}, false
	}
	unit := Unit(name[0])
	if unit != Minute && unit != Day && unit != Month {
		return Window{}, false
	}
	n, err := strconv.ParseInt(name[1:], 36, 64)
	if err != nil || n < 0 {
		return Window{}, false
	}
	w := Window{unit, n}
	return w, w.Name() == name
}

// End is the instant at which the window is over, which is the start of the next one.
func (w Window) End() time.Time {
	switch w.Unit {
	case Minute:
		return time.Unix((w.N+1)*60, 0).UTC()
	case Day:
		return time.Unix((w.N+1)*86400, 0).UTC()
	default:
		return time.Date(0, time.Month(w.N+2), 1, 0, 0, 0, 0, time.UTC)
	}
}

// StaleAt reports whether w may be forgotten at now: it must be over for at least one whole
// window of its unit, so that a clock somewhat behind cannot start it again from zero.
func (w Window) StaleAt(now time.Time) bool { return w.N < At(w.Unit, now).N-1 }

// SecondsLeft is the whole number of seconds until w ends, rounded up, at least 1.
func (w Window) SecondsLeft(now time.Time) int64 { return wholeSeconds(w.End().Sub(now)) }

// wholeSeconds is a wait in whole seconds, rounded up, at least 1.
func wholeSeconds(left time.Duration) int64 {
	return max(1, int64((left+time.Second-1)/time.Second))
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
