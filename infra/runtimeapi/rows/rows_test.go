package rows_test

import (
	"archive/zip"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/infra/runtimeapi/rows"
	"github.com/keyward/keyward/infra/stack"
	"github.com/keyward/keyward/shared/httpapi"
)

// TestMain switches off the validation that cfn-lint does for `make synth`, before CDK starts.
func TestMain(m *testing.M) {
	os.Setenv("CDK_VALIDATION", "false")
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// inTemplate is a value that CloudFormation fills in.
const inTemplate = "of another resource"

// deployed is what the template says of one function.
type deployed struct {
	Handler     string
	Timeout     float64
	MemorySize  float64
	Environment struct{ Variables map[string]any }
}

// What is tried in a process here is configured as what is deployed.
func TestAFunctionIsConfiguredAsInTheTemplate(t *testing.T) {
	template := synthesize(t, map[string]string{
		"issuer": "https://id.example", "audience": "console", "firstAdmin": "ada@example.com", "operators": "root", "trustedProxies": "192.0.2.1", "forbiddenExit": "false",
	})
	deployment := rows.Deployment{
		Name: "keyward", Table: inTemplate, Peppers: inTemplate, SigningKeys: inTemplate, KeyAlgorithm: "EdDSA",
		Issuer: "https://id.example", Audience: "console", Signup: "closed", FirstAdmin: "ada@example.com", Operators: "root", TrustedProxies: "192.0.2.1",
	}
	for _, row := range httpapi.Functions {
		got := deployment.Function(row, "bootstrap")
		want := template[got.Name]
		if got.Handler != want.Handler || got.Timeout != time.Duration(want.Timeout)*time.Second || got.MemoryMB != int(want.MemorySize) {
			t.Errorf("%s: %s, %s, %d MB; the template says %s, %g s, %g MB", row.Name, got.Handler, got.Timeout, got.MemoryMB, want.Handler, want.Timeout, want.MemorySize)
		}
		if diff := cmp.Diff(texts(want.Environment.Variables), got.Variables); diff != "" {
			t.Errorf("%s: environment (-template +here):\n%s", row.Name, diff)
		}
	}
}

// texts are the variables, with one text for all that is not a text.
func texts(variables map[string]any) map[string]string {
	all := map[string]string{}
	for name, value := range variables {
		text, literal := value.(string)
		if !literal {
			text = inTemplate
		}
		all[name] = text
	}
	return all
}

// synthesize gives the functions of the service stack's template, by name.
func synthesize(t *testing.T, context map[string]string) map[string]deployed {
	t.Helper()
	config, err := stack.ReadConfig(func(name string) string { return context[name] })
	if err != nil {
		t.Fatal(err)
	}
	config.Build = placeholders(t)
	_, service := stack.Build(stack.NewApp(filepath.Join(t.TempDir(), "cdk.out")), config)
	text, err := json.Marshal(assertions.Template_FromStack(service.Stack, nil).FindResources(jsii.String("AWS::Lambda::Function"), nil))
	if err != nil {
		t.Fatal(err)
	}
	var resources map[string]struct {
		Properties struct {
			FunctionName string
			deployed
		}
	}
	if err := json.Unmarshal(text, &resources); err != nil {
		t.Fatal(err)
	}
	functions := map[string]deployed{}
	for _, resource := range resources {
		functions[resource.Properties.FunctionName] = resource.Properties.deployed
	}
	return functions
}

// placeholders are zips with nothing in them, so that nothing has to be built.
func placeholders(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, row := range httpapi.Functions {
		file, err := os.Create(filepath.Join(folder, row.Name+".zip"))
		if err != nil {
			t.Fatal(err)
		}
		archive := zip.NewWriter(file)
		if _, err := archive.Create("bootstrap"); err != nil {
			t.Fatal(err)
		}
		if err := archive.Close(); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}
