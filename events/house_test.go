package events

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/events/outcomes"
	"github.com/keyward/keyward/infra/local/house/housetest"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/replay"
	"github.com/keyward/keyward/shared/session"
	"github.com/keyward/keyward/shared/session/devoidc"
	"github.com/keyward/keyward/shared/wire"
	"github.com/keyward/keyward/shared/wire/onaws/keymaker"
)

// invoke calls a function with an event, and tells the outcome in a few words.
type invoke func(t *testing.T, payload []byte) string

// fixture is every function over one store, with a member who holds a key.
type fixture struct {
	functions map[string]invoke
	actual    outcomes.Actual
}

func newFixture(t *testing.T) fixture {
	t.Helper()
	dir := t.TempDir()
	provider, err := devoidc.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	identities := httptest.NewServer(provider.Handler())
	t.Cleanup(identities.Close)
	parts := housetest.Parts(t, housetest.SQLite(t), dir)
	parts.Session = session.Config{JWKSURL: identities.URL + "/jwks.json"}
	parts.Config.Catalog = socketCatalog(t)
	parts.Config.AppSync = map[string]httpapi.AppSyncAPI{
		"sampleappsyncapiidentifier": {Environment: apikey.Production, Service: "dns", Permission: "dns:read"},
	}
	parts.Config.Proxies = httpapi.Proxies{netip.MustParsePrefix("203.0.113.9/32")} // whom the samples come from
	f := fixture{functions: functionsOf(t, parts), actual: outcomes.Actual{Issuer: devoidc.Issuer}}
	if f.actual.Session, err = provider.Token("sample", time.Now()); err != nil {
		t.Fatal(err)
	}
	f.signIn(t, parts)
	f.createKey(t, parts)
	return f
}

// socketCatalog is the shipped catalog with what the samples need besides.
func socketCatalog(t *testing.T) *policy.Catalog {
	t.Helper()
	text, err := outcomes.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := policy.Load(text)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func functionsOf(t *testing.T, parts wire.Parts) map[string]invoke {
	t.Helper()
	authorizer, err := parts.Authorizer()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]invoke{
		"authorizer": func(t *testing.T, payload []byte) string {
			answer, err := authorizer.Invoke(t.Context(), payload)
			return tell(t, answer, err)
		},
		"create": proxy(parts.Create()), "list": proxy(parts.List()), "get": proxy(parts.Get()), "update": proxy(parts.Update()),
		"revoke": proxy(parts.Revoke()), "verify": proxy(parts.Verify()), "sample": proxy(parts.Sample()),
		"regenerate": proxy(parts.Regenerate()), "explain": proxy(parts.Explain()), "account": proxy(parts.Account()),
		"members": proxy(parts.Members()), "roles": proxy(parts.Roles()), "catalog": proxy(parts.Catalog()), "jwks": proxy(parts.JWKS()),
		"retier": func(t *testing.T, payload []byte) string {
			var asked httpapi.RetierRequest
			if err := json.Unmarshal(payload, &asked); err != nil {
				t.Fatal(err)
			}
			done, err := parts.Retier()(t.Context(), asked)
			return tell(t, done, err)
		},
		"replay": func(t *testing.T, payload []byte) string {
			var batch replay.Batch
			if err := json.Unmarshal(payload, &batch); err != nil {
				t.Fatal(err)
			}
			closed := parts
			closed.Config.Table, closed.Config.RefuseAll = outcomes.Table, true
			answer, err := closed.Replay()(t.Context(), batch)
			return tell(t, answer, err)
		},
		"signingkeys": signingkeys(parts),
		"cleanup": func(t *testing.T, payload []byte) string {
			cleaned, err := parts.Cleanup()(t.Context(), payload)
			return tell(t, cleaned, err)
		},
	}
}

// signingkeys tells what CloudFormation was told, or else whether it failed, and how many keys are published then. There
// is one before.
func signingkeys(parts wire.Parts) invoke {
	custodian := parts.SigningKeys()
	custodian.Notice = 0 // nothing else verifies here
	return func(t *testing.T, payload []byte) string {
		t.Helper()
		var told struct{ Status string }
		formation := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if err := json.NewDecoder(r.Body).Decode(&told); err != nil {
				t.Error(err)
			}
		}))
		defer formation.Close()
		payload = outcomes.AnswerTo(payload, formation.URL)
		_, err := keymaker.New(custodian, parts.Log)(t.Context(), payload)
		if told.Status == "" {
			told.Status = fmt.Sprint(err)
		}
		published, err := parts.Store.PublicKeys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%s, published %d", told.Status, len(published))
	}
}

// proxy is a function behind a proxy integration.
func proxy(handler httpapi.Handler) invoke {
	return func(t *testing.T, payload []byte) string {
		t.Helper()
		var event events.APIGatewayProxyRequest
		if err := json.Unmarshal(payload, &event); err != nil {
			t.Fatal(err)
		}
		response, err := handler(t.Context(), event)
		return tell(t, response, err)
	}
}

// tell says what a function answered.
func tell(t *testing.T, answer any, failure error) string {
	t.Helper()
	if failure != nil {
		return outcomes.Failed(failure.Error())
	}
	payload, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	told, err := outcomes.Tell(payload)
	if err != nil {
		t.Fatal(err)
	}
	return told
}

// signIn makes the member's organization.
func (f *fixture) signIn(t *testing.T, parts wire.Parts) {
	t.Helper()
	authorizer, err := parts.Authorizer()
	if err != nil {
		t.Fatal(err)
	}
	answer, err := authorizer.REST(t.Context(), events.APIGatewayCustomAuthorizerRequestTypeRequest{
		Resource: "/v1/keys", HTTPMethod: "GET", MethodArn: "arn:aws:execute-api:r:a:i/s/GET/v1/keys",
		Headers:        map[string]string{"Authorization": "Bearer " + f.actual.Session},
		StageVariables: map[string]string{httpapi.StageService: httpapi.AdminService},
	})
	if err != nil {
		t.Fatal(err)
	}
	f.actual.Organization, _ = answer.Context[httpapi.ContextOrganization].(string)
}

// createKey makes the member's key.
func (f *fixture) createKey(t *testing.T, parts wire.Parts) {
	t.Helper()
	response, err := parts.Create()(t.Context(), events.APIGatewayProxyRequest{
		Body: `{"name":"sample"}`, Headers: map[string]string{"Content-Type": "application/json"},
		RequestContext: events.APIGatewayProxyRequestContext{Authorizer: map[string]any{
			httpapi.ContextCode: "allowed", httpapi.ContextPrincipal: "member", httpapi.ContextOwner: "sample", httpapi.ContextIssuer: devoidc.Issuer,
			httpapi.ContextOrganization: f.actual.Organization, httpapi.ContextRoles: "admin",
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var body struct {
		Data struct {
			KeyID  string `json:"key_id"`
			APIKey string `json:"api_key"`
		}
	}
	if err := json.Unmarshal([]byte(response.Body), &body); err != nil || body.Data.APIKey == "" {
		t.Fatalf("creating a key: %v: %s", err, response.Body)
	}
	f.actual.Key, f.actual.Secret = body.Data.KeyID, body.Data.APIKey
}
