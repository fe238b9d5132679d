package acceptance

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// createJWT makes a key in JWT format.
func (c *caller) createJWT(more ...fields) key {
	c.t.Helper()
	return c.create(append([]fields{{"format": "jwt"}}, more...)...)
}

// segment is a part of a token as JSON.
func (c *caller) segment(key key, at int) fields {
	c.t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(key.secret, ".")[at])
	var read fields
	if err == nil {
		err = json.Unmarshal(text, &read)
	}
	if err != nil {
		c.t.Fatalf("part %d of a token: %v", at, err)
	}
	return read
}

// altered is the key's token with one member of a part changed, and everything else as it was signed.
func (c *caller) altered(of key, at int, name string, value any) key {
	c.t.Helper()
	part, _ := json.Marshal(merge(c.segment(of, at), fields{name: value}))
	parts := strings.Split(of.secret, ".")
	parts[at] = base64.RawURLEncoding.EncodeToString(part)
	of.secret = strings.Join(parts, ".")
	return of
}

func testJWT(t *testing.T, target Target) {
	t.Run("a token says what its key is", func(t *testing.T) { testToken(newMember(t, target)) })
	t.Run("it works wherever a key does, in its environment", func(t *testing.T) { testTokenWorks(newMember(t, target)) })
	t.Run("revoked, disabled or expired, it is dead on the next request", func(t *testing.T) { testTokenEnded(newMember(t, target)) })
	t.Run("regenerated, the old token is dead though its jti stays", func(t *testing.T) {
		ann := newMember(t, target)
		first := ann.createJWT()
		second := ann.regenerate(first, nil)
		if ann.segment(first, 1)["jti"] != ann.segment(second, 1)["jti"] {
			t.Error("the jti has changed")
		}
		ann.wantWorks(false, first)
		ann.wantWorks(true, second)
		third := ann.regenerate(second, fields{"grace_period_seconds": 3600})
		ann.wantWorks(true, second, third)
	})
	t.Run("its end can't be put off without a new token", func(t *testing.T) { testTokenEnd(newMember(t, target)) })
	t.Run("what was not signed so is malformed", func(t *testing.T) { testForgedTokens(t, newMember(t, target)) })
	t.Run("a backend verifies it by the published keys alone", func(t *testing.T) { testOffline(newMember(t, target)) })
	t.Run("a create is replayed with the same token", func(t *testing.T) {
		once := newMember(t, target).and("Idempotency-Key", newName("idempotency"))
		body := fields{"name": "once", "format": "jwt"}
		first, again := once.do("POST", "/v1/keys", body), once.do("POST", "/v1/keys", body)
		again.wantStatus(http.StatusCreated)
		if first.data()["api_key"] != again.data()["api_key"] {
			t.Error("the replay shows another token")
		}
	})
}

func testToken(ann *caller) {
	key := ann.createJWT(fields{"environment": "staging", "roles": []string{"dns_manager"}})
	id := strings.TrimPrefix(key.id, "key_")
	mask := "jwt_" + id + "..." + key.secret[len(key.secret)-4:]
	if key.data["format"] != "jwt" || key.data["key_prefix"] != mask {
		ann.t.Errorf("format = %v, key_prefix = %v, want jwt and %s", key.data["format"], key.data["key_prefix"], mask)
	}
	header, claims := ann.segment(key, 0), ann.segment(key, 1)
	if len(header) != 3 || header["typ"] != "JWT" || header["kid"] == "" || header["alg"] == "none" {
		ann.t.Errorf("header = %v", header)
	}
	created, _ := time.Parse(time.RFC3339, key.data["created_at"].(string))
	expires, _ := time.Parse(time.RFC3339, key.data["expires_at"].(string))
	want := fields{
		"iss": claims["iss"], "aud": "staging", "jti": key.id, "iat": float64(created.Unix()), "exp": float64(expires.Unix()),
		"roles": []any{"dns_manager"}, "nonce": claims["nonce"],
	}
	if diff := cmp.Diff(want, claims); diff != "" {
		ann.t.Errorf("claims (-want +got)\n%s", diff)
	}
	for _, path := range []string{key.path(), "/v1/keys"} {
		if shown := ann.do("GET", path, nil); strings.Contains(shown.text, key.secret) || !strings.Contains(shown.text, mask) {
			shown.errorf("it shows the token, or not its mask")
		}
	}
	if _, ends := ann.segment(ann.createJWT(fields{"expires_in": "never"}), 1)["exp"]; ends {
		ann.t.Error("the token of a key that never expires has an exp")
	}
}

func testTokenWorks(ann *caller) {
	key := ann.createJWT(fields{"tier": "pro"})
	for _, as := range []*caller{
		ann.with("Authorization", "Bearer "+key.secret), ann.with("X-API-Key", key.secret),
		ann.with("X-API-Key", key.secret).and("Authorization", "Bearer "+key.secret),
	} {
		answer := as.sample("production")
		answer.wantStatus(http.StatusOK)
		answer.wantHeader("X-RateLimit-Limit", "1000")
		as.do("GET", "/v1/account", nil).wantStatus(http.StatusOK) // where keys are not counted
		as.sample("staging").wantUnauthorized()
	}
	ann.with("Authorization", "Bearer "+key.secret).forward("GET", "production/dns/zones").wantStatus(http.StatusNoContent)
	ann.verify(key, fields{"environment": "staging"}).wantUnknown("wrong_environment", textEnvironment)
	data := ann.verify(key).data()
	if data["valid"] != true || data["key_id"] != key.id {
		ann.t.Errorf("verify: %v", data)
	}
	if used := ann.do("GET", key.path(), nil).data()["usage"].(fields)["requests_today"]; used != 5.0 {
		ann.t.Errorf("usage = %v", used)
	}
	bob := newMember(ann.t, ann.target)
	bob.verify(key).wantUnknown("key_unknown", textUnknown)
}

