package acceptance

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/httpapi"
)

var methods = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// methodsByPath are the table of routes, and the health check that is no function's.
func methodsByPath() map[string][]string {
	paths := map[string][]string{"/healthz": {"GET"}}
	for _, route := range httpapi.Routes {
		paths[route.Path] = append(paths[route.Path], route.Method)
	}
	return paths
}

func testRoutes(t *testing.T, target Target) {
	ann := newMember(t, target)
	for path, allowed := range methodsByPath() {
		if slices.Contains(allowed, "ANY") {
			continue
		}
		slices.Sort(allowed)
		allow := strings.Join(allowed, ", ")
		for _, method := range methods {
			if slices.Contains(allowed, method) {
				continue
			}
			t.Run(method+" "+path+" is 405", func(t *testing.T) {
				for _, as := range []*caller{ann.in(t), nobody(t, target)} {
					answer := as.do(method, strings.ReplaceAll(path, "{key_id}", "key_00000000"), nil)
					answer.wantRefusal(http.StatusMethodNotAllowed, "method_not_allowed", "Method not allowed",
						"Use a method that this path takes: "+allow+".", "")
					answer.wantHeader("Allow", allow)
				}
			})
		}
	}
	for _, path := range []string{"/", "/v1", "/v1/", "/v2/keys", "/v1/key", "/v1/keys/", "/v1/keys/key_00000000/x", "/v1/authorize", "/v1/authorize/production",
		"/V1/keys", "//v1/keys", "/v1//keys", "/v1/keys%2Fgenerate", "/favicon.ico", "/healthz/", "/index.html", "/v1/keys/../keys"} {
		t.Run(path+" is 404", func(t *testing.T) {
			for _, method := range methods {
				ann.in(t).do(method, path, nil).wantNothingThere()
			}
		})
	}
	t.Run("GET /healthz is 200 without an envelope, for anybody", func(t *testing.T) {
		answer := nobody(t, target).do("GET", "/healthz", nil)
		answer.wantStatus(http.StatusOK)
		if answer.text != `{"status":"ok"}` {
			t.Errorf("body = %s", answer.text)
		}
		answer.wantHeader("X-RateLimit-Limit", "0")
	})
	t.Run("what is asked of nobody known tells nobody's limits", func(t *testing.T) {
		for _, answer := range []*answer{nobody(t, target).do("GET", "/v1/keys", nil), nobody(t, target).do("PUT", "/v1/keys", nil)} {
			answer.wantHeader("X-RateLimit-Limit", "0")
		}
	})
}
