package acceptance

import (
	"net/http"
	"testing"
)

// An operation is something that can be done to a key, whatever its state.
type operation struct {
	method, tail string
	body         any
	message      string // of its success
}

var operations = map[string]operation{
	"GET":          {"GET", "", nil, "API key retrieved successfully"},
	"PATCH":        {"PATCH", "", fields{"description": "changed"}, "API key updated successfully"},
	"empty PATCH":  {"PATCH", "", fields{}, "API key updated successfully"},
	"PATCH active": {"PATCH", "", fields{"active": true}, "API key updated successfully"},
	"disable":      {"POST", "/disable", nil, "API key disabled successfully"},
	"enable":       {"POST", "/enable", nil, "API key enabled successfully"},
	"regenerate":   {"POST", "/regenerate", nil, "API key regenerated successfully"},
	"explain":      {"POST", "/explain", nil, "Decision explained successfully"},
	"DELETE":       {"DELETE", "", nil, "API key revoked successfully"},
}

// statesAfter are the states that operations leave keys in, by the state before. Where there is none, the operation is
// refused.
var statesAfter = map[string]map[string]string{
	"GET":          {"active": "active", "inactive": "inactive", "expired": "expired", "revoked": "revoked"},
	"explain":      {"active": "active", "inactive": "inactive", "expired": "expired", "revoked": "revoked"},
	"PATCH":        {"active": "active", "inactive": "inactive"},
	"empty PATCH":  {"active": "active", "inactive": "inactive"},
	"PATCH active": {"active": "active", "inactive": "active"},
	"disable":      {"active": "inactive", "inactive": "inactive"},
	"enable":       {"active": "active", "inactive": "active"},
	"regenerate":   {"active": "active", "inactive": "inactive"},
	"DELETE":       {"active": "revoked", "inactive": "revoked", "expired": "revoked", "revoked": "revoked"},
}

// changesVersion are the operations that make a new version of a key in that state.
var changesVersion = map[string][]string{
	"PATCH": {"active", "inactive"}, "PATCH active": {"inactive"}, "disable": {"active"}, "enable": {"inactive"},
	"regenerate": {"active", "inactive"}, "DELETE": {"active", "inactive", "expired"},
}

// overTexts are why a key that is over can't be changed.
var overTexts = map[string][2]string{"expired": {"key_expired", keyExpired}, "revoked": {"key_revoked", keyRevoked}}

// testStates does every operation to a key in every state.
func testStates(t *testing.T, target Target) {
	ann := newMember(t, target)
	keys := map[string]map[string]key{}
	for _, state := range []string{"expired", "active", "inactive", "revoked"} { // the first takes a while
		keys[state] = map[string]key{}
		for name := range operations {
			keys[state][name] = ann.inState(state)
		}
	}
	for _, state := range []string{"active", "inactive", "revoked", "expired"} {
		if state == "expired" {
			for _, key := range keys[state] {
				ann.untilExpired(key)
			}
		}
		for name := range operations {
			t.Run(name+" of a key that is "+state, func(t *testing.T) { testOperation(ann.in(t), name, state, keys[state][name]) })
		}
	}
}

// inState makes a key in a state; one to be expired will be soon.
func (c *caller) inState(state string) key {
	c.t.Helper()
	if state == "expired" {
		return c.mortal()
	}
	key := c.create()
	switch state {
	case "inactive":
		c.do("POST", key.path()+"/disable", nil).wantStatus(http.StatusOK)
	case "revoked":
		c.do("DELETE", key.path(), nil).wantStatus(http.StatusOK)
	}
	return key
}

// explainedStates are what decides about a key in each state.
var explainedStates = map[string][]string{"active": nil, "inactive": {"key_inactive"}, "expired": {"key_expired"}, "revoked": {"key_revoked"}}

