package acceptance

import (
	"net/http"
	"time"
)

// lifetimes are how long something lives whose end a test waits for: the next one where the target took too long for the one before.
var lifetimes = []time.Duration{3 * time.Second, 10 * time.Second, 30 * time.Second}

// clockLeeway is how far the clocks of a target and of this machine may be apart.
const clockLeeway = time.Second

// mortal makes a key that expires within seconds, and has seen it work before.
func (c *caller) mortal(more ...fields) key {
	c.t.Helper()
	for _, lifetime := range lifetimes {
		expiry := time.Now().Add(lifetime).Truncate(time.Second)
		inTime := func() bool { return time.Now().Before(expiry.Add(-clockLeeway)) }
		made := fields{"name": newName("mortal"), "tier": "enterprise", "expires_at": expiry.UTC().Format(time.RFC3339)}
		answer := c.do("POST", "/v1/keys", merge(append(more, made)...))
		if answer.status != http.StatusCreated && !inTime() {
			continue
		}
		key := c.created(answer)
		used := c.holder(key.secret).sample("production")
		if !inTime() {
			continue
		}
		used.wantStatus(http.StatusOK)
		return key
	}
	c.t.Fatal("the target is too slow to make a key and to use it before it expires")
	return key{}
}

// untilExpired waits for a mortal key's end, which comes when the key says.
func (c *caller) untilExpired(key key) {
	c.t.Helper()
	expiry, err := time.Parse(time.RFC3339, key.data["expires_at"].(string))
	if err != nil {
		c.t.Fatal(err)
	}
	c.untilRefused(key, expiry)
}

// untilRefused waits for the end of a secret that works until then: no request that starts later may be allowed, and none
// that is answered earlier refused.
func (c *caller) untilRefused(key key, end time.Time) {
	c.t.Helper()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for ; ; <-ticker.C {
		asked := time.Now()
		answer := c.holder(key.secret).sample("production")
		answered := time.Now()
		if answer.status != http.StatusOK {
			answer.wantUnauthorized()
			if answered.Before(end.Add(-clockLeeway)) {
				c.t.Fatalf("the secret was refused %s before its end", end.Sub(answered))
			}
			return
		}
		if asked.After(end.Add(clockLeeway)) {
			c.t.Fatalf("the secret works %s after its end", asked.Sub(end))
		}
	}
}
