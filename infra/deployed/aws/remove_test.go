package aws

import (
	"testing"

	"github.com/keyward/keyward/infra/emulator/emulatortest"
)

// A deployment that came no further than its identity provider and its data is removed like a whole one.
func TestRemove_leavesNothingOfADeploymentThatFailed(t *testing.T) {
	cloud := onEmulator(t)
	deployment := Prepare(cloud, newBuild(t))
	if err := deployment.Deploy(t.Context(), emulatortest.Operator, map[string]string{"cleanupMinutes": "0"}); err == nil {
		t.Fatal("a deployment that can't be was made")
	}
	deployment.values["cleanupMinutes"] = "5"
	if _, err := cloud.Deploy(t.Context(), deployment.build.App, deployment.values, deployment.name+"-data"); err != nil {
		t.Fatal(err)
	}
	removesAll(t, deployment)
	for _, stack := range []string{deployment.name, deployment.name + "-data", deployment.issuerStack()} {
		if status, err := cloud.status(t.Context(), stack); status != "" || err != nil {
			t.Errorf("%s is %s, %v", stack, status, err)
		}
	}
}
