package ondynamo

import (
	"testing"

	"github.com/keyward/keyward/infra/acceptance"
	"github.com/keyward/keyward/infra/local/house/housetest"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/dynamotest"
)

func TestMain(m *testing.M) { dynamotest.Main(m) }

// The house on DynamoDB keeps the whole contract. No transaction but a create's names a hot record: dynamotest.Wrap
// fails the test otherwise.
func TestHouse_keepsTheContractOnDynamoDB(t *testing.T) {
	client := dynamotest.Wrap(t, dynamotest.NewClient(), nil)
	acceptance.Run(t, housetest.Open(t, dynamo.New(client, dynamotest.NewTable(t))))
}
