package acceptance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const noSession = `{"status":"error","message":"Invalid or missing session token","error":"Sign in and send the session token whole in Authorization: Bearer (no extra spaces, not truncated). It may have expired.","code":"unauthorized"}`

// wantNoSession checks the one 401 that the admin API has, whatever the reason.
func (a *answer) wantNoSession() {
	a.t.Helper()
	a.want(http.StatusUnauthorized, noSession)
	a.wantHeader("X-RateLimit-Limit", "0")
}

func testSessions(t *testing.T, target Target) {
	ann := newMember(t, target)
	token := strings.TrimPrefix(ann.headers["Authorization"], "Bearer ")
	for name, as := range map[string]*caller{
		"in Authorization":    ann,
		"bearer":              ann.with("Authorization", "bearer "+token),
		"another letter case": ann.with("aUTHORIZATION", "Bearer "+token),
		"spaces around":       ann.with("Authorization", "Bearer  "+token+" "),
	} {
		t.Run(name, func(t *testing.T) { as.in(t).do("GET", "/v1/keys", nil).wantStatus(http.StatusOK) })
	}
	for name, as := range map[string]*caller{
		"nobody":            nobody(t, target),
		"in X-API-Key":      ann.with("X-API-Key", token),
		"in both":           ann.and("X-API-Key", token),
		"in Basic":          ann.with("Authorization", "Basic "+token),
		"no scheme":         ann.with("Authorization", token),
		"cut":               ann.with("Authorization", "Bearer "+token[:len(token)-5]),
		"another signature": ann.with("Authorization", "Bearer "+token[:strings.LastIndex(token, ".")+1]+strings.Repeat("A", 86)),
		"unsigned":          ann.with("Authorization", "Bearer eyJhbGciOiJub25lIn0."+strings.Split(token, ".")[1]+".AA"),
		"nonsense":          ann.with("Authorization", "Bearer a.b.c"),
	} {
		t.Run(name+" is the one 401", func(t *testing.T) { as.in(t).do("GET", "/v1/keys", nil).wantNoSession() })
	}
	t.Run("the organization must be one's own", func(t *testing.T) {
		ann, bob := ann.in(t), newMember(t, target)
		own := ann.verify(ann.create()).data()["organization"].(string)
		foreign := bob.verify(bob.create()).data()["organization"].(string)
		ann.and("X-Organization", own).do("GET", "/v1/keys", nil).wantStatus(http.StatusOK)
		for _, other := range []string{foreign, "org_0000000000000000", "nonsense"} {
			refused := ann.and("X-Organization", other).do("GET", "/v1/keys", nil)
			refused.wantRefusal(http.StatusForbidden, "organization_denied", "Permission denied",
				"X-Organization does not name an organization of yours. Name one that you are a member of, or leave the header out.", "")
			refused.wantHeader("X-RateLimit-Limit", "600")
		}
	})
	t.Run("a session has 600 requests a minute, whatever the tier", func(t *testing.T) { testSessionLimit(t, target) })
}

const sessionLimit = 600

func testSessionLimit(t *testing.T, target Target) {
	inOneMinute(t, func() ([]*answer, error) {
		ann := newMember(t, target)
		first := ann.do("GET", "/v1/keys/key_00000000", nil)
		allowed := make([]*answer, sessionLimit-1)
		parallel(16, len(allowed), func(n int) (err error) {
			allowed[n], err = ann.try("GET", target.URL+"/v1/keys/key_00000000", nil)
			return err
		}).orFail(t)
		refused := ann.do("GET", "/v1/keys/key_00000000", nil)
		all := append([]*answer{first, refused}, allowed...)
		if !sameWindow(all) {
			return all, nil
		}
		for _, answer := range allowed {
			if target.Slow && answer.status == http.StatusServiceUnavailable {
				return all, errOutOfTime
			}
			if answer.status != http.StatusNotFound {
				return all, fmt.Errorf("one of the first %d: %d %s", sessionLimit, answer.status, answer.text)
			}
		}
		if refused.status != http.StatusTooManyRequests {
			return all, fmt.Errorf("request %d: status %d", sessionLimit+1, refused.status)
		}
		refused.wantLimited(sessionLimit)
		return all, nil
	})
}