func testOperation(ann *caller, name, state string, key key) {
	before := ann.do("GET", key.path(), nil).data()
	operation := operations[name]
	answer := ann.do(operation.method, key.path()+operation.tail, operation.body)
	after := ann.do("GET", key.path(), nil).data()
	wanted, allowed := statesAfter[name][state]
	if !allowed {
		wanted = state
		answer.wantRefusal(http.StatusConflict, overTexts[state][0], "Conflict", overTexts[state][1], "")
	} else {
		answer.wantStatus(http.StatusOK)
		if got := answer.body()["message"]; got != operation.message {
			answer.errorf("message = %q", got)
		}
	}
	if name == "explain" {
		answer.wantFailed(explainedStates[state]...)
	}
	if after["status"] != wanted || after["active"] != (wanted == "active") {
		answer.errorf("the key is %v afterwards, active: %v; want %s", after["status"], after["active"], wanted)
	}
	changed := false
	for _, changes := range changesVersion[name] {
		changed = changed || changes == state
	}
	if moved := before["version"] != after["version"]; moved != changed {
		answer.errorf("version %v became %v", before["version"], after["version"])
	}
	if state == "revoked" && after["revoked_at"] != before["revoked_at"] {
		answer.errorf("revoked_at = %v, and was %v", after["revoked_at"], before["revoked_at"])
	}
}

// testSwitching disables and enables.
func testSwitching(t *testing.T, target Target) {
	ann := newMember(t, target)
	t.Run("a disabled key is refused on the next request, an enabled one is admitted", func(t *testing.T) {
		ann := ann.in(t)
		key := ann.create(fields{"tier": "pro"})
		for range 3 {
			ann.do("POST", key.path()+"/disable", nil).wantStatus(http.StatusOK)
			ann.holder(key.secret).sample("production").wantUnauthorized()
			ann.verify(key).wantVerdict("key_inactive", "The key is disabled. Enable it to use it again.")
			ann.do("POST", key.path()+"/enable", nil).wantStatus(http.StatusOK)
			ann.holder(key.secret).sample("production").wantStatus(http.StatusOK)
		}
	})
	t.Run("the answer is the whole key", func(t *testing.T) {
		ann := ann.in(t)
		key := ann.create()
		for _, action := range []string{"disable", "enable"} {
			answer := ann.do("POST", key.path()+"/"+action, fields{})
			shown := ann.do("GET", key.path(), nil)
			answer.wantHeader("ETag", shown.header.Get("ETag"))
			got, want := answer.data(), shown.data()
			delete(got, "warnings")
			delete(want, "usage")
			wantSame(t, want, got)
		}
	})
	t.Run("no body, or an empty object", func(t *testing.T) { testSwitchingBodies(ann.in(t)) })
	t.Run("what became of usage, name and limits is nothing", func(t *testing.T) { testSwitchingKeeps(ann.in(t)) })
}

func testSwitchingKeeps(ann *caller) {
	key := ann.create(fields{"rate_limit": 7})
	ann.holder(key.secret).sample("production").wantStatus(http.StatusOK)
	before := ann.do("GET", key.path(), nil).data()
	ann.do("POST", key.path()+"/disable", nil)
	ann.do("POST", key.path()+"/enable", nil)
	after := ann.do("GET", key.path(), nil).data()
	wantSame(ann.t, merge(before, fields{"version": after["version"], "updated_at": after["updated_at"]}), after)
}

func testSwitchingBodies(ann *caller) {
	key := ann.create()
	for _, action := range []string{"/disable", "/enable"} {
		ann.and("Content-Type", "text/plain").do("POST", key.path()+action, nil).wantStatus(http.StatusOK)
		ann.do("POST", key.path()+action, `{"active":true}`).wantInvalid("unknown_field", "active", "There is no field active here. Send an empty object, or no body.")
		ann.do("POST", key.path()+action, `[]`).wantInvalid("invalid_body", "", "The body must be one JSON object.")
		ann.and("Content-Type", "text/plain").do("POST", key.path()+action, `{}`).wantError(http.StatusUnsupportedMediaType, "unsupported_media_type")
	}
}
