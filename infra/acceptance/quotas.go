package acceptance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func testQuotas(t *testing.T, target Target) {
	ann := newMember(t, target)
	for unit, window := range map[string]func(now time.Time) (end time.Time, seconds int){"day": dayOf, "month": monthOf} {
		t.Run("a quota per "+unit+" counts down to a 429 that says when it frees", func(t *testing.T) { testQuota(t, ann.in(t), unit, window) })
	}
	t.Run("the minute refuses before the day, and the day before the month", func(t *testing.T) { testLimitsInOrder(t, ann.in(t)) })
	t.Run("a refused request takes nothing from any", func(t *testing.T) {
		inOneMinute(t, func() ([]*answer, error) {
			key := ann.create(fields{"quota_per_day": 1, "quota_per_month": 5})
			var all []*answer
			for range 3 {
				all = append(all, ann.holder(key.secret).sample("production"))
			}
			all = append(all, ann.holder(key.secret).forward("GET", "production/dns/zones"))
			if last := all[3]; !strings.Contains(last.header.Get("RateLimit"), `"month";r=4;`) || last.number("X-RateLimit-Remaining") != 99 {
				return all, fmt.Errorf("three refused requests took from RateLimit = %q", last.header.Get("RateLimit"))
			}
			return all, wantStatuses(all, 200, 429, 429, 429)
		})
	})
	t.Run("a change holds on the next request, and null is none", func(t *testing.T) { testQuotaChanges(ann.in(t)) })
	t.Run("what is no quota is refused", func(t *testing.T) {
		ann := newMember(t, target)
		for _, field := range []string{"quota_per_day", "quota_per_month"} {
			ann.wantBadRule(fields{field: 0}, field, field+" must be a whole number from 1 to 999999999999999, or null for none, not 0.")
			ann.wantBadRule(fields{field: -1}, field, field+" must be a whole number from 1 to 999999999999999, or null for none, not -1.")
			ann.wantBadRule(fields{field: "5"}, field, field+" must be a whole number.")
			ann.wantBadRule(fields{field: 1.5}, field, field+" must be a whole number.")
		}
	})
}

func testQuotaChanges(ann *caller) {
	key := ann.create(fields{"quota_per_day": 1})
	holder := ann.holder(key.secret)
	for _, step := range []struct {
		change fields
		status int
	}{
		{fields{}, 200}, {fields{}, 429}, {fields{"quota_per_day": 2}, 200}, {fields{}, 429},
		{fields{"quota_per_day": nil, "quota_per_month": 3}, 200}, {fields{}, 429}, {fields{"quota_per_month": nil}, 200},
	} {
		ann.do("PATCH", key.path(), step.change).wantStatus(http.StatusOK)
		holder.sample("production").wantStatus(step.status)
	}
}

// dayOf is when the UTC day ends, and how many seconds a day has.
func dayOf(now time.Time) (time.Time, int) {
	year, month, day := now.UTC().Date()
	return time.Date(year, month, day+1, 0, 0, 0, 0, time.UTC), 24 * 60 * 60
}

// monthOf is when the UTC month ends, and how many seconds it has.
func monthOf(now time.Time) (time.Time, int) {
	year, month, _ := now.UTC().Date()
	start, end := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC), time.Date(year, month+1, 1, 0, 0, 0, 0, time.UTC)
	return end, int(end.Sub(start).Seconds())
}

