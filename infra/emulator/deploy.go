package emulator

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

// Outputs are those of stacks, by the stack's name and the output's.
type Outputs map[string]map[string]string

// Bootstrap prepares the account for deployments, as `cdk bootstrap` does.
func (e *Emulator) Bootstrap(ctx context.Context) error {
	_, err := e.cdk(ctx, e.dir, "bootstrap", "aws://"+Account+"/"+Region) // where there is no app
	return err
}

// Deploy deploys stacks of the app, a program, with these context values, and gives their outputs.
func (e *Emulator) Deploy(ctx context.Context, app string, values map[string]string, stacks ...string) (Outputs, error) {
	file := filepath.Join(e.dir, "outputs.json")
	if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	arguments := append([]string{"deploy", "--app", app, "--require-approval", "never", "--outputs-file", file}, contextOf(values)...)
	if _, err := e.CDK(ctx, append(arguments, stacks...)...); err != nil {
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
func (e *Emulator) Destroy(ctx context.Context, app string, values map[string]string, stacks ...string) error {
	arguments := append([]string{"destroy", "--app", app, "--force"}, contextOf(values)...)
	_, err := e.CDK(ctx, append(arguments, stacks...)...)
	return err
}

// CDK runs the CDK CLI against the emulator, in the repository's root, and gives what it wrote.
func (e *Emulator) CDK(ctx context.Context, arguments ...string) (string, error) {
	return e.cdk(ctx, e.root, append(arguments, "--output", filepath.Join(e.dir, "cdk.out"))...)
}

func (e *Emulator) cdk(ctx context.Context, dir string, arguments ...string) (string, error) {
	program := filepath.Join(e.root, ".tools", "cdk", "node_modules", ".bin", "cdk")
	command := exec.CommandContext(ctx, program, append(arguments, "--no-notices")...)
	command.Dir = dir
	command.Env = append(os.Environ(),
		"AWS_ENDPOINT_URL="+e.URL, "AWS_ENDPOINT_URL_S3="+e.URL, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"AWS_REGION="+Region, "CDK_DISABLE_CLI_TELEMETRY=true", "CDK_VALIDATION=false", "CI=true")
	var written bytes.Buffer
	command.Stdout, command.Stderr = &written, &written
	if err := command.Run(); err != nil {
		return written.String(), fmt.Errorf("cdk %s: %w; it wrote:\n%s", arguments[0], err, written.String())
	}
	return written.String(), nil
}

func contextOf(values map[string]string) []string {
	var arguments []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		arguments = append(arguments, "--context", name+"="+values[name])
	}
	return arguments
}
