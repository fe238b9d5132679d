package acceptance

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func testServices(t *testing.T, target Target) {
	t.Run("a key for some services is refused by every other", func(t *testing.T) {
		ann := newMember(t, target)
		holder := ann.holder(ann.create(fields{"services": []string{"dns", "ai"}}).secret)
		holder.sample("production").wantStatus(http.StatusOK)
		holder.forward("GET", "production/ai/v1/models").wantStatus(http.StatusNoContent)
		for _, service := range []string{"cdn", "billing", "security", "traffic", "insights", "licenses", "customers", "telemetry"} {
			holder.forward("GET", "production/"+service+"/anything").wantForbidden("service_denied", noServiceText(service))
		}
	})
	t.Run("the gateway refuses too", func(t *testing.T) {
		ann := newMember(t, target)
		ann.holder(ann.create(fields{"services": []string{"cdn"}}).secret).sample("production").wantForbidden("permission_denied", exit403)
	})
	t.Run("all reaches keyward itself, a list only where it names it", func(t *testing.T) {
		ann := newMember(t, target)
		for _, test := range []struct {
			services any
			status   int
		}{{"all", 200}, {[]string{"keyward"}, 200}, {[]string{"dns", "keyward"}, 200}, {[]string{"dns"}, 403}} {
			ann.holder(ann.create(fields{"services": test.services}).secret).do("GET", "/v1/keys", nil).wantStatus(test.status)
		}
	})
	t.Run("verify looks at the service that is named", func(t *testing.T) { testVerifyServices(newMember(t, target)) })
	t.Run("a change holds on the next request", func(t *testing.T) {
		ann := newMember(t, target)
		key := ann.create(fields{"services": []string{"dns"}})
		for range 2 {
			ann.holder(key.secret).sample("production").wantStatus(http.StatusOK)
			ann.do("PATCH", key.path(), fields{"services": []string{"cdn"}}).wantStatus(http.StatusOK)
			ann.holder(key.secret).sample("production").wantStatus(http.StatusForbidden)
			ann.do("PATCH", key.path(), fields{"services": "all"}).wantStatus(http.StatusOK)
		}
	})
	t.Run("what is no selection is refused", func(t *testing.T) { testBadSelections(newMember(t, target)) })
}

func testVerifyServices(ann *caller) {
	key := ann.create(fields{"services": []string{"dns"}})
	ann.verify(key, fields{"service": "cdn"}).wantVerdict("service_denied", noServiceText("cdn"))
	ann.wantValid(key, fields{"service": "dns"})
	ann.wantValid(key, fields{})
	want := fields{"services": []any{"dns"}, "customers": "all", "accounts": "all"}
	if diff := cmp.Diff(want, ann.verify(key).data()["scopes"]); diff != "" {
		ann.t.Errorf("scopes (-want +got)\n%s", diff)
	}
}

func noServiceText(service string) string {
	return "The key may not use the service " + service + ". See its services."
}

// wantValid asks about a key that may do what is asked.
func (c *caller) wantValid(key key, asked fields) {
	c.t.Helper()
	if answer := c.verify(key, asked); answer.data()["valid"] != true {
		answer.errorf("%v: the key is not valid", asked)
	}
}

func testBadSelections(ann *caller) {
	ann.wantBadRule(fields{"services": []string{"dns", "nothing"}}, "services", `There is no service "nothing" in the catalog.`)
	for field, most := range map[string]string{"services": "50", "customers": "100", "accounts": "100"} {
		atLeast := field + ` must be "all" or a list of at least one id.`
		noList := field + ` must be "all" or a list of ids.`
		ann.wantBadRule(fields{field: []string{}}, field, atLeast)
		ann.wantBadRule(fields{field: nil}, field, atLeast)
		ann.wantBadRule(fields{field: "dns"}, field, noList)
		ann.wantBadRule(fields{field: 5}, field, noList)
		ann.wantBadRule(fields{field: numbered("x", 101)}, field, field+" must have at most "+most+" entries, not 101.")
		ann.wantBadRule(fields{field: []string{"a", "a"}}, field, field+` has "a" twice.`)
		ann.wantBadRule(fields{field: []string{"a b"}}, field, field+` must have ids of 1 to 64 of A-Z, a-z, 0-9, _, ., : and -, not "a b".`)
	}
}
