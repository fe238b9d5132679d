package acceptance

import (
	"net/http"
	"testing"
)

func testExplainNeeds(ann *caller) {
	key := ann.create()
	verifier := ann.holder(ann.create(fields{"permissions": []string{"keys:verify"}}).secret)
	verifier.do("POST", "/v1/keys/verify", fields{"api_key": key.secret}).wantStatus(http.StatusOK)
	verifier.do("POST", "/v1/keys/verify", fields{"api_key": key.secret, "explain": true}).wantForbidden("permission_denied",
		"explain needs keys:read, which you do not have. Leave explain out, or ask an Admin.")
	verifier.do("POST", key.path()+"/explain", fields{}).wantForbidden("permission_denied", needsText("keys:read"))
	reader := ann.holder(ann.create(fields{"permissions": []string{"keys:read"}}).secret)
	reader.do("POST", key.path()+"/explain", fields{}).wantStatus(http.StatusOK)
	reader.do("POST", "/v1/keys/verify", fields{"api_key": key.secret, "explain": true}).wantForbidden("permission_denied", needsText("keys:verify"))
}

func testExplainStrangers(ann *caller) {
	key, bob := ann.create(), newMember(ann.t, ann.target)
	foreign, wrong := ann.explainSecret(bob.create(), fields{}), ann.explainSecret(madeUp(key, "production"), fields{})
	for _, answer := range []*answer{foreign, wrong} {
		answer.wantFailed("key_unknown")
		if checks, _ := answer.results(); len(checks) != 1 {
			answer.errorf("there are other checks")
		}
	}
	if foreign.withoutRequestID() != wrong.withoutRequestID() {
		ann.t.Errorf("they can be told apart:\n%s\n%s", foreign.text, wrong.text)
	}
	one, other := bob.do("POST", key.path()+"/explain", fields{}), bob.do("POST", "/v1/keys/key_00000000/explain", fields{})
	one.wantKeyNotFound()
	if one.withoutRequestID() != other.withoutRequestID() {
		ann.t.Errorf("they can be told apart:\n%s\n%s", one.text, other.text)
	}
}

// An explanation costs the caller one request of a session's minute, keys as well, and the key that it is about none.
func testExplainCounts(t *testing.T, ann *caller) {
	key, caller := ann.create(), ann.create()
	inOneMinute(t, func() ([]*answer, error) {
		holder := ann.holder(ann.create().secret)
		all := []*answer{holder.explain(key, fields{}), holder.explainSecret(key, fields{}), holder.explain(key, fields{})}
		for i, answer := range all {
			answer.wantHeader("X-RateLimit-Limit", "600")
			if sameWindow(all) && answer.number("X-RateLimit-Remaining") != sessionLimit-1-i {
				answer.errorf("explanation %d", i+1)
			}
		}
		return all, nil
	})
	ann.holder(caller.secret).explain(key, fields{})
	if usage := ann.do("GET", caller.path(), nil).data()["usage"].(fields); usage["requests_today"] != 0.0 {
		t.Errorf("the calling key has used %v", usage)
	}
}
