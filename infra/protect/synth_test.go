package protect_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
)

// TestMain switches off the validation that `make synth` does, before CDK starts.
func TestMain(m *testing.M) {
	os.Setenv("CDK_VALIDATION", "false")
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// template is what a stack synthesizes to.
type template struct {
	Resources map[string]struct {
		Type       string
		Properties map[string]any
		DependsOn  []string
	}
}

// arn is what a customer knows of keyward.
const arn = "arn:aws:lambda:us-east-1:111111111111:function:keyward-authorizer"

// synthesize gives the template of a customer's stack that build fills.
func synthesize(t *testing.T, build func(stack awscdk.Stack)) template {
	t.Helper()
	result, problems := try(t, build)
	if problems != "" {
		t.Fatalf("the stack does not synthesize: %s", problems)
	}
	return result
}

// try synthesizes; where that fails it says with which words.
func try(t *testing.T, build func(stack awscdk.Stack)) (result template, problems string) {
	t.Helper()
	defer func() {
		if failure := recover(); failure != nil {
			problems = fmt.Sprint(failure)
		}
	}()
	folder := t.TempDir()
	stack := awscdk.NewStack(awscdk.NewApp(&awscdk.AppProps{Outdir: &folder, AnalyticsReporting: jsii.Bool(false)}), jsii.String("theirs"), nil)
	build(stack)
	text, err := json.Marshal(assertions.Template_FromStack(stack, nil).ToJSON())
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &result); err != nil {
		t.Fatal(err)
	}
	return result, ""
}

// all are the resources of a type, by their logical id.
func (tm template) all(kind string) map[string]map[string]any {
	found := map[string]map[string]any{}
	for id, resource := range tm.Resources {
		if resource.Type == kind {
			found[id] = resource.Properties
		}
	}
	return found
}

// only is the one resource of a type.
func (tm template) only(t *testing.T, kind string) (string, map[string]any) {
	t.Helper()
	found := tm.all(kind)
	if len(found) != 1 {
		t.Fatalf("%d resources of type %s, want 1", len(found), kind)
	}
	for id, properties := range found {
		return id, properties
	}
	return "", nil
}

// text writes a value as one string, a reference as ${Id}.
func text(value any) string {
	fields, ok := value.(map[string]any)
	switch {
	case !ok:
		return fmt.Sprint(value)
	case fields["Ref"] != nil:
		return "${" + fields["Ref"].(string) + "}"
	case fields["Fn::Join"] != nil:
		parts := fields["Fn::Join"].([]any)[1].([]any)
		texts := make([]string, len(parts))
		for i, part := range parts {
			texts[i] = text(part)
		}
		return strings.Join(texts, "")
	default:
		return fmt.Sprint(value)
	}
}

// permissionOf is the one permission on keyward's function.
func (tm template) permissionOf(t *testing.T, function string) map[string]any {
	t.Helper()
	var found []map[string]any
	for _, properties := range tm.all("AWS::Lambda::Permission") {
		if text(properties["FunctionName"]) == function {
			found = append(found, properties)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d permissions on %s, want 1: %v", len(found), function, found)
	}
	return found[0]
}

// mayCall are the exact properties of the permission that admits this authorizer and nothing else.
func mayCall(api, authorizer string) map[string]any {
	return map[string]any{
		"Action": "lambda:InvokeFunction", "FunctionName": arn, "Principal": "apigateway.amazonaws.com",
		"SourceArn": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${" + api + "}/authorizers/${" + authorizer + "}",
	}
}

const invocation = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/" + arn + "/invocations"

// flat is properties with the values that refer to something written as text.
func flat(properties map[string]any) map[string]any {
	to := map[string]any{}
	for name, value := range properties {
		if _, refers := value.(map[string]any); refers {
			value = text(value)
		}
		to[name] = value
	}
	return to
}

func without(properties map[string]any, names ...string) map[string]any {
	to := map[string]any{}
	for name, value := range flat(properties) {
		if !slices.Contains(names, name) {
			to[name] = value
		}
	}
	return to
}
