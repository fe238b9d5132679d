package acceptance

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"
)

// isLimitText reports whether text is the contract's, with a number of seconds that a minute has.
func isLimitText(text any, limit int) bool {
	said, _ := text.(string)
	for seconds := 1; seconds <= 60; seconds++ {
		if said == limitText(limit, strconv.Itoa(seconds)) {
			return true
		}
	}
	return false
}

func limitText(limit int, seconds string) string {
	return fmt.Sprintf("You have exceeded your rate limit of %d requests per minute. Please wait %s seconds before retrying.", limit, seconds)
}

// wantLimited checks the body and the headers of a refusal for the minute's limit, whatever its status.
func (a *answer) wantLimited(limit int) {
	a.t.Helper()
	if a.concealed {
		return
	}
	retry := a.header.Get("Retry-After")
	a.wantRefusal(a.status, "rate_limited", "Rate limit exceeded", limitText(limit, retry), "")
	a.wantHeader("X-RateLimit-Limit", strconv.Itoa(limit))
	a.wantHeader("X-RateLimit-Remaining", "0")
	a.wantHeader("RateLimit", `"minute";r=0;t=`+retry)
	if wait := a.number("Retry-After"); wait < 1 || wait > 60 {
		a.errorf("Retry-After = %d", wait)
	}
	if left := time.Until(time.Unix(int64(a.number("X-RateLimit-Reset")), 0)); left < -time.Minute || left > 2*time.Minute {
		a.errorf("X-RateLimit-Reset is %s from now", left)
	}
}

func testLimits(t *testing.T, target Target) {
	ann := newMember(t, target)
	t.Run("they count down to a 429, and a 429 spends nothing", func(t *testing.T) { testCountDown(t, ann.in(t)) })
	t.Run("of many at once, exactly as many as the limit are allowed", func(t *testing.T) { testExactly(t, ann.in(t)) })
	t.Run("a raised limit holds on the next request", func(t *testing.T) { testRaised(t, ann.in(t)) })
	t.Run("each key has its own", func(t *testing.T) {
		inOneMinute(t, func() ([]*answer, error) {
			one, two := ann.create(fields{"rate_limit": 1}), ann.create(fields{"rate_limit": 1})
			all := []*answer{ann.holder(one.secret).sample("production"), ann.holder(two.secret).sample("production")}
			return all, wantStatuses(all, http.StatusOK, http.StatusOK)
		})
	})
	t.Run("sessions' are on errors too", func(t *testing.T) {
		inOneMinute(t, func() ([]*answer, error) {
			bob := newMember(t, target)
			all := []*answer{
				bob.do("GET", "/v1/keys", nil), bob.do("GET", "/v1/keys/nonsense", nil),
				bob.do("POST", "/v1/keys", "{"), bob.do("POST", "/v1/keys", fields{"name": "x"}),
			}
			for i, answer := range all {
				if got := answer.number("X-RateLimit-Remaining"); got != sessionLimit-1-i || answer.number("X-RateLimit-Limit") != sessionLimit {
					return all, fmt.Errorf("request %d: X-RateLimit-Remaining = %d", i+1, got)
				}
			}
			return all, wantStatuses(all, http.StatusOK, http.StatusNotFound, http.StatusBadRequest, http.StatusCreated)
		})
	})
}

func wantStatuses(all []*answer, want ...int) error {
	for i, answer := range all {
		if !answer.is(want[i]) {
			return fmt.Errorf("request %d: %d %s, want %d", i+1, answer.status, answer.text, want[i])
		}
	}
	return nil
}

func testCountDown(t *testing.T, ann *caller) {
	inOneMinute(t, func() ([]*answer, error) {
		key := ann.create(fields{"tier": "free"})
		var all []*answer
		for range 13 {
			all = append(all, ann.holder(key.secret).sample("production"))
		}
		if !sameWindow(all) {
			return all, nil
		}
		for i, answer := range all[:10] {
			if got := answer.number("X-RateLimit-Remaining"); answer.status != http.StatusOK || got != 9-i {
				return all, fmt.Errorf("request %d of 10: status %d, X-RateLimit-Remaining = %d", i+1, answer.status, got)
			}
		}
		for _, answer := range all[10:] {
			if answer.status != http.StatusTooManyRequests {
				return all, fmt.Errorf("a request beyond the limit: status %d", answer.status)
			}
			answer.wantLimited(10)
		}
		usage := ann.do("GET", key.path(), nil).data()["usage"].(fields)
		if usage["requests_today"] != 10.0 {
			return all, fmt.Errorf("10 requests of 13 were allowed, usage = %v", usage)
		}
		return all, nil
	})
}

func testExactly(t *testing.T, ann *caller) {
	limit, asked := ann.target.often(50, 20), ann.target.often(150, 60)
	inOneMinute(t, func() ([]*answer, error) {
		key := ann.create(fields{"rate_limit": limit})
		all := make([]*answer, asked)
		parallel(32, asked, func(n int) (err error) {
			all[n], err = ann.holder(key.secret).try("GET", ann.target.Sample("production")+"/zones", nil)
			return err
		}).orFail(t)
		allowed := 0
		for _, answer := range all {
			if answer.status == http.StatusOK {
				allowed++
			}
		}
		if allowed != limit {
			return all, fmt.Errorf("%d of %d requests were allowed, want %d", allowed, asked, limit)
		}
		return all, nil
	})
}

func testRaised(t *testing.T, ann *caller) {
	inOneMinute(t, func() ([]*answer, error) {
		key := ann.create(fields{"rate_limit": 1})
		holder := ann.holder(key.secret)
		all := []*answer{holder.sample("production"), holder.sample("production")}
		ann.do("PATCH", key.path(), fields{"rate_limit": 2}).wantStatus(http.StatusOK)
		all = append(all, holder.sample("production"), holder.sample("production"))
		ann.do("PATCH", key.path(), fields{"tier": "free", "rate_limit": nil}).wantStatus(http.StatusOK)
		all = append(all, holder.sample("production"))
		ann.do("PATCH", key.path(), fields{"rate_limit": 3}).wantStatus(http.StatusOK)
		all = append(all, holder.sample("production"))
		return all, wantStatuses(all, 200, 429, 200, 429, 200, 429)
	})
}
