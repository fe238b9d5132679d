package acceptance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	neverExpires = "The key never expires. Set expires_at, so that a forgotten key does not work for ever."
	keyExpired   = "The key has expired and its name is free. Create a new one."
)

func testExpiryAsked(t *testing.T, target Target) {
	ann := newMember(t, target)
	whole := time.Now().UTC().Add(48 * time.Hour).Truncate(time.Second)
	days := func(n int) func(time.Time) time.Time {
		return func(from time.Time) time.Time { return from.Add(time.Duration(n) * 24 * time.Hour) }
	}
	for name, test := range map[string]struct {
		asked fields
		want  func(from time.Time) time.Time
	}{
		"a time":           {fields{"expires_at": whole.Format(time.RFC3339)}, func(time.Time) time.Time { return whole }},
		"a time elsewhere": {fields{"expires_at": whole.In(time.FixedZone("", 3600)).Format(time.RFC3339)}, func(time.Time) time.Time { return whole }},
		"a fraction":       {fields{"expires_at": whole.Add(900 * time.Millisecond).Format(time.RFC3339Nano)}, func(time.Time) time.Time { return whole }},
		"one day":          {fields{"expires_in_days": 1}, days(1)},
		"the longest":      {fields{"expires_in_days": 3650}, days(3650)},
		"30_days":          {fields{"expires_in": "30_days"}, days(30)},
		"60_days":          {fields{"expires_in": "60_days"}, days(60)},
		"90_days":          {fields{"expires_in": "90_days"}, days(90)},
		"six_months":       {fields{"expires_in": "six_months"}, sixMonthsAfter},
		"one_year": {fields{"expires_in": "one_year"}, func(from time.Time) time.Time {
			return sixMonthsAfter(from).AddDate(0, 6, from.Day()-sixMonthsAfter(from).Day())
		}},
	} {
		t.Run(name, func(t *testing.T) {
			ann := ann.in(t)
			answer := ann.do("POST", "/v1/keys", merge(fields{"name": name}, test.asked))
			answer.wantStatus(http.StatusCreated)
			data := answer.data()
			got := answer.wantTime("expires_at", data["expires_at"])
			if want := test.want(answer.wantTime("created_at", data["created_at"])); !got.Equal(want) {
				t.Errorf("expires_at = %s, want %s", got, want)
			}
			if _, there := data["expires_in_days"]; there {
				t.Error("expires_in_days is given back")
			}
		})
	}
	for name, asked := range map[string]fields{"null is never": {"expires_at": nil}, "never is never": {"expires_in": "never"}} {
		t.Run(name+", with a warning", func(t *testing.T) {
			data := ann.in(t).create(asked).data
			if data["expires_at"] != nil || fmt.Sprint(data["warnings"]) != fmt.Sprint([]any{neverExpires}) {
				t.Errorf("expires_at = %v, warnings = %v", data["expires_at"], data["warnings"])
			}
		})
	}
}

func merge(all ...fields) fields {
	merged := fields{}
	for _, fields := range all {
		for name, value := range fields {
			merged[name] = value
		}
	}
	return merged
}

// A key works until the instant of its expiry and never after; from then on its name is free, cleanup or not.
func testExpiryReached(t *testing.T, target Target) {
	ann := newMember(t, target)
	key := ann.mortal()
	ann.untilExpired(key)
	ann.verify(key).wantVerdict("key_expired", "The key has expired. Create a new one.")
	got := ann.do("GET", key.path(), nil)
	got.wantStatus(http.StatusOK)
	if data := got.data(); data["status"] != "expired" || data["active"] != false {
		t.Errorf("status = %v, active = %v", data["status"], data["active"])
	}
	for _, change := range []fields{{"name": "other"}, {"active": true}, {"expires_in_days": 5}, {}} {
		ann.do("PATCH", key.path(), change).wantRefusal(http.StatusConflict, "key_expired", "Conflict", keyExpired, "")
	}
	ann.create(fields{"name": strings.ToUpper(key.name)})
	first := ann.do("DELETE", key.path(), nil)
	first.wantStatus(http.StatusOK)
	ann.do("DELETE", key.path(), nil).want(http.StatusOK, first.withoutID())
	ann.do("POST", "/v1/keys", fields{"name": key.name}).wantStatus(http.StatusConflict) // the second one's name still
}
