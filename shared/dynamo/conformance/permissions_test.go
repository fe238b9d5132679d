package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/dynamotest"
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/metric"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/session"
	"github.com/keyward/keyward/shared/session/devoidc"
	"github.com/keyward/keyward/shared/wire"
)

// deployment is the functions, each behind its own policy, on one table and one clock.
type deployment struct {
	*testing.T
	table   string
	now     time.Time
	ring    *keyring.Keyring
	jwks    string
	catalog *policy.Catalog
	behind  map[string]*grants
}

func newDeployment(t *testing.T) (*deployment, *devoidc.Provider) {
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
	catalog.Organization.KeyLimit = 3
	return &deployment{
		T: t, table: dynamotest.NewTable(t), now: time.Now().UTC(), jwks: server.URL + "/jwks.json", catalog: catalog,
		ring:   keyring.New(keyring.File{Path: filepath.Join(t.TempDir(), "peppers.json")}, func(err error) { t.Error(err) }),
		behind: map[string]*grants{},
	}, provider
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
		},
		Store: store, Keyring: d.ring, Now: now, Count: metric.None, Session: session.Config{JWKSURL: d.jwks},
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
}

// call calls a function and wants that status.
func (d *deployment) call(handler httpapi.Handler, want int, event events.APIGatewayProxyRequest, principal map[string]any) map[string]any {
	d.Helper()
	event.RequestContext.Authorizer = principal
	event.Headers = map[string]string{"Content-Type": "application/json", "Idempotency-Key": event.Headers["Idempotency-Key"], "If-Match": event.Headers["If-Match"]}
	if event.Headers["Idempotency-Key"] == "" {
		delete(event.Headers, "Idempotency-Key")
	}
	response, err := handler(d.Context(), event)
	if err != nil || response.StatusCode != want {
		d.Fatalf("status %d, want %d: %s %v", response.StatusCode, want, response.Body, err)
	}
	var body struct {
		Data map[string]any `json:"data"`
	}
	if err := json.Unmarshal([]byte(response.Body), &body); err != nil {
		d.Fatal(err)
	}
	return body.Data
}

func (d *deployment) create(principal map[string]any, body string) map[string]any {
	d.Helper()
	return d.call(d.parts("create").Create(), http.StatusCreated, events.APIGatewayProxyRequest{Body: body}, principal)
}

func (d *deployment) update(principal map[string]any, id any, body, ifMatch string) {
	d.Helper()
	d.call(d.parts("update").Update(), http.StatusOK, events.APIGatewayProxyRequest{
		Body: body, PathParameters: map[string]string{"key_id": id.(string)}, Headers: map[string]string{"If-Match": ifMatch},
	}, principal)
}

