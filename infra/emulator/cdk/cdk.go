// Package cdk drives the CDK CLI that `make tools` installs: what deploys to the emulator deploys to AWS.
package cdk

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// CLI is the CDK CLI, for one account and region.
type CLI struct {
	// Root is the repository's; the CLI runs there.
	Root string
	// Dir is where it keeps what it writes.
	Dir string
	// Env is its environment: where AWS is, and who asks.
	Env []string
}

// Outputs are those of stacks, by the stack's name and the output's.
type Outputs map[string]map[string]string

// Deploy deploys stacks of the app, a program, with these context values, and gives their outputs.
func (c CLI) Deploy(ctx context.Context, app string, values map[string]string, stacks ...string) (Outputs, error) {
	file := filepath.Join(c.Dir, "outputs.json")
	if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	arguments := append([]string{"deploy", "--app", app, "--require-approval", "never", "--outputs-file", file}, Context(values)...)
	if _, err := c.CDK(ctx, append(arguments, stacks...)...); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the stacks' outputs: %w", err)
	}
	outputs := Outputs{}
	if err := json.Unmarshal(data, &outputs); err != nil {
		return nil, fmt.Errorf("reading the stacks' outputs: %w", err)
	}
	return outputs, nil
}

// Destroy removes stacks of the app.
func (c CLI) Destroy(ctx context.Context, app string, values map[string]string, stacks ...string) error {
	arguments := append([]string{"destroy", "--app", app, "--force"}, Context(values)...)
	_, err := c.CDK(ctx, append(arguments, stacks...)...)
	return err
}

// CDK runs the CLI in the repository's root, and gives what it wrote.
func (c CLI) CDK(ctx context.Context, arguments ...string) (string, error) {
	return c.Run(ctx, c.Root, append(arguments, "--output", filepath.Join(c.Dir, "cdk.out"))...)
}

// Run runs the CLI in a folder, and gives what it wrote.
func (c CLI) Run(ctx context.Context, folder string, arguments ...string) (string, error) {
	program := filepath.Join(c.Root, ".tools", "cdk", "node_modules", ".bin", "cdk")
	command := exec.CommandContext(ctx, program, append(arguments, "--no-notices")...)
	command.Dir = folder
	command.Env = append(slices.Clone(c.Env), "CDK_DISABLE_CLI_TELEMETRY=true", "CI=true")
	var written bytes.Buffer
	command.Stdout, command.Stderr = &written, &written
	if err := command.Run(); err != nil {
		return written.String(), fmt.Errorf("cdk %s: %w; it wrote:\n%s", arguments[0], err, written.String())
	}
	return written.String(), nil
}

// Context are context values as arguments of the CLI.
func Context(values map[string]string) []string {
	var arguments []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		arguments = append(arguments, "--context", name+"="+values[name])
	}
	return arguments
}
