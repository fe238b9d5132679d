package configured

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/keyward/keyward/infra/emulator"
	"github.com/keyward/keyward/infra/emulator/emulatortest"
	"github.com/keyward/keyward/shared/checkout"
)

// operator is somebody in front of a terminal, who takes the emulator for AWS.
type operator struct {
	*emulator.Emulator
	folder string
	build  emulatortest.Build
}

func newOperator(t *testing.T) *operator {
	t.Helper()
	o := &operator{folder: t.TempDir(), build: emulatortest.NewBuild(t)}
	var err error
	if o.Emulator, err = emulator.Start(t.Context(), checkout.Root(), t.TempDir(), emulator.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Close)
	return o
}

// make runs a target of the Makefile with context values and more options of the CDK CLI, and gives what it wrote. Templates go
// into a folder of the test's own, and the zips have been built.
func (o *operator) make(t *testing.T, target, context, options string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "make", "--no-print-directory", "--old-file=build", target,
		"ARCH="+runtime.GOARCH, "OUT="+o.build.Functions, "CONTEXT="+context,
		"ARGS=--output "+filepath.Join(o.folder, "cdk.out")+" "+options)
	command.Dir = checkout.Root()
	command.Env = o.Environment()
	written, err := command.CombinedOutput()
	return string(written), err
}

// must is make where it succeeds.
func (o *operator) must(t *testing.T, target, context, options string) string {
	t.Helper()
	written, err := o.make(t, target, context, options)
	if err != nil {
		t.Fatalf("make %s: %v; it wrote:\n%s\nThe emulator wrote:\n%s", target, err, written, tail(o.Log()))
	}
	return written
}

// deploy deploys and gives the stacks' outputs.
func (o *operator) deploy(t *testing.T, context string) emulator.Outputs {
	t.Helper()
	file := filepath.Join(o.folder, "outputs.json")
	o.must(t, "deploy", context, "--require-approval never --outputs-file "+file)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	outputs := emulator.Outputs{}
	if err := json.Unmarshal(data, &outputs); err != nil {
		t.Fatal(err)
	}
	return outputs
}

// catalog writes the shipped catalog with one text replaced, and gives its path.
func (o *operator) catalog(t *testing.T, from, to string) string {
	t.Helper()
	path := filepath.Join(o.folder, "catalog.yaml")
	if err := os.WriteFile(path, []byte(emulatortest.Catalog(t, from, to)), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func tail(text string) string {
	const enough = 4000
	return text[max(0, len(text)-enough):]
}
