package binaries

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/events/outcomes"
	"github.com/keyward/keyward/infra/emulator/emulatortest"
	"github.com/keyward/keyward/infra/runtimeapi"
	"github.com/keyward/keyward/infra/runtimeapi/rows"
	"github.com/keyward/keyward/infra/runtimeapi/secrets"
	"github.com/keyward/keyward/shared/checkout"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/dynamotest"
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/jwtkey"
	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/session/devoidc"
)

func TestMain(m *testing.M) { dynamotest.Main(m) }

// The secrets of a deployment, as the template names them.
const (
	peppersARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:Peppers-sample"
	signingARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:SigningKeys-sample"
	pepper     = "7c1f0a5d9be24638a1c7e0d2f4b6985310aa2bb3cc4dd5ee6ff708192a3b4c5d"
)

// deployment is a table, secrets and an identity provider of its own, and the functions' programs that were started on them.
// When the test ends it searches all that they wrote for secrets.
type deployment struct {
	rows.Deployment
	t       *testing.T
	secrets *secrets.Manager
	store   *dynamo.Store
	actual  outcomes.Actual
	more    map[string]string // variables beside the template's

	mu        sync.Mutex
	sandboxes []*runtimeapi.Sandbox
	shown     []string // secrets that functions have answered with
}

func deploy(t *testing.T) *deployment {
	t.Helper()
	provider, issuer := emulatortest.Identities(t)
	table := dynamotest.NewTable(t)
	d := &deployment{t: t, store: dynamo.New(dynamotest.NewClient(), table)}
	d.Deployment = rows.Deployment{
		Name: "keyward", Table: table, Peppers: peppersARN, SigningKeys: signingARN, KeyAlgorithm: "EdDSA",
		Issuer: issuer, Audience: devoidc.Audience, Signup: "personal", TrustedProxies: outcomes.Proxies,
	}
	d.secrets = secrets.New(rows.Region, rows.Credentials, map[string]string{
		peppersARN: `{"current":"k1","k1":"` + pepper + `"}`, signingARN: d.signingKeys(),
	})
	t.Cleanup(d.secrets.Close)
	t.Cleanup(d.check) // before that
	d.more = map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": endpoint(), "AWS_ENDPOINT_URL_SECRETS_MANAGER": d.secrets.URL,
		"KEYWARD_APPSYNC": outcomes.AppSync, "KEYWARD_CATALOG": catalogFile(t),
	}
	token, err := provider.Token("sample", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	d.actual = outcomes.Actual{Session: token, Issuer: issuer}
	return d
}

func endpoint() string { return *dynamotest.NewClient().Options().BaseEndpoint }

