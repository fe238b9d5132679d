package acceptance

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
)

const pagedKeys = 200

// A walk through the pages shows every key that was there throughout exactly once, however many are created
// meanwhile, and none twice.
func testPaging(t *testing.T, target Target) {
	ann := newMember(t, target)
	parallel(16, pagedKeys, func(n int) error { return ann.createNamed(fmt.Sprint("paged ", n)) }).orFail(t)
	added := 0
	for _, query := range []string{"", "sort=created_at", "sort=name", "sort=-expires_at", "environment=production"} {
		t.Run("?"+query, func(t *testing.T) {
			ann := ann.in(t)
			seen := map[string]int{}
			for cursor := ""; ; {
				answer := ann.do("GET", "/v1/keys?limit=20&"+query+cursor, nil)
				answer.wantStatus(http.StatusOK)
				for _, name := range answer.names() {
					seen[name]++
				}
				added++
				if err := ann.createNamed(fmt.Sprint("added ", added)); err != nil {
					t.Fatal(err)
				}
				next, more := answer.data()["next_cursor"].(string)
				if !more {
					break
				}
				cursor = "&cursor=" + url.QueryEscape(next)
			}
			for n := range pagedKeys {
				if name := fmt.Sprint("paged ", n); seen[name] != 1 {
					t.Errorf("%s was listed %d times", name, seen[name])
				}
			}
			for name, times := range seen {
				if times > 1 {
					t.Errorf("%s was listed %d times", name, times)
				}
			}
		})
	}
	t.Run("in one page, as clients that know no cursor expect", func(t *testing.T) {
		answer := ann.in(t).do("GET", "/v1/keys", nil)
		if got, total := len(answer.names()), answer.data()["total"]; got != pagedKeys+added || total != float64(got) {
			t.Errorf("%d keys, total %v, want %d", got, total, pagedKeys+added)
		}
	})
	t.Run("a cursor belongs to its list", func(t *testing.T) { testCursors(ann.in(t)) })
}

func (c *caller) createNamed(name string) error {
	answer, err := c.try("POST", c.target.URL+"/v1/keys", fields{"name": name})
	if err == nil && answer.status != http.StatusCreated {
		err = fmt.Errorf("creating %s: %d %s", name, answer.status, answer.text)
	}
	return err
}

const badCursor = "cursor is not one that this list gave. Send next_cursor of the page before, with the same filters and sort."

func testCursors(ann *caller) {
	first := ann.do("GET", "/v1/keys?limit=5&sort=name", nil)
	cursor := url.QueryEscape(first.data()["next_cursor"].(string))
	ann.do("GET", "/v1/keys?limit=7&sort=name&cursor="+cursor, nil).wantStatus(http.StatusOK) // the limit may differ
	bob := newMember(ann.t, ann.target)
	for name, refused := range map[string]*answer{
		"another sort":         ann.do("GET", "/v1/keys?limit=5&sort=-name&cursor="+cursor, nil),
		"another filter":       ann.do("GET", "/v1/keys?limit=5&sort=name&environment=production&cursor="+cursor, nil),
		"another organization": bob.do("GET", "/v1/keys?limit=5&sort=name&cursor="+cursor, nil),
		"a changed one":        ann.do("GET", "/v1/keys?limit=5&sort=name&cursor=A"+cursor, nil),
		"no cursor at all":     ann.do("GET", "/v1/keys?cursor=next", nil),
	} {
		ann.t.Log(name)
		refused.wantRefusal(http.StatusBadRequest, "invalid_parameter", "Invalid request parameter", badCursor, "cursor")
	}
}
