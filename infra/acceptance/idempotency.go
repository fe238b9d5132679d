package acceptance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func testIdempotency(t *testing.T, target Target) {
	t.Run("a replay gives the same secret and the key as it is now", func(t *testing.T) {
		ann := newMember(t, target)
		once, body := ann.and("Idempotency-Key", newName("idempotency")), fields{"name": "first", "tier": "free"}
		first := once.do("POST", "/v1/keys", body)
		first.wantHeader("Idempotent-Replayed", "")
		key := ann.created(first)
		ann.do("PATCH", key.path(), fields{"name": "renamed"}).wantStatus(http.StatusOK)
		replay := once.do("POST", "/v1/keys", body)
		replay.wantHeader("Idempotent-Replayed", "true")
		again := ann.created(replay)
		if again.secret != key.secret || again.id != key.id || again.name != "renamed" {
			t.Errorf("a replay gave %s %q, not the key %s with its secret", again.id, again.name, key.id)
		}
		ann.holder(again.secret).sample("production").wantStatus(http.StatusOK)
		wantTotal(ann, 1)
	})
	t.Run("another body is a conflict", func(t *testing.T) {
		ann := newMember(t, target)
		once := ann.and("Idempotency-Key", newName("idempotency"))
		once.created(once.do("POST", "/v1/keys", fields{"name": "first"}))
		once.do("POST", "/v1/keys", fields{"name": "second"}).wantRefusal(http.StatusConflict, "idempotency_conflict", "Conflict",
			"This Idempotency-Key was used for a create with another body. Use a new one.", "")
		wantTotal(ann, 1)
	})
	t.Run("after a revocation the secret is gone", func(t *testing.T) {
		ann := newMember(t, target)
		once := ann.and("Idempotency-Key", newName("idempotency"))
		key := once.created(once.do("POST", "/v1/keys", fields{"name": "first"}))
		ann.do("DELETE", key.path(), nil).wantStatus(http.StatusOK)
		once.do("POST", "/v1/keys", fields{"name": "first"}).wantRefusal(http.StatusConflict, "idempotency_conflict", "Conflict",
			"The key "+key.id+" was created under this Idempotency-Key, but its secret is no longer valid and can't be shown again. Use a new Idempotency-Key.", "")
	})
	t.Run("somebody else's is another one", func(t *testing.T) {
		shared := newName("idempotency")
		ann, bob := newMember(t, target).and("Idempotency-Key", shared), newMember(t, target).and("Idempotency-Key", shared)
		first := ann.created(ann.do("POST", "/v1/keys", fields{"name": "first"}))
		other := bob.do("POST", "/v1/keys", fields{"name": "first"})
		other.wantHeader("Idempotent-Replayed", "")
		if bob.created(other).id == first.id {
			t.Error("one member was shown another's key")
		}
	})
	t.Run("a refused create uses nothing up", func(t *testing.T) {
		once := newMember(t, target).and("Idempotency-Key", newName("idempotency"))
		once.do("POST", "/v1/keys", fields{"name": "first", "tier": "gold"}).wantStatus(http.StatusBadRequest)
		once.created(once.do("POST", "/v1/keys", fields{"name": "first"}))
	})
	t.Run("of many at once, one makes the key", func(t *testing.T) { testRacingCreates(newMember(t, target)) })
	t.Run("its form is checked", func(t *testing.T) {
		ann := newMember(t, target)
		for name, key := range map[string]string{
			"15 characters": strings.Repeat("a", 15), "256 characters": strings.Repeat("a", 256), "not ASCII": strings.Repeat("é", 16),
		} {
			t.Run(name, func(t *testing.T) {
				ann.in(t).and("Idempotency-Key", key).do("POST", "/v1/keys", fields{"name": name}).wantRefusal(http.StatusBadRequest, "invalid_parameter",
					"Invalid request parameter", "Idempotency-Key must have 16 to 255 printable ASCII characters. A UUID will do.", "Idempotency-Key")
			})
		}
		for _, length := range []int{16, 255} {
			ann.and("Idempotency-Key", strings.Repeat("b", length)).do("POST", "/v1/keys", fields{"name": fmt.Sprint(length)}).wantStatus(http.StatusCreated)
		}
	})
}

func testRacingCreates(ann *caller) {
	once := ann.and("Idempotency-Key", newName("idempotency"))
	const racers = 16
	ids := make([]string, racers)
	parallel(racers, racers, func(n int) error {
		answer, err := once.try("POST", ann.target.URL+"/v1/keys", fields{"name": "raced"})
		switch {
		case err != nil:
			return err
		case answer.status == http.StatusCreated:
			ids[n] = answer.data()["key_id"].(string) + " " + answer.data()["api_key"].(string)
		case answer.status != http.StatusConflict || answer.body()["code"] != "idempotency_conflict":
			return fmt.Errorf("%d %s", answer.status, answer.text)
		}
		return nil
	}).orFail(ann.t)
	made := map[string]bool{}
	for _, id := range ids {
		if id != "" {
			made[id] = true
		}
	}
	if len(made) != 1 {
		ann.t.Errorf("%d keys were answered, want 1", len(made))
	}
	wantTotal(ann, 1)
}

// wantTotal checks how many keys the organization lists.
func wantTotal(ann *caller, want int) {
	ann.t.Helper()
	answer := ann.do("GET", "/v1/keys?status=all", nil)
	answer.wantStatus(http.StatusOK)
	if got := len(answer.data()["keys"].([]any)); got != want {
		ann.t.Errorf("the organization lists %d keys, want %d", got, want)
	}
}
