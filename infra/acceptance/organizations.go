package acceptance

import (
	"net/http"
	"testing"
)

// Another organization's key can't be told from one that never existed: not by a byte, but for the request's id.
func testOrganizations(t *testing.T, target Target) {
	ann, bob := newMember(t, target), newMember(t, target)
	key := ann.create()
	foreign, never := key.path(), "/v1/keys/key_00000000"
	for name, test := range map[string]struct {
		method string
		body   any
	}{
		"get":               {"GET", nil},
		"update":            {"PATCH", fields{"name": "taken over"}},
		"disable":           {"PATCH", fields{"active": false}},
		"an empty change":   {"PATCH", fields{}},
		"a bad change":      {"PATCH", fields{"name": ""}},
		"an impossible one": {"PATCH", fields{"tier": "gold", "expires_in": "nothing"}},
		"revoke":            {"DELETE", nil},
	} {
		t.Run(name, func(t *testing.T) {
			bob := bob.in(t)
			one, other := bob.do(test.method, foreign, test.body), bob.do(test.method, never, test.body)
			one.wantKeyNotFound()
			if one.status != other.status || one.withoutRequestID() != other.withoutRequestID() {
				t.Errorf("they can be told apart:\n%s\n%s", one.text, other.text)
			}
			for name := range one.header {
				if _, same := other.header[name]; !same {
					t.Errorf("only one answer has %s", name)
				}
			}
			conditional := bob.and("If-Match", `"1"`)
			if one, other := conditional.do(test.method, foreign, test.body), conditional.do(test.method, never, test.body); one.withoutRequestID() != other.withoutRequestID() {
				t.Errorf("with If-Match they can be told apart:\n%s\n%s", one.text, other.text)
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
		bob := bob.in(t)
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
