package protect_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/httpapi"
)

// document is docs/protect.md.
func document(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/protect.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Who writes a template by hand deploys the same answers as the construct, to the letter.
func TestDocument_hasTheGatewayResponsesOfTheTable(t *testing.T) {
	text := document(t)
	for _, row := range httpapi.ProtectedResponses() {
		if !slices.Contains([]string{"UNAUTHORIZED", "ACCESS_DENIED", "AUTHORIZER_FAILURE", "AUTHORIZER_CONFIGURATION_ERROR", "INVALID_API_KEY"}, row.Type) {
			continue
		}
		for language, snippet := range map[string]string{"CloudFormation": inYAML(row), "Terraform": inHCL(row)} {
			if !strings.Contains(text, snippet) {
				t.Errorf("docs/protect.md has not, in %s:\n%s", language, snippet)
			}
		}
	}
}

// authorizers are the settings of an authorizer by which limits and revocations hold, by the type of the resource.
var authorizers = map[string][]string{
	"AWS::ApiGateway::Authorizer":   {"Type", "AuthorizerResultTtlInSeconds", "IdentitySource"},
	"AWS::ApiGatewayV2::Authorizer": {"AuthorizerType", "AuthorizerResultTtlInSeconds", "IdentitySource", "AuthorizerPayloadFormatVersion", "EnableSimpleResponses"},
}

// Who writes an authorizer by hand has the construct's: nothing is remembered, and everybody is asked about.
func TestDocument_hasTheAuthorizersOfTheConstructs(t *testing.T) {
	made := map[string]template{"AWS::ApiGateway::Authorizer": synthesize(t, rest(nil)), "AWS::ApiGatewayV2::Authorizer": synthesize(t, httpAPI(nil))}
	documented := resources(t, document(t))
	for kind, settings := range authorizers {
		_, want := made[kind].only(t, kind)
		if len(documented[kind]) != 1 {
			t.Fatalf("docs/protect.md has %d of %s, want 1", len(documented[kind]), kind)
		}
		for _, setting := range settings {
			got, there := documented[kind][0][setting]
			if diff := cmp.Diff(fmt.Sprint(want[setting]), fmt.Sprint(got)); diff != "" || !there {
				t.Errorf("%s: %s (-construct +docs/protect.md)\n%s", kind, setting, diff)
			}
		}
	}
	for kind, property := range map[string]string{"AWS::ApiGateway::Method": "AuthorizationType", "AWS::ApiGatewayV2::Route": "AuthorizationType"} {
		for _, guarded := range documented[kind] {
			if guarded[property] != "CUSTOM" {
				t.Errorf("%s has %s %v", kind, property, guarded[property])
			}
		}
	}
	terraform := section(t, document(t), "## In Terraform", "## ")
	resource := section(t, terraform, `resource "awscc_apigateway_authorizer"`, "\n}")
	if !strings.Contains(resource, "authorizer_result_ttl_in_seconds = 0 ") || regexp.MustCompile(`(?m)^\s*identity_source`).MatchString(resource) {
		t.Errorf("Terraform's authorizer remembers, or asks for a source:\n%s", resource)
	}
	second := section(t, document(t), "In Terraform these are", "## ")
	if !strings.Contains(second, "`authorizer_result_ttl_in_seconds = 0`, no `identity_sources`") {
		t.Errorf("Terraform's authorizer of an HTTP API remembers, or asks for a source:\n%s", second)
	}
}

// resources are those of the document's templates, by their type.
func resources(t *testing.T, text string) map[string][]map[string]any {
	t.Helper()
	found := map[string][]map[string]any{}
	for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(text, -1) {
		var read struct {
			Resources map[string]struct {
				Type       string         `yaml:"Type"`
				Properties map[string]any `yaml:"Properties"`
			} `yaml:"Resources"`
		}
		if err := yaml.Unmarshal([]byte(block[1]), &read); err != nil {
			t.Fatal(err)
		}
		for _, resource := range read.Resources {
			found[resource.Type] = append(found[resource.Type], resource.Properties)
		}
	}
	return found
}

// section is the text from where one begins to where the next one does.
func section(t *testing.T, text, from, to string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, from)
	if !found {
		t.Fatalf("docs/protect.md has no %q", from)
	}
	part, _, _ := strings.Cut(rest, to)
	return from + part
}

func inYAML(row httpapi.GatewayResponse) string {
	var text strings.Builder
	fmt.Fprintf(&text, "      ResponseType: %s\n      StatusCode: \"%d\"\n      ResponseParameters:\n", row.Type, row.Status)
	for _, header := range slices.Sorted(maps.Keys(row.Headers)) {
		fmt.Fprintf(&text, "        gatewayresponse.header.%s: %q\n", header, row.Headers[header])
	}
	fmt.Fprintf(&text, "      ResponseTemplates:\n        application/json: |-\n          %s\n", row.Body)
	return text.String()
}

func inHCL(row httpapi.GatewayResponse) string {
	var text strings.Builder
	fmt.Fprintf(&text, "  response_type = %q\n  status_code   = \"%d\"\n  response_parameters = {\n", row.Type, row.Status)
	for _, header := range slices.Sorted(maps.Keys(row.Headers)) {
		fmt.Fprintf(&text, "    \"gatewayresponse.header.%s\" = %q\n", header, row.Headers[header])
	}
	fmt.Fprintf(&text, "  }\n  response_templates = {\n    \"application/json\" = %q\n  }\n", row.Body)
	return text.String()
}

// The three lines of the document are the three lines of the program that our tests deploy.
func TestDocument_showsTheExample(t *testing.T) {
	source, err := os.ReadFile("example/main.go")
	if err != nil {
		t.Fatal(err)
	}
	program := regexp.MustCompile(`(?m)^\t|, Public: \[\]string\{.*?\}`).ReplaceAllString(string(source), "")
	program = strings.ReplaceAll(program, "authorizer()", `awscdk.Fn_ImportValue(jsii.String("keyward-AuthorizerArn"))`)
	for _, call := range []string{"protect.REST(", "protect.HTTP("} {
		start := strings.Index(document(t), call)
		lines := strings.SplitAfterN(document(t)[start:], "\n", 4)
		if three := strings.Join(lines[:3], ""); !strings.Contains(program, three) {
			t.Errorf("the example has not:\n%s", three)
		}
	}
}
