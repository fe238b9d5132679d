// Package keyward_test tests the architecture: what may import what, and that folders and tables agree.
package keyward_test

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/httpapi"
)

const module = "github.com/keyward/keyward/"

// dependencies are the packages that building pkg needs, standard library included.
func dependencies(t *testing.T, pkg string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "./"+pkg).Output()
	if err != nil {
		t.Fatalf("go list -deps ./%s: %v", pkg, err)
	}
	return strings.Fields(string(out))
}

// The domain can be read, tested and moved without knowing HTTP, Lambda or AWS.
func TestDomainKnowsNoTransportAndNoCloud(t *testing.T) {
	foreign := []string{"net/http", "github.com/aws/", module + "shared/httpapi", module + "shared/dynamo", module + "shared/sqlite", module + "shared/wire"}
	for _, pkg := range []string{"apikey", "audit", "fault", "jwtkey", "org", "policy", "ratelimit"} {
		refuse(t, "shared/"+pkg, foreign)
	}
	stores := []string{"github.com/aws/aws-lambda-go", module + "shared/httpapi", module + "shared/dynamo", module + "shared/sqlite", module + "shared/wire"}
	for _, pkg := range []string{"authorize", "keys", "session", "keyring"} {
		refuse(t, "shared/"+pkg, stores)
	}
}

// What a function's program does not hold can't slow its start, and can't be misused in it.
func TestFunctionsCarryNothingOfTheLaptopAndNoCDK(t *testing.T) {
	foreign := []string{
		"modernc.org/sqlite", module + "shared/sqlite", module + "shared/session/devoidc", module + "shared/policy/catalogfile",
		module + "infra", "github.com/aws/aws-cdk-go", "github.com/goccy/go-yaml", "golang.org/x/text/cases",
		"github.com/aws/aws-sdk-go-v2/config",
	}
	for _, function := range httpapi.Functions {
		unasked := slices.Clone(foreign)
		if !function.Peppers && !function.Signing && !function.Keymaker {
			unasked = append(unasked, "github.com/aws/aws-sdk-go-v2/service/secretsmanager")
		}
		if len(function.Table) == 0 {
			unasked = append(unasked, "github.com/aws/aws-sdk-go-v2/service/dynamodb")
		}
		refuse(t, "functions/"+function.Name, unasked)
	}
}

func TestStoresKnowNothingOfTheWire(t *testing.T) {
	foreign := []string{"github.com/aws/aws-lambda-go", module + "shared/httpapi", module + "shared/wire", module + "shared/keys", module + "shared/policy"}
	for _, pkg := range []string{"dynamo", "sqlite"} {
		refuse(t, "shared/"+pkg, foreign)
	}
}

func TestCDKStaysUnderInfraStack(t *testing.T) {
	refuse(t, "infra/local", []string{"github.com/aws/aws-cdk-go", "github.com/aws/jsii-runtime-go"})
}

func refuse(t *testing.T, pkg string, foreign []string) {
	t.Helper()
	for _, dependency := range dependencies(t, pkg) {
		for _, prefix := range foreign {
			if strings.HasPrefix(dependency, prefix) {
				t.Errorf("%s must not depend on %s", pkg, dependency)
			}
		}
	}
}

// The table of functions is what deploys: a folder without a row would never run, a row without a folder never build.
func TestEveryFunctionFolderHasARowAndEveryRowAFolder(t *testing.T) {
	folders, err := filepath.Glob("functions/*/main.go")
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, folder := range folders {
		have = append(have, filepath.Base(filepath.Dir(folder)))
	}
	rows := map[string]bool{}
	for _, function := range httpapi.Functions {
		rows[function.Name] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(rows)), have); diff != "" {
		t.Errorf("functions/ and httpapi.Functions differ (-rows +folders):\n%s", diff)
	}
}

func TestEveryRouteLeadsToAFunction(t *testing.T) {
	for _, route := range slices.Concat(httpapi.Routes, httpapi.SampleRoutes) {
		if _, found := httpapi.FunctionOf(route.Function); !found {
			t.Errorf("%s %s leads to %s, which is no function", route.Method, route.Path, route.Function)
		}
	}
}

// A main is wiring: it fits on a screen, or something in it belongs elsewhere.
func TestEveryMainFitsOnAScreen(t *testing.T) {
	mains, err := filepath.Glob("functions/*/main.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, main := range mains {
		source, err := os.ReadFile(main)
		if err != nil {
			t.Fatal(err)
		}
		if lines := bytes.Count(source, []byte("\n")); lines > 40 {
			t.Errorf("%s has %d lines; at most 40 fit on a screen", main, lines)
		}
	}
}

// A function asks for exactly the parts that its row allows: more would fail at its first use, for want of a permission.
func TestEveryMainAsksForWhatItsRowAllows(t *testing.T) {
	for _, function := range httpapi.Functions {
		source, err := os.ReadFile(filepath.Join("functions", function.Name, "main.go"))
		if err != nil {
			t.Fatal(err)
		}
		if asks := bytes.Contains(source, []byte("table.Part")); asks != (len(function.Table) > 0) {
			t.Errorf("functions/%s: table.Part is %t, its row says %v", function.Name, asks, function.Table)
		}
		for part, allowed := range map[string]bool{
			"peppers.Part": function.Peppers, "signing.Part": function.Signing, "keymaker.Part": function.Keymaker,
		} {
			if asks := bytes.Contains(source, []byte(part)); asks != allowed {
				t.Errorf("functions/%s: %s is %t, its row says %t", function.Name, part, asks, allowed)
			}
		}
	}
}

// What a deployment can be told is told in one place.
func TestTheEnvironmentIsReadInWireAlone(t *testing.T) {
	for _, root := range []string{"shared", "functions"} {
		err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
			test := strings.HasSuffix(path, "_test.go") || strings.Contains(path, "dynamotest")
			if err != nil || entry.IsDir() || test || !strings.HasSuffix(path, ".go") || strings.HasPrefix(path, "shared/wire/") {
				return err
			}
			source, err := os.ReadFile(path)
			if err == nil && (bytes.Contains(source, []byte("os.Getenv")) || bytes.Contains(source, []byte("os.LookupEnv"))) {
				t.Errorf("%s reads the environment; shared/wire does that", path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
