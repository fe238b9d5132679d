package acceptance

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func testRevoke(t *testing.T, target Target) {
	t.Run("the answer is the key's id and the time, and the key is dead at once", func(t *testing.T) {
		ann := newMember(t, target)
		key := ann.create()
		ann.holder(key.secret).sample("production").wantStatus(http.StatusOK)
		answer := ann.do("DELETE", key.path(), nil)
		ann.holder(key.secret).sample("production").wantStatus(http.StatusUnauthorized)
		answer.wantStatus(http.StatusOK)
		if got := answer.body()["message"]; got != "API key revoked successfully" {
			t.Errorf("message = %q", got)
		}
		data := answer.data()
		answer.wantTime("revoked_at", data["revoked_at"])
		if diff := cmp.Diff(fields{"key_id": key.id, "revoked_at": data["revoked_at"]}, data); diff != "" {
			t.Error(diff)
		}
		ann.verify(key).wantVerdict("key_revoked", keyRevoked)
	})
	t.Run("again answers as the first time", func(t *testing.T) {
		ann := newMember(t, target)
		key := ann.create()
		first := ann.do("DELETE", key.path(), nil)
		for range 3 {
			ann.do("DELETE", key.path(), nil).want(http.StatusOK, first.withoutID())
		}
	})
	t.Run("the record stays", func(t *testing.T) {
		ann := newMember(t, target)
		key := ann.create()
		ann.holder(key.secret).sample("production").wantStatus(http.StatusOK)
		revoked := ann.do("DELETE", key.path(), nil).data()["revoked_at"]
		got := ann.do("GET", key.path(), nil)
		got.wantStatus(http.StatusOK)
		data := got.data()
		if data["status"] != "revoked" || data["active"] != false || data["revoked_at"] != revoked || data["last_used_at"] == nil || data["name"] != key.name {
			got.errorf("the record of a revoked key is another")
		}
	})
	t.Run("an inactive key can be revoked", func(t *testing.T) {
		ann := newMember(t, target)
		key := ann.create()
		ann.do("PATCH", key.path(), fields{"active": false}).wantStatus(http.StatusOK)
		ann.do("DELETE", key.path(), nil).wantStatus(http.StatusOK)
		ann.verify(key).wantVerdict("key_revoked", keyRevoked)
	})
}
