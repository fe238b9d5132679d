package acceptance

import (
	"regexp"
	"strconv"
	"strings"
)

// hasLimits checks that Veriglob's three are there and are numbers, and that the IETF's two are there where anybody's
// limits are known, and agree.
func (a *answer) hasLimits() {
	a.t.Helper()
	if a.concealed {
		return
	}
	limit, remaining, reset := a.number("X-RateLimit-Limit"), a.number("X-RateLimit-Remaining"), a.number("X-RateLimit-Reset")
	policy, now := a.header.Get("RateLimit-Policy"), a.header.Get("RateLimit")
	if limit == 0 {
		if remaining != 0 || reset != 0 || policy != "" || now != "" {
			a.errorf("nobody's limits are known, yet remaining = %d, reset = %d, RateLimit-Policy = %q, RateLimit = %q", remaining, reset, policy, now)
		}
		return
	}
	if reset%60 != 0 {
		a.errorf("X-RateLimit-Reset = %d is no end of a minute", reset)
	}
	windows, states := windowsOf(policy), windowsOf(now)
	if want := `"minute";q=` + strconv.Itoa(limit) + ";w=60"; windows[0] != want {
		a.errorf("RateLimit-Policy = %q, want %q first", policy, want)
	}
	if want := `"minute";r=` + strconv.Itoa(remaining) + ";t="; !strings.HasPrefix(states[0], want) {
		a.errorf("RateLimit = %q, want %q and seconds first", now, want)
	}
	if len(windows) != len(states) || len(windows) > len(quotaUnits)+1 {
		a.errorf("RateLimit-Policy = %q and RateLimit = %q tell of different windows", policy, now)
		return
	}
	for i := range windows[1:] {
		unit, limits := quotaPolicy.FindStringSubmatch(windows[i+1]), quotaState.FindStringSubmatch(states[i+1])
		if unit == nil || limits == nil || unit[1] != limits[1] {
			a.errorf("RateLimit-Policy = %q, RateLimit = %q: window %d is no quota", policy, now, i+1)
		}
	}
}

// The windows beside the minute, as the IETF's fields write them: the limit and its seconds, and what is left.
var (
	quotaUnits  = []string{"day", "month"}
	quotaPolicy = regexp.MustCompile(`^"(day|month)";q=[1-9][0-9]*;w=[1-9][0-9]*$`)
	quotaState  = regexp.MustCompile(`^"(day|month)";r=[0-9]+;t=[1-9][0-9]*$`)
)

// windowsOf are the members of a structured field's list.
func windowsOf(field string) []string { return strings.Split(field, ", ") }
