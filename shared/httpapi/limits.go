package httpapi

import (
	"fmt"
	"strconv"
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
	minute := states[0]
	return map[string]string{
		headerLimit:     strconv.FormatInt(minute.Limit, 10),
		headerRemaining: strconv.FormatInt(minute.Remaining, 10),
		headerReset:     strconv.FormatInt(minute.Reset.Unix(), 10),
		headerPolicy:    windowList(states, 'q', 'w', func(s ratelimit.State) (int64, int64) { return s.Limit, unitSeconds(s) }),
		headerRateLimit: windowList(states, 'r', 't', func(s ratelimit.State) (int64, int64) { return s.Remaining, s.SecondsLeft(now) }),
	}
}

// windowList writes a structured field: "minute";q=100;w=60, "day";q=5000;w=86400.
func windowList(states []ratelimit.State, first, second byte, values func(ratelimit.State) (int64, int64)) string {
	text := make([]byte, 0, 64)
	for i, state := range states {
		if i > 0 {
			text = append(text, ", "...)
		}
		one, two := values(state)
		text = strconv.AppendQuote(text, state.Unit.String())
		text = strconv.AppendInt(append(text, ';', first, '='), one, 10)
		text = strconv.AppendInt(append(text, ';', second, '='), two, 10)
	}
	return string(text)
}

// unitSeconds is the length of the window in seconds; months differ.
func unitSeconds(state ratelimit.State) int64 {
	switch state.Unit {
	case ratelimit.Minute:
		return 60
	case ratelimit.Day:
		return 86400
	default:
		return int64(state.Reset.Sub(state.Reset.AddDate(0, -1, 0)) / time.Second)
	}
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
