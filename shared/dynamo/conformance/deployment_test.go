package conformance

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/dynamotest"
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/jwtkey"
	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/session"
	"github.com/keyward/keyward/shared/session/devoidc"
	"github.com/keyward/keyward/shared/wire"
)

// deployment is the functions, each behind its own policy, on one table and one clock.
type deployment struct {
	*testing.T
	table      string
	now        time.Time
	provider   *devoidc.Provider
	ring       *keyring.Keyring
	vault      jwtkey.File
	jwks       string
	catalog    *policy.Catalog
	behind     map[string]*grants
	authorizer *httpapi.Authorizer
}

func newDeployment(t *testing.T) *deployment {
	t.Parallel()
	provider, err := devoidc.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(provider.Handler())
	t.Cleanup(server.Close)
	catalog, err := policy.Load(policy.Shipped)
	if err != nil {
		t.Fatal(err)
	}
	catalog.Organization.KeyLimit = 4
	d := &deployment{
		T: t, table: dynamotest.NewTable(t), now: time.Now().UTC(), provider: provider, jwks: server.URL + "/jwks.json",
		catalog: catalog, vault: jwtkey.File{Path: filepath.Join(t.TempDir(), "signing.json")},
		ring:   keyring.New(keyring.File{Path: filepath.Join(t.TempDir(), "peppers.json")}, func(err error) { t.Error(err) }),
		behind: map[string]*grants{},
	}
	if d.authorizer, err = d.parts("authorizer").Authorizer(); err != nil {
		t.Fatal(err)
	}
	return d
}

// parts are those of the function of that name.
func (d *deployment) parts(name string) wire.Parts {
	row, _ := httpapi.FunctionOf(name)
	if d.behind[name] == nil {
		d.behind[name] = &grants{API: dynamotest.NewClient(), function: row, used: map[string]bool{}}
	}
	now := func() time.Time { return d.now }
	store := dynamo.New(d.behind[name], d.table)
	store.Now = now
	return wire.Parts{
		Config: wire.Config{
			Catalog: d.catalog, Brand: "vg", Issuer: devoidc.Issuer, Audience: devoidc.Audience, Signup: session.SignupPersonal,
			KeyIssuer: "keyward", KeyAlgorithm: jwtkey.EdDSA,
		},
		Store: store, Keyring: d.ring, Signing: d.vault, Vault: d.vault, Now: now,
		Session: session.Config{JWKSURL: d.jwks}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
}

// signIn is the principal that the authorizer passes on for a member.
func (d *deployment) signIn(member, organization string) map[string]any {
	d.Helper()
	token, err := d.provider.Token(member, d.now)
	if err != nil {
		d.Fatal(err)
	}
	return d.authorize(httpapi.AdminService, "GET", "/v1/account", token, organization)
}

// authorize is the principal of a request to a service; to a protected one, in production.
func (d *deployment) authorize(service, method, resource, credential, organization string) map[string]any {
	d.Helper()
	event := events.APIGatewayCustomAuthorizerRequestTypeRequest{
		Type: "REQUEST", MethodArn: "arn:aws:execute-api:r:a:api/stage/GET/x", HTTPMethod: method, Resource: resource, Path: resource,
		Headers:        map[string]string{"Authorization": "Bearer " + credential},
		StageVariables: map[string]string{httpapi.StageService: service, httpapi.StageEnvironment: "production"},
	}
	if organization != "" {
		event.Headers["X-Organization"] = organization
	}
	event.RequestContext.Identity.SourceIP = "203.0.113.7"
	answer, err := d.authorizer.REST(d.Context(), event)
	if err != nil {
		d.Fatalf("%s %s: %v", method, resource, err)
	}
	return answer.Context
}

// ask is a request: a route, such as PATCH /v1/keys/{key_id}, and what fills it.
type ask struct {
	route   string
	id      any // what stands in the path; nil: nothing
	body    string
	headers map[string]string
	query   map[string]string
}

// ask has the function of a route answer a principal, and gives the data of its answer.
func (d *deployment) ask(principal map[string]any, want int, a ask) map[string]any {
	d.Helper()
	method, resource, _ := strings.Cut(a.route, " ")
	event := events.APIGatewayProxyRequest{
		HTTPMethod: method, Resource: resource, Path: resource, Body: a.body, QueryStringParameters: a.query,
		Headers: map[string]string{"Content-Type": "application/json"},
	}
	for name, value := range a.headers {
		event.Headers[name] = value
	}
	if id, given := a.id.(string); given {
		event.PathParameters = map[string]string{resource[strings.Index(resource, "{")+1 : strings.Index(resource, "}")]: id}
	}
	event.RequestContext.Authorizer = principal
	response, err := d.handler(method, resource)(d.Context(), event)
	if err != nil || response.StatusCode != want {
		d.Fatalf("%s: status %d, want %d: %s %v", a.route, response.StatusCode, want, response.Body, err)
	}
	var body struct {
		Data map[string]any `json:"data"`
	}
	if err := json.Unmarshal([]byte(response.Body), &body); err != nil {
		d.Fatal(err)
	}
	return body.Data
}

// handler is the function that the table of routes names for a route.
func (d *deployment) handler(method, resource string) httpapi.Handler {
	for _, route := range httpapi.Routes {
		if route.Method == method && route.Path == resource {
			return handlers[route.Function](d.parts(route.Function))
		}
	}
	d.Fatalf("there is no route %s %s", method, resource)
	return nil
}

// handlers are the functions behind the API.
var handlers = map[string]func(wire.Parts) httpapi.Handler{
	"create": wire.Parts.Create, "list": wire.Parts.List, "get": wire.Parts.Get, "update": wire.Parts.Update,
	"revoke": wire.Parts.Revoke, "regenerate": wire.Parts.Regenerate, "explain": wire.Parts.Explain,
	"verify": wire.Parts.Verify, "account": wire.Parts.Account, "members": wire.Parts.Members, "roles": wire.Parts.Roles,
	"catalog": wire.Parts.Catalog, "jwks": wire.Parts.JWKS,
}

func (d *deployment) create(principal map[string]any, body string) map[string]any {
	d.Helper()
	return d.ask(principal, http.StatusCreated, ask{route: "POST /v1/keys", body: body})
}

func (d *deployment) update(principal map[string]any, id any, body string) map[string]any {
	d.Helper()
	return d.ask(principal, http.StatusOK, ask{route: "PATCH /v1/keys/{key_id}", id: id, body: body})
}
