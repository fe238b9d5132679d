package acceptance

import (
	"net/http"
	"strings"
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

// A key may call what its permissions and its services give it; whatever is wrong with the key itself, that is a 401.
func testKeyAsCaller(t *testing.T, target Target) {
	ann := newMember(t, target)
	key, other := ann.create(fields{"tier": "pro"}), ann.create()
	t.Run("a key with the permission calls every endpoint", func(t *testing.T) { testKeyCallsAll(ann.in(t)) })
	t.Run("a key without the permission is told which it needs", func(t *testing.T) { testKeyLacks(ann.in(t)) })
	t.Run("a key that nobody made is the one 401", func(t *testing.T) {
		for _, method := range []string{"GET", "DELETE"} {
			ann.in(t).holder(madeUp(key, "production").secret).do(method, other.path(), nil).wantNoSession()
		}
	})
	t.Run("verify counts the key that is verified, not the caller", func(t *testing.T) { testVerifyCounts(ann.in(t)) })
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

func testVerifyCounts(ann *caller) {
	caller, asked := ann.create(), ann.create()
	if got := ann.holder(caller.secret).verify(asked).data()["valid"]; got != true {
		ann.t.Errorf("valid = %v", got)
	}
	for key, want := range map[string]float64{caller.path(): 0, asked.path(): 1} {
		data := ann.do("GET", key, nil).data()
		if got := data["usage"].(fields)["requests_today"]; got != want || data["last_used_at"] == nil {
			ann.t.Errorf("requests today = %v, want %v; last_used_at = %v", got, want, data["last_used_at"])
		}
	}
}

// testKeyCallsAll manages keys by a key: in both headers, by each permission that says so.
func testKeyCallsAll(ann *caller) {
	manager := ann.create(fields{"permissions": []string{"keys:read", "keys:write", "keys:verify", "dns:*"}, "services": []string{"keyward", "dns"}})
	for header, value := range map[string]string{"X-API-Key": manager.secret, "Authorization": "Bearer " + manager.secret} {
		as := ann.with(header, value)
		made := as.create(fields{"permissions": []string{"dns:read"}})
		if made.data["created_by"] != "key:"+manager.id || made.data["owner"] != ann.name {
			ann.t.Errorf("created_by = %v, owner = %v", made.data["created_by"], made.data["owner"])
		}
		as.do("GET", "/v1/keys", nil).wantStatus(http.StatusOK)
		as.do("GET", made.path(), nil).wantStatus(http.StatusOK)
		as.do("PATCH", made.path(), fields{"description": "x"}).wantStatus(http.StatusOK)
		for _, action := range []string{"/disable", "/enable", "/regenerate", "/explain"} {
			as.do("POST", made.path()+action, nil).wantStatus(http.StatusOK)
		}
		as.verify(made).wantUnknown("key_unknown", textUnknown) // it has been regenerated
		as.do("DELETE", made.path(), nil).wantStatus(http.StatusOK)
		as.do("GET", "/v1/account", nil).wantStatus(http.StatusOK)
		as.do("GET", "/v1/catalog", nil).wantStatus(http.StatusOK)
	}
}

// testKeyLacks calls with keys that lack the one permission, or the service, that a call needs.
func testKeyLacks(ann *caller) {
	other := ann.create()
	reader := ann.holder(ann.create(fields{"permissions": []string{"keys:read"}}).secret)
	writer := ann.holder(ann.create(fields{"permissions": []string{"keys:write"}}).secret)
	elsewhere := ann.holder(ann.create(fields{"services": []string{"dns"}}).secret)
	for _, call := range []string{"POST /v1/keys", "POST /v1/keys/generate", "PATCH " + other.path(), "DELETE " + other.path(), "POST " + other.path() + "/disable", "POST " + other.path() + "/regenerate"} {
		reader.call(call, fields{"name": "x"}).wantForbidden("permission_denied", needsText("keys:write"))
		elsewhere.call(call, fields{"name": "x"}).wantForbidden("service_denied", "The key may not use the service keyward. See its services.")
	}
	for _, call := range []string{"GET /v1/keys", "GET " + other.path(), "POST " + other.path() + "/explain"} {
		writer.call(call, nil).wantForbidden("permission_denied", needsText("keys:read")) // write does not imply read
	}
	reader.call("POST /v1/keys/verify", fields{"api_key": other.secret}).wantForbidden("permission_denied", needsText("keys:verify"))
}

// call sends a request to the admin API that is written as method and path.
func (c *caller) call(call string, body any) *answer {
	c.t.Helper()
	method, path, _ := strings.Cut(call, " ")
	return c.do(method, path, body)
}

// wantForbidden checks a 403 about what the caller may not do.
func (a *answer) wantForbidden(code, text string) {
	a.t.Helper()
	a.wantRefusal(http.StatusForbidden, code, "Permission denied", text, "")
}

func needsText(permission string) string {
	return "This request needs " + permission + ", which the key does not have. See its permissions."
}
