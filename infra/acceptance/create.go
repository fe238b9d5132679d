package acceptance

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func testCreate(t *testing.T, target Target) {
	t.Run("a name is enough, and everything else has the contract's defaults", func(t *testing.T) {
		ann := newMember(t, target)
		before := time.Now()
		name := newName("Production API Key")
		answer := ann.do("POST", "/v1/keys/generate", fields{"name": name})
		answer.wantStatus(http.StatusCreated)
		if got := answer.body()["message"]; got != "API key generated successfully" {
			t.Errorf("message = %q", got)
		}
		answer.wantHeader("ETag", `"1"`)
		wantFreshKey(t, answer, ann.name, name, before)
	})
	t.Run("both paths make keys", func(t *testing.T) {
		ann := newMember(t, target)
		for _, path := range []string{"/v1/keys", "/v1/keys/generate"} {
			ann.created(ann.do("POST", path, fields{"name": path}))
		}
	})
	t.Run("each environment has its own tag, and its keys work there alone", func(t *testing.T) {
		testEnvironments(newMember(t, target))
	})
	t.Run("a tier gives its limit", func(t *testing.T) {
		ann := newMember(t, target)
		for tier, limit := range map[string]float64{"free": 10, "basic": 100, "pro": 1000, "enterprise": 10000} {
			data := ann.in(t).create(fields{"tier": tier}).data
			if data["tier"] != tier || data["rate_limit"] != limit || data["tier_inherited"] != false {
				t.Errorf("tier %s: tier = %v, rate_limit = %v, tier_inherited = %v", tier, data["tier"], data["rate_limit"], data["tier_inherited"])
			}
		}
	})
	t.Run("a limit of its own beats the tier's", func(t *testing.T) {
		data := newMember(t, target).create(fields{"tier": "free", "rate_limit": 42}).data
		if data["tier"] != "free" || data["rate_limit"] != 42.0 {
			t.Errorf("tier = %v, rate_limit = %v", data["tier"], data["rate_limit"])
		}
	})
	t.Run("description and metadata come back", func(t *testing.T) {
		given := fields{"description": "For the \"edge\" — Zürich\n2nd line", "metadata": fields{"team": "dns", "": "x"}}
		delete(given["metadata"].(fields), "")
		data := newMember(t, target).create(given).data
		if diff := cmp.Diff(given, fields{"description": data["description"], "metadata": data["metadata"]}); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a name is trimmed and normalized, and counts in code points", func(t *testing.T) {
		ann := newMember(t, target)
		if got := ann.create(fields{"name": "  Cafe\u0301  "}).name; got != "Café" {
			t.Errorf("name = %q", got)
		}
		ann.create(fields{"name": strings.Repeat("é", 100)})
	})
	t.Run("a name is taken however it is written, until its key is revoked", func(t *testing.T) {
		testNames(newMember(t, target))
	})
}

// wantFreshKey checks a create's answer field by field.
func wantFreshKey(t *testing.T, answer *answer, owner, name string, before time.Time) {
	t.Helper()
	data := answer.data()
	secret, id := data["api_key"].(string), data["key_id"].(string)
	if !regexp.MustCompile(`^vg_live_[0-9A-Za-z]{32}$`).MatchString(secret) || id != "key_"+secret[8:16] {
		t.Errorf("key_id = %s does not name its secret, or the secret has another form", id)
	}
	created := answer.wantTime("created_at", data["created_at"])
	if created.Before(before.Add(-time.Minute)) || created.After(time.Now().Add(time.Minute)) {
		t.Errorf("created_at = %s", created)
	}
	want := fields{
		"key_id": id, "api_key": secret, "name": name, "description": "", "metadata": fields{},
		"key_prefix": "vg_live_" + secret[8:12] + "..." + secret[36:], "environment": "production",
		"status": "active", "active": true, "tier": "basic", "tier_inherited": true, "rate_limit": 100.0,
		"quota_per_day": nil, "quota_per_month": nil,
		"owner": owner, "inherit": false, "roles": []any{"admin"}, "permissions": []any{},
		"services": "all", "customers": "all", "accounts": "all", "ip_allow": []any{}, "ip_deny": []any{},
		"format": "opaque", "locked": false, "successor": nil, "created_at": data["created_at"], "created_by": "member:" + owner,
		"updated_at": data["created_at"], "expires_at": sixMonthsAfter(created).Format(time.RFC3339),
		"revoked_at": nil, "last_used_at": nil, "last_used_ip": nil, "version": 1.0, "warnings": []any{},
	}
	if diff := cmp.Diff(want, data); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
}

