package acceptance

import (
	"net/http"
	"testing"
)

func testBadParameters(t *testing.T, target Target) {
	ann := newMember(t, target)
	const (
		badLimit  = "limit must be a whole number from 1 to 1000."
		badStatus = "status must be all, or some of active, inactive, expired and revoked, separated by commas, not "
		badEnv    = "environment must be one of production, staging, development, test, not "
		badSort   = "sort must be one of -created_at, created_at, name, -name, expires_at, -expires_at, not "
	)
	for query, test := range map[string]struct{ name, text string }{
		"limit=0":                    {"limit", badLimit},
		"limit=1001":                 {"limit", badLimit},
		"limit=-1":                   {"limit", badLimit},
		"limit=ten":                  {"limit", badLimit},
		"limit=1.5":                  {"limit", badLimit},
		"limit=":                     {"limit", badLimit},
		"limit=99999999999999999999": {"limit", badLimit},
		"limit=5&limit=6":            {"limit", "The parameter limit is there twice. Send it once."},
		"cursor=nonsense":            {"cursor", badCursor},
		"cursor=%00":                 {"cursor", badCursor},
		"status=live":                {"status", badStatus + `"live".`},
		"status=":                    {"status", badStatus + `"".`},
		"status=active,,revoked":     {"status", badStatus + `"".`},
		"status=Active":              {"status", badStatus + `"Active".`},
		"environment=live":           {"environment", badEnv + `"live".`},
		"sort=created":               {"sort", badSort + `"created".`},
		"page=2":                     {"page", "There is no parameter page. There are limit, cursor, status, environment, owner, q, sort."},
		"Limit=5":                    {"Limit", "There is no parameter Limit. There are limit, cursor, status, environment, owner, q, sort."},
	} {
		t.Run("?"+query, func(t *testing.T) {
			ann.in(t).do("GET", "/v1/keys?"+query, nil).
				wantRefusal(http.StatusBadRequest, "invalid_parameter", "Invalid request parameter", test.text, test.name)
		})
	}
}
