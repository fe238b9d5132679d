package acceptance

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const keyNotFound = "There is no such key in your organization. Check the key_id."

func (a *answer) wantKeyNotFound() {
	a.t.Helper()
	a.wantRefusal(http.StatusNotFound, "key_not_found", "API key not found", keyNotFound, "")
}

func testGet(t *testing.T, target Target) {
	t.Run("an unused key has null for its last use and counts of 0", func(t *testing.T) {
		ann := newMember(t, target)
		key := ann.create()
		want := merge(key.data, fields{"usage": fields{"requests_today": 0.0, "requests_this_month": 0.0}})
		delete(want, "api_key")
		delete(want, "warnings")
		answer := ann.do("GET", key.path(), nil)
		answer.wantStatus(http.StatusOK)
		if got := answer.body()["message"]; got != "API key retrieved successfully" {
			t.Errorf("message = %q", got)
		}
		answer.wantHeader("ETag", `"1"`)
		if diff := cmp.Diff(want, answer.data()); diff != "" {
			t.Errorf("data (-want +got):\n%s", diff)
		}
	})
	t.Run("what was admitted is counted, and the last use is known", func(t *testing.T) { testUsage(newMember(t, target)) })
	t.Run("a key id that never was, and any other shape, is a 404", func(t *testing.T) {
		ann := newMember(t, target)
		for _, id := range []string{"key_00000000", "00000000", "key_0000000", "key_000000000", "key_0000000-", "KEY_00000000", "nonsense", "%20", "key_%C3%A9000000"} {
			for _, method := range []string{"GET", "DELETE", "PATCH"} {
				var body any
				if method == "PATCH" {
					body = fields{}
				}
				ann.do(method, "/v1/keys/"+id, body).wantKeyNotFound()
			}
		}
	})
}

func testUsage(ann *caller) {
	ann.t.Helper()
	key := ann.create(fields{"tier": "pro"})
	for range 3 {
		ann.holder(key.secret).sample("production").wantStatus(http.StatusOK)
	}
	ann.holder(key.secret).sample("staging").wantStatus(http.StatusUnauthorized) // is no use
	answer := ann.do("GET", key.path(), nil)
	data := answer.data()
	used, month := data["usage"].(fields)["requests_today"].(float64), data["usage"].(fields)["requests_this_month"].(float64)
	if used != month || used > 3 || used < 1 { // fewer only where a day ended meanwhile
		answer.errorf("usage of 3 requests: %v today, %v this month", used, month)
	}
	answer.wantTime("last_used_at", data["last_used_at"])
	if ip, ok := data["last_used_ip"].(string); !ok || ip == "" {
		answer.errorf("last_used_ip = %v", data["last_used_ip"])
	}
	if data["updated_at"] != data["created_at"] || data["version"] != 1.0 {
		answer.errorf("a use changed updated_at or version")
	}
}
