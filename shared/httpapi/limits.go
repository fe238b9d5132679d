package httpapi

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/ratelimit"
)

// The rate-limit header fields: Veriglob's three, which are always about the minute, and the two of the IETF's
// draft-ietf-httpapi-ratelimit-headers, which also tell the quotas.
const (
	headerLimit     = "X-RateLimit-Limit"
	headerRemaining = "X-RateLimit-Remaining"
	headerReset     = "X-RateLimit-Reset"
	headerPolicy    = "RateLimit-Policy"
	headerRateLimit = "RateLimit"
	headerRetry     = "Retry-After"
)

// limitHeaders tell a caller its windows. Where there are none, nobody is known to have limits: Veriglob's are 0.
func limitHeaders(states []ratelimit.State, now time.Time) map[string]string {
	if len(states) == 0 {
		return map[string]string{headerLimit: "0", headerRemaining: "0", headerReset: "0"}
	}
	policies, limits := make([]string, len(states)), make([]string, len(states))
	for i, state := range states {
		policies[i] = fmt.Sprintf("%q;q=%d;w=%d", state.Unit, state.Limit, unitSeconds(state, now))
		limits[i] = fmt.Sprintf("%q;r=%d;t=%d", state.Unit, state.Remaining, secondsUntil(state.Reset, now))
	}
	return map[string]string{
		headerLimit:     strconv.FormatInt(states[0].Limit, 10),
		headerRemaining: strconv.FormatInt(states[0].Remaining, 10),
		headerReset:     strconv.FormatInt(states[0].Reset.Unix(), 10),
		headerPolicy:    strings.Join(policies, ", "),
		headerRateLimit: strings.Join(limits, ", "),
	}
}

// unitSeconds is the length of the window in seconds; months differ.
func unitSeconds(state ratelimit.State, now time.Time) int64 {
	switch state.Unit {
	case ratelimit.Minute:
		return 60
	case ratelimit.Day:
		return 86400
	default:
		return int64(state.Reset.Sub(state.Reset.AddDate(0, -1, 0)) / time.Second)
	}
}

func secondsUntil(end, now time.Time) int64 {
	return max(1, int64((end.Sub(now)+time.Second-1)/time.Second))
}

// limitText is the error text of a 429: whose limit it was and how long to wait, in seconds.
func limitText(full ratelimit.Window, states []ratelimit.State, now time.Time) (text string, seconds int64) {
	seconds = full.SecondsLeft(now)
	for _, state := range states {
		if state.Unit != full.Unit {
			continue
		}
		kind := "quota"
		if full.Unit == ratelimit.Minute {
			kind = "rate limit"
		}
		return fmt.Sprintf("You have exceeded your %s of %d requests per %s. Please wait %d seconds before retrying.",
			kind, state.Limit, full.Unit, seconds), seconds
	}
	return fmt.Sprintf("You have exceeded a limit. Please wait %d seconds before retrying.", seconds), seconds
}
