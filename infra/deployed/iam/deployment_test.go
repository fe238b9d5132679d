package iam

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/events/outcomes"
	"github.com/keyward/keyward/infra/acceptance"
	"github.com/keyward/keyward/infra/emulator"
	"github.com/keyward/keyward/infra/emulator/emulatortest"
	"github.com/keyward/keyward/shared/dynamo"
)

// stackName is the deployment's, which begins the name of each function.
const stackName = "keyward"

// deployment is keyward as it is deployed, seen by its callers and by the account's root.
type deployment struct {
	account
	target acceptance.Target
	client *dynamodb.Client // root's
	table  string
}

func deploy(t *testing.T) *deployment {
	t.Helper()
	provider, issuer := emulatortest.Identities(t)
	emulated := emulatortest.Start(t, emulator.Options{})
	build := emulatortest.NewBuild(t)
	values := build.Context(issuer, map[string]string{
		"cleanupMinutes": "60",          // no run but ours
		"trustedProxies": "127.0.0.0/8", // so that forward-auth may be told of a request by headers
	})
	outputs, err := emulated.Deploy(t.Context(), build.App, values, "--all")
	if err != nil {
		t.Fatal(err)
	}
	d := &deployment{
		account: account{emulated}, target: emulatortest.Target(emulated, outputs[stackName], provider),
		client: dynamodb.NewFromConfig(emulated.Config()), table: outputs[stackName+"-data"]["TableName"],
	}
	d.configure(t, stackName+"-replay", "KEYWARD_REFUSE_ALL", "true") // it does nothing for a deployment that is open, as the others' is
	return d
}

// invoke invokes a function, for this deployment's table.
func (d *deployment) invoke(t testing.TB, function, event string) outcome {
	return d.account.invoke(t, function, string(outcomes.For(d.table, []byte(event))))
}

// store is the table as root has it.
func (d *deployment) store() *dynamo.Store { return dynamo.New(d.client, d.table) }

// function is a function with its role and with the policy that it was deployed with.
type function struct {
	*deployment
	name    string // of its row
	role    string
	log     string // its log group
	granted document
}

func (d *deployment) function(t testing.TB, name string) function {
	t.Helper()
	c := d.configuration(t, stackName+"-"+name)
	role := c.Role[strings.LastIndex(c.Role, "/")+1:]
	return function{d, name, role, c.LoggingConfig.LogGroup, d.policy(t, role)}
}

// restrict gives the function's role that policy, and lets nothing of what its processes know go on.
func (f function) restrict(t testing.TB, policy document) {
	t.Helper()
	f.grant(t, f.role, policy)
	f.restart(t, stackName+"-"+f.name)
}

// restore gives the role its policy back. Nothing is deployed, and no process is ended.
func (f function) restore(t testing.TB) {
	t.Helper()
	f.grant(t, f.role, f.granted)
}

// said is what the function has logged since then.
func (f function) said(t testing.TB, since time.Time) string {
	t.Helper()
	return f.logged(t, f.log, since)
}
