// Package stack describes keyward on AWS: the Data stack, which holds what must not be lost, and the Service
// stack, which can be thrown away and made again. What they contain is read from the tables in shared/httpapi
// and shared/dynamo, so that the deployment and the code cannot disagree.
package stack

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// features are the CDK behaviours that we rely on. They are here and not in cdk.json because cdk.json is read by
// the CDK CLI alone, and a template must not depend on who synthesizes it.
var features = map[string]any{
	// A changed authorizer makes a new deployment; otherwise the stage would go on with the old one.
	"@aws-cdk/aws-apigateway:authorizerChangeDeploymentLogicalId": true,
	// The Data stack refuses to give up what the Service stack uses.
	"@aws-cdk/core:defaultCrossStackReferences": "strong",
}

// NewApp makes an empty app that writes its templates to folder or, where the CDK CLI runs it, where the CLI wants
// them.
func NewApp(folder string) awscdk.App {
	props := &awscdk.AppProps{AnalyticsReporting: jsii.Bool(false), Context: &features}
	if os.Getenv("CDK_OUTDIR") == "" {
		props.Outdir = &folder
	}
	return awscdk.NewApp(props)
}

// Context reads app's context values as text; empty for one that is not set.
func Context(app awscdk.App) func(name string) string {
	return func(name string) string {
		switch value := app.Node().TryGetContext(&name).(type) {
		case nil:
			return ""
		case float64: // a number of cdk.json
			return strconv.FormatFloat(value, 'f', -1, 64)
		default:
			return fmt.Sprint(value)
		}
	}
}

// ContextNames are the names of all of app's context values, the CDK's own among them.
func ContextNames(app awscdk.App) []string {
	all, _ := app.Node().GetAllContext(nil).(map[string]any)
	return slices.Collect(maps.Keys(all))
}

// Build adds both stacks to app.
func Build(app awscdk.App, config Config) (*Data, *Service) {
	if config.Environment != "" {
		awscdk.Tags_Of(app).Add(jsii.String("keyward:environment"), &config.Environment, nil)
	}
	data := newData(app, config)
	service := newService(app, config, data)
	acceptDependencies(data.Stack)
	acceptDependencies(service.Stack)
	return data, service
}

// acceptDependencies tells cfn-lint, also the one in the SAM CLI, not to remark that CDK names dependencies that follow from
// references too.
func acceptDependencies(stack awscdk.Stack) {
	stack.TemplateOptions().SetMetadata(&map[string]any{
		"cfn-lint": map[string]any{"config": map[string]any{"ignore_checks": []string{"W3005"}}},
	})
}
