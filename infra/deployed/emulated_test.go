package deployed

import (
	"testing"

	"github.com/keyward/keyward/infra/acceptance"
	"github.com/keyward/keyward/infra/emulator"
	"github.com/keyward/keyward/infra/emulator/emulatortest"
)

// The template and the zips that a customer deploys keep the contract, with IAM enforced.
func TestDeployment_keepsTheContract(t *testing.T) {
	provider, issuer := emulatortest.Identities(t)
	emulated := emulatortest.Start(t, emulator.Options{})
	build := emulatortest.NewBuild(t)
	outputs, err := emulated.Deploy(t.Context(), build.App, build.Context(issuer, nil), "--all")
	if err != nil {
		t.Fatal(err)
	}
	acceptance.Run(t, emulatortest.Target(emulated, outputs["keyward"], provider))
}
