package acceptance

import (
	"encoding/json"
	"net/http"
	"testing"
)

const unauthorized = `{"status":"error","message":"Invalid or missing API key","error":"Check that the key is sent whole in Authorization: Bearer or X-API-Key (no extra spaces, not truncated), is active, has not expired, and is used on its own environment's endpoint.","code":"unauthorized"}`

// wantUnauthorized checks the one 401 that a protected API has, whatever the reason.
func (a *answer) wantUnauthorized() {
	a.t.Helper()
	a.want(http.StatusUnauthorized, unauthorized)
	a.wantHeader("X-RateLimit-Limit", "0")
}

func testSample(t *testing.T, target Target) {
	ann := newMember(t, target)
	t.Run("it echoes the principal that the authorizer passed on", func(t *testing.T) {
		for environment := range tags {
			ann := ann.in(t)
			key := ann.create(fields{"environment": environment})
			organization := ann.verify(key, fields{"environment": environment}).data()["organization"]
			data := fields{"key_id": key.id, "organization": organization, "owner": ann.name, "environment": environment, "permissions": []string{"*:*"}}
			want, _ := json.Marshal(fields{"status": "success", "message": "Sample answered successfully", "data": data})
			holder := ann.holder(key.secret)
			holder.sample(environment).want(http.StatusOK, string(want))
			holder.send("POST", target.Sample(environment)+"/zones", fields{"any": "thing"}).want(http.StatusCreated, string(want))
		}
	})
	key := ann.create()
	revoked := ann.create()
	ann.do("DELETE", revoked.path(), nil).wantStatus(http.StatusOK)
	for name, as := range map[string]*caller{
		"no key": nobody(t, target), "a session": ann, "malformed": ann.holder("nonsense"), "truncated": ann.holder(key.secret[:39]),
		"changed": ann.holder(flipped(key.secret)), "unknown": ann.holder(madeUp(key, "production").secret), "revoked": ann.holder(revoked.secret),
		"another environment": ann.holder(ann.create(fields{"environment": "staging"}).secret),
	} {
		t.Run(name+" is the one 401", func(t *testing.T) { as.in(t).sample("production").wantUnauthorized() })
	}
	t.Run("another method is 405", func(t *testing.T) {
		for _, method := range []string{"PUT", "PATCH", "DELETE", "OPTIONS"} {
			answer := ann.in(t).holder(key.secret).send(method, target.Sample("production")+"/zones", nil)
			answer.wantRefusal(http.StatusMethodNotAllowed, "method_not_allowed", "Method not allowed", "Use a method that this path takes: GET, POST.", "")
			answer.wantHeader("Allow", "GET, POST")
		}
	})
	t.Run("another path is 404", func(t *testing.T) {
		for _, path := range []string{"", "/", "/zone", "/zones/", "/zones/x", "/zones%2F"} {
			ann.in(t).holder(key.secret).send("GET", target.Sample("production")+path, nil).wantNothingThere()
		}
	})
}

func (a *answer) wantNothingThere() {
	a.t.Helper()
	if a.status != http.StatusNotFound && (a.anotherPath() || a.refusedPath()) {
		return
	}
	a.wantRefusal(http.StatusNotFound, "not_found", "Not found", "There is nothing at this path. Check its spelling.", "")
}
