package aws

import (
	"context"
	"flag"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/acceptance"
	"github.com/keyward/keyward/infra/emulator"
	"github.com/keyward/keyward/infra/emulator/emulatortest"
	"github.com/keyward/keyward/shared/checkout"
)

// real has the throw-away deployment made in the AWS account of the environment, as `make accept-aws` asks for.
var real = flag.Bool("aws", false, "deploy to the AWS account of the environment instead of the emulator")

// The template and the zips that a customer deploys keep the contract, and nothing that was deployed is left afterwards: on the
// emulator with IAM enforced and with its own DynamoDB, or on AWS.
func TestThrowAway_keepsTheContractAndLeavesNothing(t *testing.T) {
	cloud, target, more := onEmulator, emulated, map[string]string{"forbiddenExit": "false"}
	if *real {
		cloud, target, more = onAWS, onlyAWS, nil
	}
	account := cloud(t)
	deployment := Prepare(account, newBuild(t))
	t.Cleanup(func() { removesAll(t, deployment) })
	if err := deployment.Deploy(t.Context(), emulatortest.Operator, more); err != nil {
		t.Fatal(err)
	}
	acceptance.Run(t, target(acceptance.Target{
		URL:      deployment.Admin,
		Sample:   func(environment string) string { return deployment.Sample[environment] },
		Token:    deployment.token,
		Operator: emulatortest.Operator,
	}))
}

func (d *ThrowAway) token(t testing.TB, member string) string {
	t.Helper()
	token, err := d.Provider.Token(member, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func onEmulator(t *testing.T) Cloud { return OnEmulator(emulatortest.Start(t, emulator.Options{})) }

func onAWS(t *testing.T) Cloud {
	cloud, err := OnAWS(checkout.Root(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return cloud
}

// emulated is the target with what is known of the emulator.
func emulated(target acceptance.Target) acceptance.Target {
	target.Gaps, target.Parallel, target.Slow = emulatortest.Gaps, emulatortest.Parallel, true
	return target
}

// onlyAWS is the target as it is: there are no gaps. A new account may run ten functions at once, so groups run one by one.
func onlyAWS(target acceptance.Target) acceptance.Target { return target }

func newBuild(t *testing.T) Build {
	t.Helper()
	issuer := filepath.Join(t.TempDir(), "issuer")
	run(t, "go", "build", "-trimpath", "-o", issuer, "./infra/deployed/aws/issuer")
	built := emulatortest.NewBuild(t)
	build := Build{App: built.App, Issuer: issuer, Functions: built.Functions, Architecture: runtime.GOARCH}
	if *real {
		build.Architecture, build.Functions = "arm64", t.TempDir()
		run(t, "make", "--no-print-directory", "build", "ARCH=arm64", "OUT="+build.Functions)
	}
	return build
}

func run(t *testing.T, name string, arguments ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, arguments...)
	command.Dir = checkout.Root()
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, output)
	}
}

// removesAll removes the deployment, whatever became of it. A second removal finds nothing to do.
func removesAll(t *testing.T, deployment *ThrowAway) {
	ctx := context.Background() // the test's has ended
	made, err := deployment.cloud.Resources(ctx, deployment.name+"-data")
	if err != nil {
		t.Error(err)
	}
	if there, err := deployment.cloud.left(ctx, made); !t.Failed() && (len(there) < 3 || err != nil) {
		t.Errorf("before the removal there are no table and no secrets, but %v, %v: it would show nothing", there, err)
	}
	for range 2 {
		if err := deployment.Remove(ctx); err != nil {
			t.Errorf("%v\nLook for %s in the account.", err, deployment.name)
		}
	}
	left, err := deployment.cloud.left(ctx, made)
	if len(left) > 0 || err != nil {
		t.Errorf("left: %v, %v", left, err)
	}
}
