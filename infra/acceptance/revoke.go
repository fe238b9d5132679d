package acceptance

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
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

const (
	hammers    = 64
	hammerings = 8 // how often each asks at least, before and after the revocation
)

// No request that starts after DELETE has answered is allowed, however many hammer the key meanwhile.
func testRace(t *testing.T, target Target) {
	ann := newMember(t, target)
	key := ann.create(fields{"tier": "enterprise"})
	holder, url := ann.holder(key.secret), target.Sample("production")+"/zones"
	var revoked atomic.Bool
	var before sync.WaitGroup // all have been allowed hammerings times
	before.Add(hammers)
	results := make(chan outcome, 1)
	go func() {
		results <- parallel(hammers, hammers, func(int) error {
			return hammer(holder, url, &revoked, before.Done)
		})
	}()
	before.Wait()
	ann.do("DELETE", key.path(), nil).wantStatus(http.StatusOK)
	revoked.Store(true)
	(<-results).orFail(t)
}

// hammer asks until it has asked hammerings times after the revocation. warm is called once it has asked that often
// before it, or has failed.
func hammer(holder *caller, url string, revoked *atomic.Bool, warm func()) error {
	once := sync.OnceFunc(warm)
	defer once()
	for asked, after := 0, 0; after < hammerings; asked++ {
		late := revoked.Load()
		answer, err := holder.try("GET", url, nil)
		switch {
		case err != nil:
			return err
		case late && answer.status != http.StatusUnauthorized:
			return fmt.Errorf("a request that started after the revocation: %d %s", answer.status, answer.text)
		case answer.status != http.StatusOK && answer.status != http.StatusUnauthorized:
			return fmt.Errorf("a request while the key was revoked: %d %s", answer.status, answer.text)
		}
		if late {
			after++
		}
		if asked == hammerings {
			once()
		}
	}
	return nil
}
