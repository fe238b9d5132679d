package deployed

import (
	"testing"

	"github.com/keyward/keyward/infra/acceptance"
	"github.com/keyward/keyward/infra/emulator"
	"github.com/keyward/keyward/infra/emulator/emulatortest"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/dynamotest"
)

func TestMain(m *testing.M) { dynamotest.Main(m) }

// The template and the zips that a customer deploys keep the contract on DynamoDB Local, which checks expressions as DynamoDB
// does. On the emulator's own DynamoDB, with IAM enforced there too, infra/deployed/aws holds them to it.
func TestDeployment_keepsTheContractOnDynamoDBLocal(t *testing.T) {
	provider, issuer := emulatortest.Identities(t)
	emulated := emulatortest.Start(t, emulator.Options{DynamoDB: *dynamotest.NewClient().Options().BaseEndpoint})
	build := emulatortest.NewBuild(t)
	values := build.Context(issuer, nil)
	data := emulatortest.Deploy(t, emulated, build, values, "keyward-data")["keyward-data"]
	if err := dynamo.CreateTable(t.Context(), dynamotest.NewClient(), data["TableName"]); err != nil { // the emulator has made its own
		t.Fatal(err)
	}
	service := emulatortest.Deploy(t, emulated, build, values, "keyward")["keyward"]
	acceptance.Run(t, emulatortest.Target(emulated, service, provider))
}
