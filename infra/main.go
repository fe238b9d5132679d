// Command infra is keyward's CDK app. The CDK CLI runs it as cdk.json says; without the CLI, `go run ./infra` writes
// the templates to cdk.out. Its context values are the table in README.md.
package main

import (
	"fmt"
	"os"

	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/stack"
)

func main() {
	defer jsii.Close()
	if err := synthesize(); err != nil {
		fmt.Fprintln(os.Stderr, "infra:", err)
		os.Exit(1)
	}
}

func synthesize() error {
	app := stack.NewApp("cdk.out")
	config, err := stack.ReadConfig(stack.Context(app), stack.ContextNames(app)...)
	if err != nil {
		return err
	}
	if err := config.CheckBuild(); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "keyward-functions")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if config, err = config.Pack(folder); err != nil {
		return err
	}
	stack.Build(app, config)
	app.Synth(nil)
	return nil
}
