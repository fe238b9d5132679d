package httpapi

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/authorize"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/journal"
	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/metric"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/sqlite"
)

// door is an authorizer over a store with one organization, which has one key without a limit.
type door struct {
	*Authorizer
	secret string
	broken func() error  // closes the store: whatever is asked of it fails from then on
	lines  *bytes.Buffer // of the journal
}

func newDoor(t testing.TB) *door {
	t.Helper()
	dir := t.TempDir()
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, "keyward.db"))
	if err != nil {
		t.Fatal(err)
	}
	breakDown := sync.OnceValue(store.Close)
	t.Cleanup(func() { _ = breakDown() })
	catalog, ring := shippedCatalog(t), keyring.New(keyring.File{Path: filepath.Join(dir, "peppers.json")}, func(err error) { t.Error(err) })
	for i := range catalog.Tiers {
		catalog.Tiers[i].RequestsPerMinute = 1 << 40 // no run comes near it
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	d := &door{broken: breakDown, lines: new(bytes.Buffer)}
	d.Authorizer = &Authorizer{
		Keys: &authorize.Service{
			Store: store, Keyring: ring, Catalog: catalog, Brand: apikey.DefaultBrand, Now: time.Now, Log: log,
			Known: authorize.NewKnown(), Refusals: authorize.NewRefusals(), Suspects: authorize.NewSuspects(), Touches: authorize.NewTouches(),
		},
		Catalog: catalog, Now: time.Now, Log: log, Journal: journal.Embedded(d.lines, "keyward", 1, new(metric.Tally)),
	}
	organization := org.Organization{ID: "org_1", Tier: "pro", MaxTier: "enterprise", KeyLimit: 10, CreatedAt: noon, CursorKey: make([]byte, 32)}
	entry := audit.NewEntry(noon, audit.System, audit.OrganizationCreated, "org_1", office)
	ann := org.Member{Identity: org.Identity{Issuer: "https://id.example", Subject: "ann"}, Organization: "org_1", Roles: []string{"admin"}, Status: org.MemberActive}
	if err := store.Found(t.Context(), organization, ann, entry); err != nil {
		t.Fatal(err)
	}
	service := keys.Service{Store: store, Organizations: store, Desk: grant.Desk{Records: store, Organizations: store, Catalog: catalog, Now: time.Now}, Catalog: catalog, Keyring: ring, Brand: apikey.DefaultBrand, Now: time.Now}
	created, err := service.Create(t.Context(), keys.Caller{Organization: "org_1", Identity: ann.Identity}, keys.Draft{Name: "first"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	d.secret = created.Secret.Reveal()
	return d
}

var guardedStage = map[string]string{StageEnvironment: "production", StageService: SampleService}

func (d *door) rest(t *testing.T, stage map[string]string, path string) (events.APIGatewayCustomAuthorizerResponse, error) {
	t.Helper()
	return d.REST(t.Context(), events.APIGatewayCustomAuthorizerRequestTypeRequest{
		MethodArn: methodARN, HTTPMethod: "GET", Path: path, Resource: path, StageVariables: stage,
		Headers: map[string]string{"x-API-key": d.secret},
	})
}

func TestREST_allows(t *testing.T) {
	answer, err := newDoor(t).rest(t, guardedStage, "/zones")
	if err != nil {
		t.Fatal(err)
	}
	if statement := answer.PolicyDocument.Statement[0]; statement.Effect != "Allow" || answer.Context[ContextOrganization] != "org_1" || answer.UsageIdentifierKey != "" {
		t.Errorf("answer = %+v", answer)
	}
}

// buggy is a store with a bug in it, as long as it is meant to have one.
type buggy struct {
	apikey.Spender
	bug bool
}

func (b *buggy) Spend(ctx context.Context, spend apikey.Spend) (apikey.Outcome, error) {
	if b.bug {
		panic("a bug")
	}
	return b.Spender.Spend(ctx, spend)
}

// A panic lets nobody in, says nothing to the caller, is logged, and the next request is decided.
func TestREST_aPanicDecidesNothing(t *testing.T) {
	d, log := newDoor(t), new(bytes.Buffer)
	store := &buggy{d.Keys.Store, true}
	d.Keys.Store, d.Log = store, slog.New(slog.NewTextHandler(log, nil))
	if answer, err := d.rest(t, guardedStage, "/zones"); err != errUndecided || answer.PrincipalID != "" {
		t.Errorf("answer %+v, error %v, want none and %v", answer, err, errUndecided)
	}
	if !strings.Contains(log.String(), "a bug") || strings.Contains(log.String(), d.secret) || !strings.Contains(d.lines.String(), `"code":"unavailable"`) {
		t.Errorf("log = %s\njournal = %s", log, d.lines)
	}
	store.bug = false
	if _, err := d.rest(t, guardedStage, "/zones"); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// What the authorizer guards comes from the stage. A stage that does not say it all is a mistake of the deployment: it
// is refused, with a 503, and never guessed from the request.
func TestREST_aStageThatDoesNotSayIsRefused(t *testing.T) {
	for name, stage := range map[string]map[string]string{
		"nothing":             nil,
		"no service":          {StageEnvironment: "production"},
		"no environment":      {StageService: SampleService},
		"unknown service":     {StageEnvironment: "production", StageService: "nothing"},
		"unknown environment": {StageEnvironment: "live", StageService: SampleService},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDoor(t)
			answer, err := d.rest(t, stage, "/zones")
			assertUndecided(t, answer, err)
			if counted := strings.Count(d.lines.String(), `"DecisionUnavailable":1`); counted != 1 {
				t.Errorf("it was counted %d times: %s", counted, d.lines)
			}
		})
	}
	t.Run("no path", func(t *testing.T) {
		answer, err := newDoor(t).rest(t, guardedStage, "")
		assertUndecided(t, answer, err)
	})
	t.Run("no route of keyward's own", func(t *testing.T) {
		answer, err := newDoor(t).rest(t, map[string]string{StageService: AdminService}, "/v2/keys")
		assertUndecided(t, answer, err)
	})
}

func assertUndecided(t *testing.T, answer events.APIGatewayCustomAuthorizerResponse, err error) {
	t.Helper()
	if err == nil || err.Error() == "Unauthorized" || len(answer.PolicyDocument.Statement) != 0 {
		t.Errorf("error = %v, answer = %+v: want an error other than that of a 401", err, answer)
	}
}

// A store that can't answer is a 503, for keys that were allowed a moment ago too: nobody remembers an allow.
func TestREST_aStoreThatIsDownIsRefused(t *testing.T) {
	for name, stage := range map[string]map[string]string{"a protected API": guardedStage, "keyward's own": {StageService: AdminService}} {
		t.Run(name, func(t *testing.T) {
			d := newDoor(t)
			path := map[string]string{SampleService: "/zones", AdminService: "/v1/keys"}[stage[StageService]]
			if _, err := d.rest(t, stage, path); err != nil {
				t.Fatal(err)
			}
			if err := d.broken(); err != nil {
				t.Fatal(err)
			}
			answer, err := d.rest(t, stage, path)
			assertUndecided(t, answer, err)
			if counted := strings.Count(d.lines.String(), `"DecisionUnavailable":1`); counted != 1 {
				t.Errorf("it was counted %d times: %s", counted, d.lines)
			}
		})
	}
}

// Without an identity provider nobody has a session.
func TestREST_noSessions(t *testing.T) {
	d := newDoor(t)
	d.secret = "eyJhbGciOiJFUzI1NiJ9.e30.AAAA"
	_, err := d.rest(t, map[string]string{StageService: AdminService}, "/v1/keys")
	assertUnauthorized(t, err)
}

// Neither the log nor a decision's line holds a credential.
func TestREST_logsNoCredential(t *testing.T) {
	d := newDoor(t)
	var log strings.Builder
	d.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	for _, path := range []string{"/zones", "/" + d.secret, ""} {
		_, _ = d.rest(t, guardedStage, path)
	}
	both := log.String() + d.lines.String()
	if strings.Count(both, `"msg":"decision"`) != 3 || strings.Contains(both, d.secret) {
		t.Errorf("log = %s", both)
	}
}
