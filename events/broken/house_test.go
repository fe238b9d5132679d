package broken

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime/debug"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keyward/keyward/events/outcomes"
	"github.com/keyward/keyward/infra/local/house/housetest"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/session"
	"github.com/keyward/keyward/shared/session/devoidc"
	"github.com/keyward/keyward/shared/wire"
	"github.com/keyward/keyward/shared/wire/onaws/keymaker"
)

// house is every function, each behind what Lambda's runtime calls it through, with a member who holds a key.
type house struct {
	functions map[string]lambda.Handler
	replace   map[string]string
	session   string
	formation string // who is told what became of CloudFormation's requests
	invoked   atomic.Int64
}

func newHouse(t *testing.T) *house {
	t.Helper()
	provider, err := devoidc.Open(t.TempDir())
	must(t, err)
	identities := httptest.NewServer(provider.Handler())
	t.Cleanup(identities.Close)
	formation := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	t.Cleanup(formation.Close)
	h := &house{formation: formation.URL}
	parts := housetest.Parts(t, housetest.SQLite(t), t.TempDir())
	parts.Log = slog.New(slog.DiscardHandler) // a stage that does not say what it is gets a line
	parts.Session = session.Config{JWKSURL: identities.URL + "/jwks.json"}
	parts.Config.AppSync = map[string]httpapi.AppSyncAPI{
		"sampleappsyncapiidentifier": {Environment: apikey.Production, Service: "dns", Permission: "dns:read"},
	}
	began := time.Now()
	parts.Now = func() time.Time { return began.Add(time.Duration(h.invoked.Load()/50) * time.Minute) } // so that no limit is met
	h.functions = functionsOf(t, parts)
	h.session, err = provider.Token("sample", began)
	must(t, err)
	h.settle(t)
	return h
}

func functionsOf(t *testing.T, parts wire.Parts) map[string]lambda.Handler {
	t.Helper()
	authorizer, err := parts.Authorizer()
	must(t, err)
	custodian := parts.SigningKeys()
	custodian.Notice = 0
	closed := parts
	closed.Config.Table, closed.Config.RefuseAll = outcomes.Table, true
	functions := map[string]lambda.Handler{}
	for name, handler := range map[string]any{
		"authorizer": authorizer.Invoke, "cleanup": parts.Cleanup(), "retier": parts.Retier(), "replay": closed.Replay(), "signingkeys": keymaker.New(custodian, parts.Log),
		"create": parts.Create(), "list": parts.List(), "get": parts.Get(), "update": parts.Update(), "revoke": parts.Revoke(),
		"verify": parts.Verify(), "sample": parts.Sample(), "regenerate": parts.Regenerate(), "explain": parts.Explain(),
		"account": parts.Account(), "members": parts.Members(), "roles": parts.Roles(), "catalog": parts.Catalog(), "jwks": parts.JWKS(),
	} {
		functions[name] = lambda.NewHandler(handler)
	}
	return functions
}

// What the samples made up.
var (
	madeUpSession = regexp.MustCompile(`eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.A{86}`)
	responseURL   = regexp.MustCompile(`https://cloudformation-[a-z0-9./-]+`)
)

// settle signs the member in, and makes their key, by the samples that do.
func (h *house) settle(t *testing.T) {
	t.Helper()
	signIn := map[string]any{
		"type": "REQUEST", "resource": "/v1/keys", "path": "/v1/keys", "httpMethod": "POST", "methodArn": "arn:aws:execute-api:r:a:i/s/POST/v1/keys",
		"headers":        map[string]string{"Authorization": "Bearer " + h.session},
		"stageVariables": map[string]string{httpapi.StageService: httpapi.AdminService},
	}
	principal := h.invoke(t, "authorizer", marshal(t, signIn))
	create := map[string]any{
		"httpMethod": "POST", "resource": "/v1/keys", "body": `{"name":"sample"}`,
		"headers":        map[string]string{"Content-Type": "application/json"},
		"requestContext": map[string]any{"authorizer": principal.Context},
	}
	var made struct {
		Data struct {
			KeyID  string `json:"key_id"`
			APIKey string `json:"api_key"`
		} `json:"data"`
	}
	answer := h.invoke(t, "create", marshal(t, create))
	if err := json.Unmarshal([]byte(answer.Body), &made); err != nil || made.Data.APIKey == "" {
		t.Fatalf("creating a key: %v: %+v", err, answer)
	}
	organization, _ := principal.Context[httpapi.ContextOrganization].(string)
	h.replace = map[string]string{
		"vg_live_00000000UnknownSampleKey000000gy": made.Data.APIKey, "key_00000000": made.Data.KeyID,
		"org_0000000000000000": organization, "https://id.example": devoidc.Issuer,
	}
}

// local is an event whose answer goes nowhere else.
func (h *house) local(text []byte) []byte {
	return responseURL.ReplaceAllLiteral(text, []byte(h.formation))
}

// real is an event with the member's session, organization and key.
func (h *house) real(text []byte) []byte {
	text = madeUpSession.ReplaceAllLiteral(h.local(text), []byte(h.session))
	for madeUp, real := range h.replace {
		text = bytes.ReplaceAll(text, []byte(madeUp), []byte(real))
	}
	return text
}

// invoke has Lambda's runtime call a function.
func (h *house) invoke(t *testing.T, function string, payload []byte) (got outcome) {
	t.Helper()
	h.invoked.Add(1)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	defer func() {
		if cause := recover(); cause != nil {
			t.Fatalf("%s panics: %v\n%s\n%s", function, cause, payload, debug.Stack())
		}
	}()
	if h.functions[function] == nil {
		t.Fatalf("there is no function %s in this test's table", function)
	}
	answer, err := h.functions[function].Invoke(ctx, payload)
	if err != nil {
		return outcome{failure: err}
	}
	if err := json.Unmarshal(answer, &got); err != nil && function != "signingkeys" {
		t.Fatalf("%s answers %s: %v", function, answer, err)
	}
	return got
}

func marshal(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	must(t, err)
	return text
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