func testTokenEnded(ann *caller) {
	for code, end := range map[string]func(key){
		"key_revoked":  func(key key) { ann.do("DELETE", key.path(), nil).wantStatus(http.StatusOK) },
		"key_inactive": func(key key) { ann.do("POST", key.path()+"/disable", nil).wantStatus(http.StatusOK) },
	} {
		key := ann.createJWT()
		ann.holder(key.secret).sample("production").wantStatus(http.StatusOK)
		end(key)
		ann.wantEnded(key, code)
	}
	key := ann.mortal(fields{"format": "jwt"})
	ann.untilExpired(key)
	ann.wantEnded(key, "key_expired")
}

// wantEnded checks that a key is dead, and why.
func (c *caller) wantEnded(key key, code string) {
	c.t.Helper()
	c.holder(key.secret).sample("production").wantUnauthorized()
	if got := c.verify(key).data()["code"]; got != code {
		c.t.Errorf("verify says %v, want %s", got, code)
	}
}

func testTokenEnd(ann *caller) {
	key := ann.createJWT(fields{"expires_in_days": 30})
	text := "The key's token itself ends at " + key.data["expires_at"].(string) +
		", and no edit changes a secret. Give an earlier time, or regenerate the key with this expiry instead."
	for _, later := range []fields{{"expires_in_days": 31}, {"expires_at": nil}, {"expires_in": "never"}} {
		ann.do("PATCH", key.path(), later).wantRefusal(http.StatusConflict, "secret_expiry_fixed", "Conflict", text, "expires_at")
	}
	earlier := ann.do("PATCH", key.path(), fields{"expires_in_days": 10})
	earlier.wantStatus(http.StatusOK)
	ann.wantWorks(true, key)
	ann.do("PATCH", key.path(), fields{"expires_at": key.data["expires_at"]}).wantStatus(http.StatusOK)
	again := ann.regenerate(key, fields{"expires_in_days": 60})
	ends, _ := time.Parse(time.RFC3339, again.data["expires_at"].(string))
	if got := ann.segment(again, 1)["exp"]; got != float64(ends.Unix()) {
		ann.t.Errorf("exp = %v, expires_at = %s", got, ends)
	}
	ann.do("PATCH", key.path(), fields{"expires_in_days": 31}).wantStatus(http.StatusOK)
}

// testForgedTokens changes a good token in ways that each would give somebody something.
func testForgedTokens(t *testing.T, ann *caller) {
	good, other := ann.createJWT(fields{"roles": []string{"dns_manager"}}), ann.createJWT()
	parts := strings.Split(good.secret, ".")
	unsigned := ann.altered(good, 0, "alg", "none")
	bare := unsigned
	bare.secret = strings.Join(append(strings.Split(unsigned.secret, ".")[:2], ""), ".")
	swapped := good
	swapped.secret = strings.Join([]string{parts[0], parts[1], strings.Split(other.secret, ".")[2]}, ".")
	flipped := good
	flipped.secret = strings.Join([]string{parts[0], parts[1], strings.Repeat("A", len(parts[2]))}, ".")
	for name, forged := range map[string]key{
		"alg none":               unsigned,
		"alg none, no signature": bare,
		"alg HS256":              ann.altered(good, 0, "alg", "HS256"),
		"a foreign kid":          ann.altered(good, 0, "kid", "s-foreign"),
		"a key of its own":       ann.altered(good, 0, "jwk", fields{"kty": "OKP"}),
		"another key's jti":      ann.altered(good, 1, "jti", other.id),
		"more roles":             ann.altered(good, 1, "roles", []string{"admin"}),
		"a later exp":            ann.altered(good, 1, "exp", 4102444800),
		"an earlier iat":         ann.altered(good, 1, "iat", 1),
		"another nonce":          ann.altered(good, 1, "nonce", "AAAAAAAAAAAAAAAAAAAAAA"),
		"another's signature":    swapped,
		"a signature of nothing": flipped,
	} {
		t.Run(name, func(t *testing.T) {
			ann := ann.in(t)
			ann.verify(forged).wantUnknown("credential_malformed", textMalformed)
			ann.holder(forged.secret).sample("production").wantUnauthorized()
			ann.with("Authorization", "Bearer "+forged.secret).sample("production").wantUnauthorized()
		})
	}
	t.Run("another environment's aud", func(t *testing.T) {
		staging := ann.in(t).altered(good, 1, "aud", "staging")
		for _, environment := range []string{"production", "staging"} {
			if data := ann.in(t).verify(staging, fields{"environment": environment}).data(); data["valid"] != false || data["key_id"] != nil {
				t.Errorf("in %s: %v", environment, data)
			}
			ann.in(t).holder(staging.secret).sample(environment).wantUnauthorized()
		}
	})
	ann.wantWorks(true, good)
}
