package acceptance

import (
	"net/http"
	"time"
)

// wantGrace checks when the secret before dies.
func (c *caller) wantGrace(key key, want time.Time) {
	c.t.Helper()
	text, _ := key.data["previous_secret_expires_at"].(string)
	until, err := time.Parse(time.RFC3339, text)
	if err != nil || until.Sub(want).Abs() > 5*time.Second {
		c.t.Errorf("previous_secret_expires_at = %q, want about %s", text, want)
	}
}

func testGraceEnds(ann *caller) {
	first, second := ann.inGrace()
	end, err := time.Parse(time.RFC3339, second.data["previous_secret_expires_at"].(string))
	if err != nil {
		ann.t.Fatal(err)
	}
	ann.untilRefused(first, end)
	ann.wantWorks(false, first)
	ann.wantWorks(true, second)
}

// inGrace regenerates a key with a grace of seconds, and has seen the first secret work in it.
func (c *caller) inGrace() (first, second key) {
	c.t.Helper()
	for _, grace := range lifetimes {
		asked := time.Now()
		first = c.create(fields{"tier": "enterprise"})
		second = c.regenerate(first, fields{"grace_period_seconds": int(grace.Seconds())})
		used := c.holder(first.secret).sample("production")
		if time.Since(asked) > grace-clockLeeway {
			continue
		}
		used.wantStatus(http.StatusOK)
		return first, second
	}
	c.t.Fatal("the target is too slow to regenerate a key and to use it in its grace")
	return
}

func testBadGraces(ann *caller) {
	key := ann.create()
	const field = "grace_period_seconds"
	const text = field + " must be a whole number from 0 to 604800, which is seven days, not "
	for body, want := range map[string][3]string{
		`{"grace_period_seconds":604801}`:  {"invalid_field", field, text + "604801."},
		`{"grace_period_seconds":-1}`:      {"invalid_field", field, text + "-1."},
		`{"grace_period_seconds":"60"}`:    {"invalid_field", field, field + " must be a whole number."},
		`{"grace_period_seconds":1.5}`:     {"invalid_field", field, field + " must be a whole number."},
		`{"compromised":"yes"}`:            {"invalid_field", "compromised", "compromised must be true or false."},
		`{"grace":60}`:                     {"unknown_field", "grace", noField("grace", regenerateFields)},
		`{"api_key":"` + key.secret + `"}`: {"unknown_field", "api_key", noField("api_key", regenerateFields)},
		`[]`:                               {"invalid_body", "", "The body must be one JSON object."},
	} {
		ann.do("POST", key.path()+"/regenerate", body).wantInvalid(want[0], want[1], want[2])
	}
	ann.wantWorks(true, key)
	again := ann.regenerate(key, fields{"grace_period_seconds": 604800})
	ann.wantGrace(again, time.Now().Add(7*24*time.Hour))
}

// regenerateFields are the fields of a regenerate, as an error lists them.
const regenerateFields = "grace_period_seconds, compromised, expires_at, expires_in_days, expires_in"

// testRegenerateLonger lets a key live longer, or shorter, with its new secret. The old one never does.
func testRegenerateLonger(ann *caller) {
	key := ann.create(fields{"expires_in_days": 2})
	longer := ann.regenerate(key, fields{"expires_in": "never", "grace_period_seconds": 5 * 24 * 3600})
	if longer.data["expires_at"] != nil || longer.data["previous_secret_expires_at"] != key.data["expires_at"] {
		ann.t.Errorf("expires_at = %v, previous_secret_expires_at = %v", longer.data["expires_at"], longer.data["previous_secret_expires_at"])
	}
	at := time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	shorter := ann.regenerate(longer, fields{"expires_at": at, "grace_period_seconds": 5 * 24 * 3600})
	if shorter.data["expires_at"] != at || shorter.data["previous_secret_expires_at"] != at {
		ann.t.Errorf("expires_at = %v, previous_secret_expires_at = %v, want %s", shorter.data["expires_at"], shorter.data["previous_secret_expires_at"], at)
	}
	ann.do("POST", key.path()+"/regenerate", fields{"expires_in": "never", "expires_in_days": 5}).wantInvalid("invalid_field", "expires_at", onlyOne)
	locked := ann.create(fields{"locked": true})
	ann.do("POST", locked.path()+"/regenerate", fields{"expires_in": "never"}).wantRefusal(http.StatusConflict, "key_locked", "Conflict", keyLocked, "")
	ann.wantWorks(true, shorter, locked)
}