// Least privilege: every function can do its work with the actions of its row, and its row names no other.
func TestARowNamesExactlyTheActionsThatItsFunctionUses(t *testing.T) {
	d, provider := newDeployment(t)
	token, err := provider.Token("dev", d.now)
	if err != nil {
		t.Fatal(err)
	}
	authorizer, err := d.parts("authorizer").Authorizer()
	if err != nil {
		t.Fatal(err)
	}
	authorize := func(method, resource, credential string, stage map[string]string) map[string]any {
		t.Helper()
		answer, err := authorizer.REST(t.Context(), events.APIGatewayCustomAuthorizerRequestTypeRequest{
			Type: "REQUEST", MethodArn: "arn:aws:execute-api:r:a:api/stage/GET/x", HTTPMethod: method, Resource: resource, Path: resource,
			Headers: map[string]string{"Authorization": "Bearer " + credential}, StageVariables: stage,
		})
		if err != nil {
			t.Fatalf("%s %s: %v", method, resource, err)
		}
		return answer.Context
	}
	admin := map[string]string{httpapi.StageService: httpapi.AdminService}
	principal := authorize("POST", "/v1/keys", token, admin)

	// create: plainly, once and again, onto an expired key's name, and into an account full of expired keys
	day := d.now.Add(24 * time.Hour).Format(time.RFC3339)
	first := d.create(principal, `{"name": "a", "expires_at": "`+day+`"}`)
	d.create(principal, `{"name": "b", "expires_at": "`+day+`"}`)
	once := events.APIGatewayProxyRequest{Body: `{"name": "c", "expires_at": "` + day + `"}`, Headers: map[string]string{"Idempotency-Key": "0123456789abcdef"}}
	for range 2 {
		d.call(d.parts("create").Create(), http.StatusCreated, once, principal)
	}

	// verify, forward-auth's equal, and a key as the caller, while the keys live
	secret := first["api_key"].(string)
	authorize("GET", "/zones", secret, map[string]string{httpapi.StageService: "dns", httpapi.StageEnvironment: "production"})
	backend := authorize("POST", "/v1/keys/verify", secret, admin)
	d.call(d.parts("verify").Verify(), http.StatusOK, events.APIGatewayProxyRequest{Body: `{"api_key": "` + secret + `"}`}, backend)

	d.now = d.now.Add(25 * time.Hour)
	kept := d.create(principal, `{"name": "A"}`)
	d.create(principal, `{"name": "d", "expires_in_days": 1}`)

	// list, get, update in each of its ways, revoke in both
	for _, sort := range []string{"created_at", "name", "expires_at", "-expires_at"} {
		d.call(d.parts("list").List(), http.StatusOK, events.APIGatewayProxyRequest{QueryStringParameters: map[string]string{"sort": sort}}, principal)
	}
	id := kept["key_id"]
	d.call(d.parts("get").Get(), http.StatusOK, events.APIGatewayProxyRequest{PathParameters: map[string]string{"key_id": id.(string)}}, principal)
	d.update(principal, id, `{"name": "e"}`, "")
	d.update(principal, id, `{"tier": "free", "expires_in": "one_year"}`, "")
	d.update(principal, id, `{"name": "f", "active": false}`, `"`+fmt.Sprint(d.version(principal, id))+`"`)
	d.now = d.now.Add(25 * time.Hour)
	d.update(principal, id, `{"name": "d"}`, "")
	d.revokeLate(principal, id)
	revoke := events.APIGatewayProxyRequest{PathParameters: map[string]string{"key_id": id.(string)}}
	d.call(d.parts("revoke").Revoke(), http.StatusOK, revoke, principal)

	// cleanup: an expiry to mark, and ended keys to delete
	d.create(principal, `{"name": "g", "expires_in_days": 1}`)
	d.now = d.now.AddDate(2, 0, 0)
	if _, err := d.parts("cleanup").Cleanup()(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	for name, grants := range d.behind {
		if used := slices.Sorted(maps.Keys(grants.used)); !slices.Equal(used, slices.Sorted(slices.Values(grants.function.Table))) {
			t.Errorf("functions/%s used %v, its row names %v", name, used, grants.function.Table)
		}
	}
}

// revokeLate revokes a key that has changed since it was read, which is the one way in which a revocation asks whether
// it has happened already.
func (d *deployment) revokeLate(principal map[string]any, id any) {
	d.Helper()
	store := d.parts("revoke").Store
	bare, _ := apikey.ParseID(id.(string))
	before, err := store.Key(d.Context(), org.ID(principal[httpapi.ContextOrganization].(string)), bare)
	if err != nil {
		d.Fatal(err)
	}
	d.update(principal, id, `{"tier": "pro"}`, "")
	after := before.Clone()
	after.RevokedAt = d.now
	entry := audit.NewEntry(d.now, audit.System, audit.KeyRevoked, before.ID.String(), netip.Addr{})
	if _, err := store.Change(d.Context(), apikey.Change{Before: before, After: after, Activity: entry}); !errors.Is(err, apikey.ErrMoved) {
		d.Fatalf("revoking a key that has changed: %v, want %v", err, apikey.ErrMoved)
	}
}

func (d *deployment) version(principal map[string]any, id any) int64 {
	d.Helper()
	key := d.call(d.parts("get").Get(), http.StatusOK, events.APIGatewayProxyRequest{PathParameters: map[string]string{"key_id": id.(string)}}, principal)
	return int64(key["version"].(float64))
}
