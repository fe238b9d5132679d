package acceptance_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// A key for all services reaches those that the catalog gains after it was made; a key for a list does not.
func TestAKeyForAllServicesReachesTheOnesAddedLater(t *testing.T) {
	catalog := withService(t, `{"id":"mail","title":"Mail","organizations":"all","routes":[{"method":"GET","path":"/boxes","permission":"dns:read"}]}`)
	for name, test := range map[string]struct {
		scope apikey.Scope
		want  apikey.Reason
	}{
		"all":    {apikey.Scope{}, apikey.Allowed},
		"a list": {apikey.Scope{Services: []string{"dns", "cdn"}}, apikey.ServiceDenied},
	} {
		t.Run(name, func(t *testing.T) {
			outcome := apikey.Outcome{Spent: true, Record: &apikey.Record{Roles: []string{"admin"}, Scope: test.scope}}
			request := policy.Request{Service: catalog.Service("mail"), Method: "GET", Path: "/boxes"}
			decision, told := catalog.Decide(apikey.Spend{At: time.Now()}, outcome, org.Standing{}, request)
			if !told || decision.Reason != test.want {
				t.Errorf("the key is told %s, want %s", decision.Reason, test.want)
			}
		})
	}
}

// withService is the shipped catalog with one more service.
func withService(t *testing.T, service string) *policy.Catalog {
	t.Helper()
	var document map[string]any
	if err := json.Unmarshal(policy.Shipped, &document); err != nil {
		t.Fatal(err)
	}
	document["services"] = append(document["services"].([]any), json.RawMessage(service))
	text, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := policy.Load(text)
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}
