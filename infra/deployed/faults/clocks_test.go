package faults

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// pair is two houses on one table whose clocks are two seconds apart: one is a second fast, the other as much slow.
type pair struct {
	*home
	token      string
	fast, slow string
}

func openPair(t *testing.T) *pair {
	t.Helper()
	h := open(t)
	p := &pair{home: h, token: h.token("ann"), fast: h.another(time.Second), slow: h.another(-time.Second)}
	p.untilMinute(30 * time.Second)
	return p
}

// untilMinute moves the clock to that time before the next full minute.
func (p *pair) untilMinute(left time.Duration) {
	now := p.clock.Now()
	p.clock.Advance(now.Truncate(time.Minute).Add(time.Minute - left).Sub(now))
}

func (p *pair) make(body string) answer {
	p.Helper()
	made := p.ask("POST", "/v1/keys", p.token, body)
	if made.status != http.StatusCreated {
		p.Fatalf("%d %v", made.status, made.body)
	}
	return made
}

func (p *pair) want(url, secret string, status int, when string) {
	p.Helper()
	if got := p.askAt(url, "GET", zones, secret, ""); got.status != status {
		p.Errorf("%s: status %d, want %d: %v", when, got.status, status, got.body)
	}
}

// Each clock sees a key's expiry within its own error, and so the key ends at most a second late, and never before the fast one
// says so.
func TestAKeyEndsForBothClocks(t *testing.T) {
	p := openPair(t)
	expires := p.clock.Now().Add(10 * time.Second).Truncate(time.Second)
	secret := p.make(fmt.Sprintf(`{"name":"ends","permissions":["dns:read"],"expires_at":%q}`, expires.Format(time.RFC3339))).text("api_key")
	p.clock.Advance(expires.Add(-2 * time.Second).Sub(p.clock.Now()))
	p.want(p.fast, secret, http.StatusOK, "two seconds before, by the fast clock")
	p.clock.Advance(time.Second)
	p.want(p.fast, secret, http.StatusUnauthorized, "a second before, by the fast clock")
	p.want(p.slow, secret, http.StatusOK, "a second before, by the slow clock")
	p.clock.Advance(2*time.Second - time.Millisecond)
	p.want(p.slow, secret, http.StatusOK, "just before the slow clock says so")
	p.clock.Advance(time.Millisecond)
	p.want(p.slow, secret, http.StatusUnauthorized, "a second after, by the slow clock")
	p.want(p.fast, secret, http.StatusUnauthorized, "a second after, by the fast clock")
}

// The same holds for the grace of a secret that was replaced. One that has none is dead for both at once.
func TestAGraceEndsForBothClocks(t *testing.T) {
	p := openPair(t)
	made := p.make(`{"name":"rotated","permissions":["dns:read"]}`)
	secret := made.text("api_key")
	next := p.ask("POST", "/v1/keys/"+made.text("key_id")+"/regenerate", p.token, `{"grace_period_seconds":60}`)
	p.clock.Advance(58 * time.Second)
	p.want(p.fast, secret, http.StatusOK, "two seconds before, by the fast clock")
	p.clock.Advance(2 * time.Second)
	p.want(p.fast, secret, http.StatusUnauthorized, "at the end, by the fast clock")
	p.clock.Advance(time.Second)
	p.want(p.slow, secret, http.StatusUnauthorized, "a second after, by the slow clock")
	p.want(p.slow, next.text("api_key"), http.StatusOK, "the new secret")
	p.askAt(p.slow, "POST", "/v1/keys/"+made.text("key_id")+"/regenerate", p.token, "")
	p.want(p.fast, next.text("api_key"), http.StatusUnauthorized, "replaced by the slow house, in the fast one")
	p.want(p.slow, next.text("api_key"), http.StatusUnauthorized, "replaced by the slow house, in itself")
}

// What one house restricts the other refuses at once, whoever's clock is ahead.
func TestARestrictionHoldsForBothClocks(t *testing.T) {
	p := openPair(t)
	for from, to := range map[string]string{p.fast: p.slow, p.slow: p.fast} {
		made := p.make(fmt.Sprintf(`{"name":"of %s","permissions":["dns:read"]}`, from))
		p.want(to, made.text("api_key"), http.StatusOK, "before")
		if got := p.askAt(from, "DELETE", "/v1/keys/"+made.text("key_id"), p.token, ""); got.status != http.StatusOK {
			t.Fatalf("%d %v", got.status, got.body)
		}
		p.want(to, made.text("api_key"), http.StatusUnauthorized, "revoked in the other house")
	}
}

// A window belongs to the minute that a clock shows, and is one for all: however the houses take turns around the end of a minute,
// no window lets through more than the limit, nor does one begin again because the fast house took it for stale.
func TestNoWindowIsExceededByTwoClocks(t *testing.T) {
	p := openPair(t)
	const limit = 5
	secret := p.make(fmt.Sprintf(`{"name":"limited","rate_limit":%d,"permissions":["dns:read"]}`, limit)).text("api_key")
	allowed := map[time.Time]int{}
	use := func(url string, skew time.Duration) {
		if got := p.askAt(url, "GET", zones, secret, ""); got.status == http.StatusOK {
			allowed[p.clock.Now().Add(skew).Truncate(time.Minute)]++
		}
	}
	for range 4 {
		for _, left := range []time.Duration{1500, 999, 500, 1} {
			p.untilMinute(left * time.Millisecond)
			for range limit/2 + 1 {
				use(p.fast, time.Second)
				use(p.slow, -time.Second)
			}
		}
		p.clock.Advance(1500 * time.Millisecond)
		for range limit {
			use(p.slow, -time.Second)
			use(p.fast, time.Second)
		}
	}
	for minute, n := range allowed {
		if n != limit {
			t.Errorf("in the minute of %s %d were allowed, the limit is %d", minute.Format(time.TimeOnly), n, limit)
		}
	}
	if len(allowed) < 4 {
		t.Errorf("only %d minutes were seen", len(allowed))
	}
}
