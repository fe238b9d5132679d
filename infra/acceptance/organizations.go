package acceptance

import (
	"net/http"
	"testing"
)

// strangersCalls are all calls about a key, good and bad.
var strangersCalls = map[string]struct {
	method, tail string
	body         any
}{
	"get":               {"GET", "", nil},
	"update":            {"PATCH", "", fields{"name": "taken over"}},
	"disable by PATCH":  {"PATCH", "", fields{"active": false}},
	"an empty change":   {"PATCH", "", fields{}},
	"a bad change":      {"PATCH", "", fields{"name": ""}},
	"an impossible one": {"PATCH", "", fields{"tier": "gold", "expires_in": "nothing"}},
	"other rules":       {"PATCH", "", fields{"roles": []string{"admin"}, "ip_allow": networks("203.0.113.9"), "services": "all"}},
	"revoke":            {"DELETE", "", nil},
	"disable":           {"POST", "/disable", nil},
	"enable":            {"POST", "/enable", nil},
	"regenerate":        {"POST", "/regenerate", fields{"grace_period_seconds": 60}},
	"explain":           {"POST", "/explain", fields{"service": "dns"}},
}

// Another organization's key can't be told from one that never existed: not by a byte, but for the request's id.
func testOrganizations(t *testing.T, target Target) {
	ann, bob := newMember(t, target), newMember(t, target)
	key := ann.create()
	foreign, never := key.path(), "/v1/keys/key_00000000"
	for name, test := range strangersCalls {
		t.Run(name, func(t *testing.T) {
			for _, bob := range []*caller{bob.in(t), bob.in(t).holder(bob.create().secret)} {
				wantIndistinct(bob, test.method, foreign+test.tail, never+test.tail, test.body)
				wantIndistinct(bob.and("If-Match", `"1"`), test.method, foreign+test.tail, never+test.tail, test.body)
			}
		})
	}
	t.Run("the key is as it was", func(t *testing.T) {
		ann := ann.in(t)
		got := ann.do("GET", foreign, nil)
		got.wantStatus(http.StatusOK)
		if data := got.data(); data["version"] != 1.0 || data["name"] != key.name || data["status"] != "active" {
			got.errorf("somebody else changed it")
		}
		ann.holder(key.secret).sample("production").wantStatus(http.StatusOK)
	})
	t.Run("lists hold one's own keys", func(t *testing.T) {
		bob := newMember(t, target)
		own := bob.create()
		for _, query := range []string{"", "?status=all", "?owner=" + ann.name, "?q=" + key.id, "?q=" + mask(key), "?sort=name"} {
			for _, name := range bob.do("GET", "/v1/keys"+query, nil).names() {
				if name != own.name {
					t.Errorf("%q lists %s", query, name)
				}
			}
		}
		if got := bob.do("GET", "/v1/keys", nil).data()["total"]; got != 1.0 {
			t.Errorf("total = %v", got)
		}
	})
}

// wantIndistinct asks for another organization's thing and for one that never was: nobody can tell the answers apart.
func wantIndistinct(bob *caller, method, foreign, never string, body any) {
	bob.t.Helper()
	one, other := bob.do(method, foreign, body), bob.do(method, never, body)
	one.wantKeyNotFound()
	if one.status != other.status || one.withoutRequestID() != other.withoutRequestID() {
		bob.t.Errorf("they can be told apart:\n%s\n%s", one.text, other.text)
	}
	for name := range one.header {
		if _, same := other.header[name]; !same {
			bob.t.Errorf("only one answer has %s", name)
		}
	}
}