func catalogFile(t *testing.T) string {
	t.Helper()
	text, err := outcomes.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "catalog.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// vault keeps a ring in memory.
type vault struct{ ring []byte }

func (v *vault) Load(context.Context) ([]byte, error) {
	if v.ring == nil {
		return nil, keyring.ErrNone
	}
	return v.ring, nil
}

func (v *vault) Save(_ context.Context, ring []byte) error {
	v.ring = ring
	return nil
}

// signingKeys makes the first signing key, publishes its public half and gives the secret's text.
func (d *deployment) signingKeys() string {
	d.t.Helper()
	kept := &vault{}
	custodian := jwtkey.Custodian{Vault: kept, Keys: d.store, Algorithm: jwtkey.EdDSA, Now: time.Now}
	if _, err := custodian.Ensure(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
	return string(kept.ring)
}

// programs are the bootstraps out of the zips, unpacked once.
var programs = struct {
	sync.Mutex
	zips  string
	paths map[string]string
}{paths: map[string]string{}}

// bootstrap is the program in the zip of a function.
func bootstrap(t *testing.T, name string) string {
	t.Helper()
	programs.Lock()
	defer programs.Unlock()
	if programs.zips == "" {
		programs.zips = emulatortest.Zips(t)
	}
	if path := programs.paths[name]; path != "" {
		return path
	}
	task := filepath.Join(programs.zips, "task", name)
	if err := os.RemoveAll(task); err != nil {
		t.Fatal(err)
	}
	path, err := runtimeapi.Unpack(filepath.Join(programs.zips, name+".zip"), task)
	if err != nil {
		t.Fatal(err)
	}
	programs.paths[name] = path
	return path
}

// function is a function as it is deployed, with what this machine has it use.
func (d *deployment) function(name string) runtimeapi.Function {
	d.t.Helper()
	row, found := httpapi.FunctionOf(name)
	if !found {
		d.t.Fatalf("there is no function %s", name)
	}
	function := d.Function(row, bootstrap(d.t, name))
	for variable, value := range d.more {
		function.Variables[variable] = value
	}
	if name == "replay" {
		function.Variables["KEYWARD_REFUSE_ALL"] = "true"
	}
	return function
}

// start starts a function.
func (d *deployment) start(name string) *runtimeapi.Sandbox {
	d.t.Helper()
	sandbox, err := d.run(d.function(name))
	if err != nil {
		d.t.Fatal(err)
	}
	return sandbox
}

// run starts a program, which is ended with the test.
func (d *deployment) run(program runtimeapi.Function) (*runtimeapi.Sandbox, error) {
	sandbox, err := runtimeapi.Start(d.t.Context(), program)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sandboxes = append(d.sandboxes, sandbox)
	return sandbox, nil
}

var apiKey = regexp.MustCompile(`\bapi_key\\*":\s*\\*"([^"\\]+)`)

// call gives a function an event, and tells what became of it.
func (d *deployment) call(sandbox *runtimeapi.Sandbox, event []byte) string {
	d.t.Helper()
	return d.tell(sandbox.Invoke(d.t.Context(), event))
}

// tell says what a function answered, and remembers the secrets in it.
func (d *deployment) tell(outcome runtimeapi.Outcome) string {
	d.t.Helper()
	if outcome.Error != nil {
		return outcomes.Failed(outcome.Error.Message)
	}
	d.mu.Lock()
	for _, match := range apiKey.FindAllSubmatch(outcome.Payload, -1) {
		d.shown = append(d.shown, string(match[1]))
	}
	d.mu.Unlock()
	told, err := outcomes.Tell(outcome.Payload)
	if err != nil {
		d.t.Error(err)
	}
	return told
}

// event is a sample, for this deployment's table.
func (d *deployment) event(file string) []byte {
	d.t.Helper()
	payload, err := os.ReadFile(filepath.Join(checkout.Root(), "events", file+".json"))
	if err != nil {
		d.t.Fatal(err)
	}
	return outcomes.For(d.Table, payload)
}

// real is a sample with what exists in this deployment.
func (d *deployment) real(file string) []byte { return d.actual.Into(d.event(file)) }

// settle signs the member in and makes a key, through the programs.
func (d *deployment) settle() {
	d.t.Helper()
	signedIn := d.start("authorizer").Invoke(d.t.Context(), d.real("authorizer/rest-admin"))
	var allowed struct{ Context struct{ Organization string } }
	if err := json.Unmarshal(signedIn.Payload, &allowed); err != nil || allowed.Context.Organization == "" {
		d.t.Fatalf("signing in: %s, %v", signedIn.Payload, err)
	}
	d.actual.Organization = allowed.Context.Organization
	d.createKey("{\\\"name\\\": \\\"sample\\\"}")
}

var bodyOf = regexp.MustCompile(`"body": "(\\.|[^"\\])*"`)

// createKey makes the key that real events use from then on. body is JSON inside JSON.
func (d *deployment) createKey(body string) {
	d.t.Helper()
	request := bodyOf.ReplaceAllLiteral(d.real("create/post-keys-generate"), []byte(`"body": "`+body+`"`))
	created := d.start("create").Invoke(d.t.Context(), request)
	var response struct{ Body string }
	var made struct {
		Data struct {
			KeyID  string `json:"key_id"`
			APIKey string `json:"api_key"`
		}
	}
	if err := json.Unmarshal(created.Payload, &response); err != nil {
		d.t.Fatalf("creating a key: %s, %v", created.Payload, err)
	}
	if err := json.Unmarshal([]byte(response.Body), &made); err != nil || made.Data.APIKey == "" {
		d.t.Fatalf("creating a key: %s, %v", created.Payload, err)
	}
	d.actual.Key, d.actual.Secret = made.Data.KeyID, made.Data.APIKey
}

// check holds all that the functions wrote to having no secret in it, and all that they asked of Secrets Manager to being
// signed and allowed.
func (d *deployment) check() {
	for _, refused := range d.secrets.Refused() {
		d.t.Errorf("Secrets Manager refused: %s", refused)
	}
	for _, sandbox := range d.sandboxes {
		sandbox.Close()
		for _, line := range sandbox.Log() {
			d.holdsNoSecret(line)
		}
	}
}

func (d *deployment) holdsNoSecret(line string) {
	d.t.Helper()
	hidden := append([]string{
		pepper, d.actual.Session, d.actual.Secret, outcomes.MadeUpSecret, rows.Credentials.SecretAccessKey, rows.Credentials.SessionToken,
	}, d.shown...)
	for _, private := range privateParts.FindAllStringSubmatch(d.secrets.Value(signingARN), -1) {
		hidden = append(hidden, private[1])
	}
	for _, secret := range hidden {
		if secret != "" && strings.Contains(line, secret) {
			d.t.Errorf("a function wrote a secret: %s", line)
		}
	}
}

// privateParts are the long texts of the signing keys' secret.
var privateParts = regexp.MustCompile(`"([A-Za-z0-9_+/=-]{40,})"`)