func testQuota(t *testing.T, ann *caller, unit string, window func(time.Time) (time.Time, int)) {
	inOneMinute(t, func() ([]*answer, error) {
		key := ann.create(fields{"quota_per_" + unit: 3})
		if key.data["quota_per_"+unit] != 3.0 {
			return nil, fmt.Errorf("the key shows the quota %v", key.data["quota_per_"+unit])
		}
		holder := ann.holder(key.secret)
		end, seconds := window(time.Now())
		var all []*answer
		for range 4 {
			all = append(all, holder.sample("production"))
		}
		for i, answer := range all[:3] {
			answer.wantQuota(unit, 3, 2-i, seconds)
		}
		refused := all[3]
		refused.wantQuota(unit, 3, 0, seconds)
		refused.wantQuotaExceeded(unit, 3, end)
		ann.verify(key).wantVerdictLike("quota_exceeded", "You have exceeded your quota of 3 requests per "+unit+".")
		holder.forward("GET", "production/dns/zones").wantQuotaExceeded(unit, 3, end)
		return all, wantStatuses(all, 200, 200, 200, 429)
	})
}

// wantQuota checks the fields that tell of a quota, beside the minute's: that those agree, every answer is held to.
func (a *answer) wantQuota(unit string, limit, left, seconds int) {
	a.t.Helper()
	if a.concealed {
		return
	}
	if want := fmt.Sprintf(`, "%s";q=%d;w=%d`, unit, limit, seconds); !strings.HasSuffix(a.header.Get("RateLimit-Policy"), want) {
		a.errorf("RateLimit-Policy = %q, want %q", a.header.Get("RateLimit-Policy"), want)
	}
	if want := fmt.Sprintf(`, "%s";r=%d;t=`, unit, left); !strings.Contains(a.header.Get("RateLimit"), want) {
		a.errorf("RateLimit = %q, want %q", a.header.Get("RateLimit"), want)
	}
	a.wantHeader("X-RateLimit-Limit", "100") // the minute's still
}

// wantQuotaExceeded checks a 429 for a quota that frees at end.
func (a *answer) wantQuotaExceeded(unit string, limit int, end time.Time) {
	a.t.Helper()
	retry := a.header.Get("Retry-After")
	a.wantRefusal(http.StatusTooManyRequests, "quota_exceeded", "Rate limit exceeded",
		fmt.Sprintf("You have exceeded your quota of %d requests per %s. Please wait %s seconds before retrying.", limit, unit, retry), "")
	if a.concealed {
		return
	}
	if off := time.Until(end) - time.Duration(a.number("Retry-After"))*time.Second; off.Abs() > 30*time.Second {
		a.errorf("Retry-After = %s, the %s ends in %s", retry, unit, time.Until(end))
	}
	if !strings.HasSuffix(a.header.Get("RateLimit"), ";t="+retry) {
		a.errorf("RateLimit = %q, Retry-After = %s", a.header.Get("RateLimit"), retry)
	}
}

// wantVerdictLike checks what is wrong with a key, and how the text begins.
func (a *answer) wantVerdictLike(code, beginning string) {
	a.t.Helper()
	text, _ := a.data()["error"].(string)
	if a.data()["code"] != code || !strings.HasPrefix(text, beginning) {
		a.errorf("code = %v, error = %q, want %s, %q", a.data()["code"], text, code, beginning)
	}
}

func testLimitsInOrder(t *testing.T, ann *caller) {
	inOneMinute(t, func() ([]*answer, error) {
		minute := ann.holder(ann.create(fields{"rate_limit": 1, "quota_per_day": 1, "quota_per_month": 1}).secret)
		day := ann.holder(ann.create(fields{"rate_limit": 2, "quota_per_day": 1, "quota_per_month": 1}).secret)
		all := []*answer{minute.sample("production"), minute.forward("GET", "production/dns/zones"), day.sample("production"), day.forward("GET", "production/dns/zones")}
		if err := wantStatuses(all, 200, 429, 200, 429); err != nil || !sameWindow(all) {
			return all, err
		}
		if got := all[1].body()["code"]; got != "rate_limited" {
			return all, fmt.Errorf("out of all three: %v", got)
		}
		if text := all[3].body()["error"].(string); !strings.HasPrefix(text, "You have exceeded your quota of 1 requests per day.") {
			return all, fmt.Errorf("out of both quotas: %s", text)
		}
		return all, nil
	})
}
