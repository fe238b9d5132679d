package protect_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

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
