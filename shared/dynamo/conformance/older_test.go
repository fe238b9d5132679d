package conformance

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/dynamotest"
	"github.com/keyward/keyward/shared/fault"
)

// bareTable is a table that has its keys, and neither the index nor TTL.
func bareTable(t *testing.T) string {
	t.Helper()
	name, client := "keyward-bare-"+rand.Text(), dynamotest.NewClient()
	in := &dynamodb.CreateTableInput{TableName: &name, BillingMode: types.BillingModePayPerRequest}
	for attribute, kind := range map[string]types.KeyType{dynamo.Table.PartitionKey: types.KeyTypeHash, dynamo.Table.SortKey: types.KeyTypeRange} {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: &attribute, AttributeType: types.ScalarAttributeTypeS})
		key := types.KeySchemaElement{AttributeName: &attribute, KeyType: kind}
		if kind == types.KeyTypeHash {
			in.KeySchema = append([]types.KeySchemaElement{key}, in.KeySchema...)
		} else {
			in.KeySchema = append(in.KeySchema, key)
		}
	}
	if _, err := client.CreateTable(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: aws.String(name)}); err != nil {
			t.Error(err)
		}
	})
	return name
}

// Correctness waits for neither the index nor TTL: on a table that was made, or restored, without them, keys are made, used,
// changed and ended as ever. Only cleanup finds nothing, and says that it can't.
func TestATableWithoutIndexAndTTLServesAllTheSame(t *testing.T) {
	t.Parallel()
	table := bareTable(t)
	f := &fixture{T: t, table: table, client: dynamotest.Wrap(t, dynamotest.NewClient(), nil)}
	f.store = f.another()
	f.store.Now = func() time.Time { return noon }
	f.must(f.store.Found(t.Context(), tenant(account), first(account), f.entry(audit.OrganizationCreated)))
	for name, e := range edits {
		key := f.createOnce(e.from)
		_, err := f.store.Change(t.Context(), f.change(key, e.edit, e.exclusive))
		f.must(err)
		now := f.key(key.ID)
		spend := spendOf(now, noon)
		spend.Rules = now.RulesID
		outcome, err := f.store.Spend(t.Context(), spend)
		if err != nil || outcome.Spent == (now.StatusAt(noon) != apikey.Active) {
			t.Errorf("%s: spend of a key that is %s: %+v, %v", name, now.StatusAt(noon), outcome, err)
		}
		f.wantItemsAgree(now)
	}
	if due, err := f.store.Due(t.Context(), apikey.DueRequest{Now: noon, Limit: 10}); !errors.Is(err, fault.Unavailable) {
		t.Errorf("cleanup finds %v, %v; want an outage", due, err)
	}
}