// sixMonthsAfter is six calendar months later, or the last day of that month where it has no such day.
func sixMonthsAfter(at time.Time) time.Time {
	later := at.AddDate(0, 6, 0)
	if later.Day() != at.Day() {
		later = later.AddDate(0, 0, -later.Day())
	}
	return later
}

var tags = map[string]string{"production": "live", "staging": "stg", "development": "dev", "test": "test"}

func testEnvironments(ann *caller) {
	for environment, tag := range tags {
		key := ann.create(fields{"environment": environment})
		if want := "vg_" + tag + "_"; !strings.HasPrefix(key.secret, want) || key.data["environment"] != environment {
			ann.t.Errorf("%s: environment = %v, secret begins %s", environment, key.data["environment"], key.secret[:len(want)])
		}
		for other := range tags {
			want := http.StatusUnauthorized
			if other == environment {
				want = http.StatusOK
			}
			ann.holder(key.secret).sample(other).wantStatus(want)
		}
	}
}

const nameTaken = "Another live key has this name. Choose another name, or revoke that key."

func testNames(ann *caller) {
	first := ann.create(fields{"name": "Straße 1"})
	for _, same := range []string{"Straße 1", " STRASSE 1 ", "strasse 1"} {
		ann.do("POST", "/v1/keys", fields{"name": same}).wantRefusal(http.StatusConflict, "name_taken", "Conflict", nameTaken, "name")
	}
	other := ann.create()
	ann.do("PATCH", other.path(), fields{"name": "STRASSE 1"}).wantRefusal(http.StatusConflict, "name_taken", "Conflict", nameTaken, "name")
	ann.do("PATCH", first.path(), fields{"name": "STRASSE 1"}).wantStatus(http.StatusOK) // its own
	ann.do("PATCH", first.path(), fields{"active": false}).wantStatus(http.StatusOK)
	ann.do("POST", "/v1/keys", fields{"name": "Straße 1"}).wantStatus(http.StatusConflict) // an inactive key is a live one
	ann.do("DELETE", first.path(), nil).wantStatus(http.StatusOK)
	ann.create(fields{"name": "Straße 1"})
	newMember(ann.t, ann.target).create(fields{"name": "Straße 1"}) // another organization's names are its own
}

func testKeyLimit(t *testing.T, target Target) {
	const limit = 7
	ann := newMember(t, target)
	ann.operator().do("PATCH", "/v1/account", fields{"key_limit": limit}).wantStatus(http.StatusOK)
	for range limit - 1 {
		ann.create()
	}
	last := ann.create()
	full := ann.do("POST", "/v1/keys", fields{"name": "one too many"})
	full.wantStatus(http.StatusForbidden)
	body := full.body()
	if body["message"] != "Account key limit reached" || body["code"] != "key_limit_reached" {
		full.errorf("the refusal is another one")
	}
	ann.do("PATCH", last.path(), fields{"active": false}).wantStatus(http.StatusOK)
	ann.do("POST", "/v1/keys", fields{"name": "one too many"}).wantStatus(http.StatusForbidden) // inactive keys are live
	ann.do("DELETE", last.path(), nil).wantStatus(http.StatusOK)
	var made atomic.Int64 // of many at once for the one place that is free
	parallel(16, 16, func(n int) error {
		answer, err := ann.try("POST", target.URL+"/v1/keys", fields{"name": fmt.Sprint("key ", n)})
		switch {
		case err != nil:
			return err
		case answer.status == http.StatusCreated:
			made.Add(1)
		case answer.status != http.StatusForbidden:
			return fmt.Errorf("creating key %d: %d %s", n, answer.status, answer.text)
		}
		return nil
	}).orFail(t)
	if made.Load() != 1 {
		t.Errorf("%d keys took the one free place", made.Load())
	}
	newMember(t, target).create() // nobody else's limit
}
