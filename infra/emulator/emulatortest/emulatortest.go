// Package emulatortest is what the tests of a deployment start with: a build, an emulator, an identity provider.
package emulatortest

import (
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/acceptance"
	"github.com/keyward/keyward/infra/emulator"
	"github.com/keyward/keyward/shared/checkout"
	"github.com/keyward/keyward/shared/session/devoidc"
)

// Build is what a deployment is made of: the CDK app, a program, and the folder of the functions' zips for this machine.
type Build struct{ App, Functions string }

// Built names the folder of a Build that was made before, by `make verify-more` for all of its tests.
const Built = "KEYWARD_BUILT"

// NewBuild makes a Build from the sources as they are, or gives the one that was made before. Several may do so at once:
// each has a folder of its own.
func NewBuild(t testing.TB) Build {
	t.Helper()
	if dir := os.Getenv(Built); dir != "" {
		return Build{App: filepath.Join(dir, "cdk"), Functions: filepath.Join(dir, "functions")}
	}
	dir := t.TempDir()
	b := Build{App: filepath.Join(dir, "cdk"), Functions: filepath.Join(dir, "functions")}
	run(t, "go", "build", "-trimpath", "-o", b.App, "./infra")
	run(t, "make", "--no-print-directory", "build", "ARCH="+runtime.GOARCH, "OUT="+b.Functions)
	return b
}

// Zips is the folder of the functions' zips for this machine alone: built before, or built now into a folder that stays, so that
// the next run finds what has not changed.
func Zips(t testing.TB) string {
	t.Helper()
	if dir := os.Getenv(Built); dir != "" {
		return filepath.Join(dir, "functions")
	}
	dir := filepath.Join(checkout.Root(), "build", "binaries")
	run(t, "make", "--no-print-directory", "build", "ARCH="+runtime.GOARCH, "OUT="+dir)
	return dir
}

// Context are the context values of a deployment of the build that the acceptance suite can test: whose session tokens are
// those of issuer, and where everybody may sign up. more are added.
func (b Build) Context(issuer string, more map[string]string) map[string]string {
	values := map[string]string{
		"architecture": runtime.GOARCH, "build": b.Functions, "issuer": issuer, "audience": devoidc.Audience,
		"signup": "personal", "operators": Operator, "forbiddenExit": "false",
	}
	maps.Copy(values, more)
	return values
}

// Parallel is how many groups of the suite keep the emulator busy.
const Parallel = 6

// Operator is the member who operates those deployments.
const Operator = "operator"

func run(t testing.TB, name string, arguments ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, arguments...)
	command.Dir = checkout.Root()
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, output)
	}
}

// Identities is an identity provider that functions on this machine reach, and its issuer.
func Identities(t testing.TB) (*devoidc.Provider, string) {
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

// Start runs an emulator with a bootstrapped account until the test ends.
func Start(t testing.TB, options emulator.Options) *emulator.Emulator {
	t.Helper()
	emulated, err := emulator.Start(t.Context(), checkout.Root(), t.TempDir(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(emulated.Close)
	if err := emulated.Bootstrap(t.Context()); err != nil {
		t.Fatal(err)
	}
	return emulated
}

// Deploy deploys stacks of the build, and gives their outputs.
func Deploy(t testing.TB, emulated *emulator.Emulator, build Build, values map[string]string, stacks ...string) emulator.Outputs {
	t.Helper()
	outputs, err := emulated.Deploy(t.Context(), build.App, values, stacks...)
	if err != nil {
		t.Fatal(err)
	}
	return outputs
}

// Target is the deployment whose service stack has these outputs.
func Target(emulated *emulator.Emulator, outputs map[string]string, provider *devoidc.Provider) acceptance.Target {
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
		Operator: Operator,
		Gaps:     Gaps,
		Parallel: Parallel,
		Slow:     true,
	}
}

// stageURL is where the emulator answers for https://<api>.execute-api.<region>.amazonaws.com/<stage>/.
func stageURL(emulated *emulator.Emulator, url string) string {
	host, stage, _ := strings.Cut(strings.TrimPrefix(url, "https://"), "/")
	id, _, _ := strings.Cut(host, ".")
	return emulated.API(id, strings.TrimSuffix(stage, "/"))
}

func title(name string) string { return strings.ToUpper(name[:1]) + name[1:] }
