package acceptance

import (
	"net/http"
	"testing"
)

func testIsolation(t *testing.T, target Target) {
	ann := newMember(t, target)
	staging, production := ann.create(fields{"environment": "staging", "tier": "pro"}), ann.create()
	t.Run("a key of one environment is a 401 in every other, with Platform's hint", func(t *testing.T) {
		ann := ann.in(t)
		for environment := range tags {
			if environment == "staging" {
				ann.holder(staging.secret).sample(environment).wantStatus(http.StatusOK)
				continue
			}
			ann.holder(staging.secret).sample(environment).wantUnauthorized()
		}
	})
	t.Run("whatever the caller sends", func(t *testing.T) { testEnvironmentClaims(ann.in(t).holder(staging.secret)) })
	t.Run("verify, forward-auth and explain say that it is the environment", func(t *testing.T) {
		ann := ann.in(t)
		ann.verify(staging).wantUnknown("wrong_environment", textEnvironment)
		ann.holder(staging.secret).forward("GET", "production/dns/zones").
			wantRefusal(http.StatusUnauthorized, "wrong_environment", "Invalid or missing API key", textEnvironment, "")
		ann.verify(staging, fields{"explain": true}).wantFailed("wrong_environment")
		ann.explain(staging, fields{"environment": "production"}).wantFailed("wrong_environment")
	})
	t.Run("a use elsewhere is no use", func(t *testing.T) {
		ann := ann.in(t)
		fresh := ann.create(fields{"environment": "test"})
		ann.holder(fresh.secret).sample("production").wantUnauthorized()
		ann.verify(fresh)
		ann.wantUnused(fresh)
	})
	t.Run("a key manages keys of its own environment alone", func(t *testing.T) { testEnvironmentOfManagers(ann.in(t), staging, production) })
	t.Run("a session manages those of all", func(t *testing.T) {
		ann := newMember(t, target)
		for environment := range tags {
			key := ann.create(fields{"environment": environment})
			ann.do("PATCH", key.path(), fields{"description": environment}).wantStatus(http.StatusOK)
		}
		wantTotal(ann, len(tags))
	})
}

// testEnvironmentClaims claims to be in production in every way that comes to mind.
func testEnvironmentClaims(holder *caller) {
	zones := holder.target.Sample("production") + "/zones"
	for _, header := range []string{"X-Environment", "X-Keyward-Environment", "Keyward-Environment", "Environment", "Stage"} {
		for _, environment := range []string{"staging", "production"} {
			holder.and(header, environment).send("GET", zones, nil).wantUnauthorized()
		}
	}
	for _, query := range []string{"environment=staging", "keyward_environment=staging", "stage=staging"} {
		holder.send("GET", zones+"?"+query, nil).wantUnauthorized()
	}
	holder.send("POST", zones, fields{"environment": "staging"}).wantUnauthorized()
}

// testEnvironmentOfManagers manages keys by a key of another environment: to it they do not exist.
func testEnvironmentOfManagers(ann *caller, staging, production key) {
	manager := ann.holder(staging.secret)
	for _, call := range []string{"GET ", "PATCH ", "DELETE "} {
		manager.call(call+production.path(), bodyOf(call)).wantKeyNotFound()
	}
	for _, action := range []string{"disable", "enable", "regenerate", "explain"} {
		manager.do("POST", production.path()+"/"+action, nil).wantKeyNotFound()
	}
	manager.do("POST", "/v1/keys", fields{"name": "x", "environment": "production"}).wantForbidden("grant_denied",
		"Nobody gives more than they have: you do not hold the environment production yourself.")
	if made := manager.create(); made.data["environment"] != "staging" {
		ann.t.Errorf("a staging key makes a key in %v", made.data["environment"])
	}
	for _, entry := range manager.do("GET", "/v1/keys?status=all", nil).data()["keys"].([]any) {
		if got := entry.(fields)["environment"]; got != "staging" {
			ann.t.Errorf("a staging key lists a key of %v", got)
		}
	}
	if got := ann.do("GET", production.path(), nil).data()["version"]; got != 1.0 {
		ann.t.Errorf("the production key has version %v", got)
	}
}

// bodyOf is an empty object for a call that takes a body, otherwise none.
func bodyOf(call string) any {
	if call == "PATCH " {
		return fields{}
	}
	return nil
}

// wantUnused checks that no request counts as a use of the key, and that nothing changed it.
func (c *caller) wantUnused(key key) {
	c.t.Helper()
	data := c.do("GET", key.path(), nil).data()
	usage := data["usage"].(fields)
	if usage["requests_today"] != 0.0 || usage["requests_this_month"] != 0.0 || data["last_used_at"] != nil || data["last_used_ip"] != nil {
		c.t.Errorf("usage = %v, last used at %v from %v: want none", usage, data["last_used_at"], data["last_used_ip"])
	}
	if data["version"] != key.data["version"] || data["updated_at"] != key.data["updated_at"] {
		c.t.Errorf("version = %v, updated_at = %v: the key changed", data["version"], data["updated_at"])
	}
}
