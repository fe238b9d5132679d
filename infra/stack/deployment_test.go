package stack_test

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

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

// deployment is what one set of context values synthesizes to.
type deployment struct {
	data     template
	service  template
	findings []finding
}

type template struct {
	Resources map[string]resource
	Outputs   map[string]output
}

type resource struct {
	Type                string
	Properties          map[string]any
	DeletionPolicy      string
	UpdateReplacePolicy string
	DependsOn           []string
	Metadata            map[string]any
}

type output struct {
	Value  any
	Export struct{ Name any }
}

// finding is what cdk-nag says of a construct.
type finding struct {
	Path  string                `json:"id"`
	Entry struct{ Data string } `json:"entry"`
	fault bool                  // an error or a warning, not a remark about a suppressed one
}

// usual is a deployment with nothing but a first Admin; optional has every option that the usual one has not.
var (
	usual    = sync.OnceValue(func() deployment { return synthesize(map[string]string{"firstAdmin": "ada@example.com"}) })
	optional = sync.OnceValue(func() deployment { return synthesize(everyOption) })
)

var everyOption = map[string]string{
	"stackName":        "other",
	"architecture":     "amd64",
	"issuer":           "https://login.example.com",
	"audience":         "console",
	"firstAdmin":       "ada@example.com",
	"organizationName": "Analytical Engines",
	"trustedProxies":   "10.0.0.0/8,192.0.2.1/32",
	"operators":        "root",
	"brand":            "ae",
	"keyIssuer":        "https://keys.example.com",
	"keyAlgorithm":     "ES256",
	"kms":              "true",
	"cloudWatchRole":   "false",
	"logRetentionDays": "400",
	"cleanupMinutes":   "1",
	"alarmEmail":       "alarms@example.com",
	"logLevel":         "debug",
	"logSample":        "0.1",
	"tracing":          "true",
}

func synthesize(context map[string]string) deployment {
	folder := must(os.MkdirTemp("", "keyward-infra"))
	defer os.RemoveAll(folder)
	config := must(stack.ReadConfig(func(name string) string { return context[name] }))
	config.Build = placeholders(folder)
	app := stack.NewApp(filepath.Join(folder, "cdk.out"))
	data, service := stack.Build(app, config)
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{
		LogIgnores: jsii.Bool(true), Reports: jsii.Bool(false), Verbose: jsii.Bool(false),
	}), nil)
	return deployment{
		data:     read(data.Stack),
		service:  read(service.Stack),
		findings: slices.Concat(findings(data.Stack), findings(service.Stack)),
	}
}

// placeholders are zips with nothing in them, so that nothing has to be built for these tests.
func placeholders(folder string) string {
	for _, row := range httpapi.Functions {
		file := must(os.Create(filepath.Join(folder, row.Name+".zip")))
		archive := zip.NewWriter(file)
		must(archive.Create("bootstrap"))
		if err := archive.Close(); err != nil {
			panic(err)
		}
	}
	return folder
}

func read(from awscdk.Stack) template {
	var t template
	text := must(json.Marshal(assertions.Template_FromStack(from, nil).ToJSON()))
	if err := json.Unmarshal(text, &t); err != nil {
		panic(err)
	}
	return t
}

func findings(of awscdk.Stack) []finding {
	annotations, everywhere := assertions.Annotations_FromStack(of), jsii.String("*")
	anything := assertions.Match_StringLikeRegexp(jsii.String(".*"))
	return slices.Concat(
		said(annotations.FindInfo(everywhere, anything), false),
		said(annotations.FindWarning(everywhere, anything), true),
		said(annotations.FindError(everywhere, anything), true),
	)
}

func said(messages any, fault bool) []finding {
	var findings []finding
	if err := json.Unmarshal(must(json.Marshal(messages)), &findings); err != nil {
		panic(err)
	}
	for i := range findings {
		findings[i].fault = fault
	}
	return findings
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// ids are the logical ids of all resources of a type, sorted.
func (t template) ids(kind string) []string {
	var ids []string
	for id, resource := range t.Resources {
		if resource.Type == kind {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// only is the one resource of a type, and its logical id.
func (t template) only(tb testing.TB, kind string) (string, resource) {
	tb.Helper()
	ids := t.ids(kind)
	if len(ids) != 1 {
		tb.Fatalf("%d resources of type %s, want 1: %v", len(ids), kind, ids)
	}
	return ids[0], t.Resources[ids[0]]
}

// peppers and signingKeys are the two secrets; a deployment names neither, so that their descriptions tell them apart.
func (t template) peppers(tb testing.TB) (string, resource) {
	tb.Helper()
	return t.named(tb, "AWS::SecretsManager::Secret", "Description", "keyward: the ring of peppers that hash secrets")
}

func (t template) signingKeys(tb testing.TB) (string, resource) {
	tb.Helper()
	return t.named(tb, "AWS::SecretsManager::Secret", "Description", "keyward: the keys that sign keys in JWT format")
}

// named is the one resource of a type with that value of a property.
func (t template) named(tb testing.TB, kind, property, value string) (string, resource) {
	tb.Helper()
	for _, id := range t.ids(kind) {
		if t.Resources[id].Properties[property] == value {
			return id, t.Resources[id]
		}
	}
	tb.Fatalf("no %s with %s = %s", kind, property, value)
	return "", resource{}
}

// text writes a value of a template as one string: a reference is ${Id}, an attribute ${Id.Attribute}, and what
// the service stack imports is what the data stack exports.
func (d deployment) text(value any) string {
	switch value := value.(type) {
	case map[string]any:
		for function, argument := range value {
			return d.intrinsic(function, argument)
		}
		return ""
	case string:
		return value
	default:
		return fmt.Sprint(value)
	}
}

func (d deployment) intrinsic(function string, argument any) string {
	switch function {
	case "Ref":
		return "${" + argument.(string) + "}"
	case "Fn::GetAtt":
		pair := argument.([]any)
		return "${" + pair[0].(string) + "." + pair[1].(string) + "}"
	case "Fn::Join":
		var text strings.Builder
		for _, part := range argument.([]any)[1].([]any) {
			text.WriteString(d.text(part))
		}
		return text.String()
	case "Fn::ImportValue":
		for _, output := range d.data.Outputs {
			if output.Export.Name == argument {
				return d.text(output.Value)
			}
		}
	}
	panic(fmt.Sprintf("%s %v is not understood", function, argument))
}

// list is a value that may be nothing, one thing or a list of them.
func list(value any) []any {
	if value == nil {
		return nil
	}
	if many, ok := value.([]any); ok {
		return many
	}
	return []any{value}
}

// at walks into a value by keys and indexes; nil where it ends.
func at(value any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			fields, _ := value.(map[string]any)
			value = fields[step]
		case int:
			items, _ := value.([]any)
			if step >= len(items) {
				return nil
			}
			value = items[step]
		}
	}
	return value
}
