package deployed

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/acceptance"
	"github.com/keyward/keyward/infra/emulator"
	"github.com/keyward/keyward/shared/session/devoidc"
)

// root is the repository's.
var root = must(filepath.Abs("../.."))

// build is what a deployment is made of: the CDK app, and the functions' zips for this machine.
type build struct{ app, functions string }

// built makes a build, once for all tests.
func built(t *testing.T) build {
	t.Helper()
	b := build{app: filepath.Join(root, "build", "cdk"), functions: filepath.Join(root, "build", "emulated")}
	run(t, "go", "build", "-trimpath", "-o", b.app, "./infra")
	run(t, "make", "--no-print-directory", "build", "ARCH=amd64", "OUT="+b.functions)
	return b
}

func run(t *testing.T, name string, arguments ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, arguments...)
	command.Dir = root
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, output)
	}
}

// identities is an identity provider that functions on this machine reach.
func identities(t *testing.T) (*devoidc.Provider, string) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	issuer := "http://" + server.Listener.Addr().String()
	provider, err := devoidc.OpenAt(t.TempDir(), issuer)
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = provider.Handler()
	server.Start()
	t.Cleanup(server.Close)
	return provider, issuer
}

func start(t *testing.T, options emulator.Options) *emulator.Emulator {
	t.Helper()
	emulated, err := emulator.Start(t.Context(), root, t.TempDir(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(emulated.Close)
	if err := emulated.Bootstrap(t.Context()); err != nil {
		t.Fatal(err)
	}
	return emulated
}

// target is the deployment whose stacks have these outputs.
func target(emulated *emulator.Emulator, outputs map[string]string, provider *devoidc.Provider) acceptance.Target {
	return acceptance.Target{
		URL:    stageURL(emulated, outputs["AdminApiUrl"]),
		Sample: func(environment string) string { return stageURL(emulated, outputs["SampleUrl"+title(environment)]) },
		Token: func(t testing.TB, member string) string {
			t.Helper()
			token, err := provider.Token(member, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			return token
		},
		Operator: "operator",
	}
}

// stageURL is where the emulator answers for https://<api>.execute-api.<region>.amazonaws.com/<stage>/.
func stageURL(emulated *emulator.Emulator, url string) string {
	host, stage, _ := strings.Cut(strings.TrimPrefix(url, "https://"), "/")
	id, _, _ := strings.Cut(host, ".")
	return emulated.API(id, strings.TrimSuffix(stage, "/"))
}

func title(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

func must[V any](value V, err error) V {
	if err != nil {
		panic(err)
	}
	return value
}

// The template and the zips that a customer deploys keep the contract, with IAM enforced.
func TestDeployment_keepsTheContract(t *testing.T) {
	provider, issuer := identities(t)
	emulated := start(t, emulator.Options{})
	b := built(t)
	outputs, err := emulated.Deploy(t.Context(), b.app, map[string]string{
		"architecture": "amd64", "build": b.functions, "issuer": issuer, "audience": devoidc.Audience, "signup": "personal",
		"operators": "operator", "forbiddenExit": "false",
	}, "--all")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(b.functions); err != nil {
		t.Fatal(err)
	}
	acceptance.Run(t, target(emulated, outputs["keyward"], provider))
}
