package acceptance

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func testList(t *testing.T, target Target) {
	t.Run("an empty list", func(t *testing.T) {
		newMember(t, target).do("GET", "/v1/keys", nil).want(http.StatusOK,
			`{"status":"success","message":"API keys retrieved successfully","data":{"keys":[],"total":0,"total_is_partial":false,"next_cursor":null}}`)
	})
	t.Run("an entry has every field of the key but its secret, its usage and warnings", func(t *testing.T) {
		ann := newMember(t, target)
		want := ann.create().data
		delete(want, "api_key")
		delete(want, "warnings")
		answer := ann.do("GET", "/v1/keys", nil)
		answer.wantStatus(http.StatusOK)
		wanted := fields{"keys": []any{want}, "total": 1.0, "total_is_partial": false, "next_cursor": nil}
		if diff := cmp.Diff(wanted, answer.data()); diff != "" {
			t.Errorf("data (-want +got):\n%s", diff)
		}
	})
	ann := newMember(t, target)
	zoo := newZoo(ann)
	for query, want := range map[string][]string{
		"":                                   {"delta", "charlie", "bravo", "alpha"},
		"sort=-created_at":                   {"delta", "charlie", "bravo", "alpha"},
		"sort=created_at":                    {"alpha", "bravo", "charlie", "delta"},
		"sort=name":                          {"alpha", "bravo", "charlie", "delta"},
		"sort=-name":                         {"delta", "charlie", "bravo", "alpha"},
		"sort=expires_at":                    {"charlie", "bravo", "alpha", "delta"}, // never last
		"sort=-expires_at":                   {"alpha", "bravo", "charlie", "delta"}, // never last here too
		"status=all":                         {"echo", "delta", "charlie", "bravo", "alpha"},
		"status=active":                      {"delta", "charlie", "alpha"},
		"status=inactive":                    {"bravo"},
		"status=revoked":                     {"echo"},
		"status=expired":                     {},
		"status=inactive,revoked":            {"echo", "bravo"},
		"environment=staging":                {"charlie"},
		"environment=production":             {"delta", "bravo", "alpha"},
		"environment=test&status=all":        {},
		"owner=me":                           {"delta", "charlie", "bravo", "alpha"},
		"owner=" + ann.name:                  {"delta", "charlie", "bravo", "alpha"},
		"owner=somebody":                     {},
		"q=AL":                               {"alpha"},
		"q=l":                                {}, // a prefix, no more
		"q=b&sort=name":                      {"bravo"},
		"q=" + zoo["charlie"].id:             {"charlie"},
		"q=" + mask(zoo["delta"]):            {"delta"},
		"q=e&status=revoked":                 {"echo"},
		"limit=1000":                         {"delta", "charlie", "bravo", "alpha"},
		"sort=name&environment=production":   {"alpha", "bravo", "delta"},
		"sort=created_at&status=active&q=ch": {"charlie"},
	} {
		t.Run("?"+query, func(t *testing.T) {
			answer := ann.in(t).do("GET", "/v1/keys?"+query, nil)
			answer.wantStatus(http.StatusOK)
			if got := answer.names(); !slices.Equal(got, want) {
				t.Errorf("names = %v, want %v", got, want)
			}
			if got := answer.data()["next_cursor"]; got != nil {
				t.Errorf("next_cursor = %v on the last page", got)
			}
		})
	}
	t.Run("total without filters counts the revoked ones too, or not, as the page does", func(t *testing.T) {
		answer := ann.in(t).do("GET", "/v1/keys?limit=1", nil)
		if data := answer.data(); data["total"] != 4.0 || data["total_is_partial"] != false || data["next_cursor"] == nil {
			answer.errorf("total = %v, want 4", data["total"])
		}
	})
	t.Run("total with filters counts what matches", func(t *testing.T) {
		answer := ann.in(t).do("GET", "/v1/keys?limit=1&environment=production", nil)
		if data := answer.data(); data["total"] != 3.0 || data["total_is_partial"] != false || data["next_cursor"] == nil {
			answer.errorf("total = %v, want 3", data["total"])
		}
	})
}

func mask(k key) string { return url.QueryEscape(fmt.Sprint(k.data["key_prefix"])) }

// newZoo makes a key for each thing that a list tells apart; bravo is inactive, echo is revoked.
func newZoo(ann *caller) map[string]key {
	zoo := map[string]key{}
	for _, fields := range []fields{
		{"name": "alpha", "expires_in": "one_year"},
		{"name": "bravo", "expires_in": "90_days"},
		{"name": "charlie", "expires_in": "30_days", "environment": "staging"},
		{"name": "delta", "expires_in": "never"},
		{"name": "echo"},
	} {
		key := ann.create(fields)
		zoo[key.name] = key
	}
	ann.do("PATCH", zoo["bravo"].path(), fields{"active": false}).wantStatus(http.StatusOK)
	ann.do("DELETE", zoo["echo"].path(), nil).wantStatus(http.StatusOK)
	return zoo
}

// names are those of a list's keys, in order.
func (a *answer) names() []string {
	a.t.Helper()
	names := []string{}
	for _, entry := range a.data()["keys"].([]any) {
		names = append(names, entry.(fields)["name"].(string))
	}
	return names
}
