package acceptance

import (
	"net/http"
	"testing"
)

func testCredentials(t *testing.T, target Target) {
	ann := newMember(t, target)
	key, other := ann.create(fields{"tier": "pro"}), ann.create()
	for name, as := range map[string]*caller{
		"X-API-Key":                ann.with("X-API-Key", key.secret),
		"x-api-key":                ann.with("x-api-key", key.secret),
		"X-Api-KEY":                ann.with("X-Api-KEY", key.secret),
		"Bearer":                   ann.with("Authorization", "Bearer "+key.secret),
		"authorization":            ann.with("authorization", "Bearer "+key.secret),
		"AUTHORIZATION":            ann.with("AUTHORIZATION", "Bearer "+key.secret),
		"bearer":                   ann.with("Authorization", "bearer "+key.secret),
		"BEARER":                   ann.with("Authorization", "BEARER "+key.secret),
		"spaces around":            ann.with("Authorization", "Bearer    "+key.secret+"  "),
		"the same in both":         ann.with("X-API-Key", key.secret).and("Authorization", "Bearer "+key.secret),
		"another scheme is not it": ann.with("X-API-Key", key.secret).and("Authorization", "Basic dXNlcjpwYXNz"),
	} {
		t.Run(name, func(t *testing.T) { as.in(t).sample("production").wantStatus(http.StatusOK) })
	}
	for name, as := range map[string]*caller{
		"different ones":           ann.with("X-API-Key", key.secret).and("Authorization", "Bearer "+other.secret),
		"a session beside a key":   ann.and("X-API-Key", key.secret),
		"a session in X-API-Key":   ann.with("X-API-Key", ann.headers["Authorization"][len("Bearer "):]),
		"a key in Basic":           ann.with("Authorization", "Basic "+key.secret),
		"a key without a scheme":   ann.with("Authorization", key.secret),
		"Bearer inside X-API-Key":  ann.with("X-API-Key", "Bearer "+key.secret),
		"a space within":           ann.with("X-API-Key", key.secret[:20]+" "+key.secret[20:]),
		"empty":                    ann.with("X-API-Key", ""),
		"Bearer of nothing":        ann.with("Authorization", "Bearer"),
		"two in one":               ann.with("X-API-Key", key.secret+","+key.secret),
		"in the query, not at all": nobody(t, target),
	} {
		t.Run(name, func(t *testing.T) {
			as.in(t).send("GET", target.Sample("production")+"/zones?api_key="+key.secret, nil).wantUnauthorized()
		})
	}
}

const needsSession = "This request needs a member's session token; keys may call POST /v1/keys/verify. Sign in and send the session token."

// A key may call verify and nothing else of the admin API; whatever is wrong with it, that is a 401.
func testKeyAsCaller(t *testing.T, target Target) {
	ann := newMember(t, target)
	key, other := ann.create(fields{"tier": "pro"}), ann.create()
	for name, test := range map[string]struct {
		method, path string
		body         any
	}{
		"create":   {"POST", "/v1/keys", fields{"name": "x"}},
		"generate": {"POST", "/v1/keys/generate", fields{"name": "x"}},
		"list":     {"GET", "/v1/keys", nil},
		"get":      {"GET", other.path(), nil},
		"update":   {"PATCH", other.path(), fields{"name": "x"}},
		"revoke":   {"DELETE", other.path(), nil},
	} {
		t.Run(name, func(t *testing.T) {
			for header, value := range map[string]string{"X-API-Key": key.secret, "Authorization": "Bearer " + key.secret} {
				ann.in(t).with(header, value).do(test.method, test.path, test.body).
					wantRefusal(http.StatusForbidden, "permission_denied", "Permission denied", needsSession, "")
			}
			ann.in(t).holder(madeUp(key, "production").secret).do(test.method, test.path, test.body).wantNoSession()
		})
	}
	wantTotal(ann, 2)
	t.Run("verify counts the key that is verified, not the caller", func(t *testing.T) {
		ann := ann.in(t)
		caller, asked := ann.create(), ann.create()
		if got := ann.holder(caller.secret).verify(asked).data()["valid"]; got != true {
			t.Errorf("valid = %v", got)
		}
		for key, want := range map[string]float64{caller.path(): 0, asked.path(): 1} {
			data := ann.do("GET", key, nil).data()
			if got := data["usage"].(fields)["requests_today"]; got != want || data["last_used_at"] == nil {
				t.Errorf("requests today = %v, want %v; last_used_at = %v", got, want, data["last_used_at"])
			}
		}
	})
	t.Run("verify asks about the caller's own environment", func(t *testing.T) {
		ann := ann.in(t)
		staging := ann.create(fields{"environment": "staging"})
		if got := ann.holder(staging.secret).verify(staging).data()["valid"]; got != true {
			t.Errorf("a staging key about a staging key: valid = %v", got)
		}
		ann.holder(staging.secret).verify(key).wantUnknown("wrong_environment", textEnvironment)
		ann.holder(staging.secret).verify(key, fields{"environment": "production"}).wantUnknown("wrong_environment", textEnvironment)
	})
	t.Run("another organization's key is unknown to it", func(t *testing.T) {
		bob := newMember(t, target)
		bob.holder(bob.create().secret).verify(key).wantUnknown("key_unknown", textUnknown)
	})
	t.Run("a revoked one is a 401", func(t *testing.T) {
		ann := ann.in(t)
		caller := ann.create()
		ann.do("DELETE", caller.path(), nil).wantStatus(http.StatusOK)
		ann.holder(caller.secret).do("POST", "/v1/keys/verify", fields{"api_key": key.secret}).wantNoSession()
	})
}
